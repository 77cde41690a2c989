package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/flow/unix"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
)

// dialer keeps a connection to each address.
type dialer struct {
	unix        string // connects there, whatever the address
	timeout     time.Duration
	connections map[string]*connection
	cancel      context.CancelFunc
	ctx         context.Context
	running     sync.WaitGroup
}

// connection is a connection of a client.
type connection struct {
	client *h1.Client
	place  string
}

// connectError is a place that can't be connected to.
type connectError struct {
	place string
	err   error
}

func (e *connectError) Error() string {
	cause := e.err
	var op *net.OpError
	var lookup *net.DNSError
	switch { // each names the place again
	case errors.As(e.err, &lookup) && lookup.IsNotFound:
		cause = errors.New("there is no host of that name")
	case errors.As(e.err, &op):
		cause = op.Err
	}
	return fmt.Sprintf("can't connect to %s: %v", e.place, cause)
}
func (e *connectError) Unwrap() error { return e.err }

func newDialer(g *getCommand) *dialer {
	d := &dialer{unix: g.Unix, timeout: g.Timeout, connections: map[string]*connection{}}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// get is a connection to an address: the one that was used before, if it still
// takes requests, or else a new one.
func (d *dialer) get(address string) (conn *connection, isUsed bool, err error) {
	if conn := d.connections[address]; conn != nil && conn.client.Err() == nil {
		return conn, true, nil
	}
	conn = &connection{place: address}
	f, err := d.dial(conn, address)
	if err != nil {
		return nil, false, &connectError{conn.place, err}
	}
	ready := make(chan struct{})
	conn.client = h1.NewClient(h1.ClientOptions{HeadNs: int64(d.timeout), OnReady: func(*h1.Client) { close(ready) }})
	d.running.Add(1)
	go func() {
		defer d.running.Done()
		_ = loop.Run(d.ctx, f, conn.client, loop.Options{}) // whoever waits for a response is told
	}()
	<-ready
	d.connections[address] = conn
	return conn, false, nil
}

// dial opens the flow of a connection.
func (d *dialer) dial(conn *connection, address string) (flow.Flow, error) {
	ctx, cancel := context.WithTimeout(d.ctx, d.timeout)
	defer cancel()
	if d.unix != "" {
		conn.place = "the Unix socket " + d.unix
		return unix.Dial(ctx, d.unix)
	}
	return tcp.Dial(ctx, address)
}

// about tells of a connection.
func (c *connection) about(isUsed bool) string {
	if isUsed {
		return "connected to " + c.place + " already"
	}
	return "connected to " + c.place
}

// close closes all connections.
func (d *dialer) close() {
	d.cancel()
	d.running.Wait()
}
