package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
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
	connections map[origin]*connection
	tls         *tls.Config
	cancel      context.CancelFunc
	ctx         context.Context
	running     sync.WaitGroup
}

// connection is a connection of a client.
type connection struct {
	client   *h1.Client
	place    string
	security *encryption // nil if there is none
}

// origin is what a connection is for.
type origin struct {
	address  string // host and port
	isSecure bool
}

// originOf is that of a URL.
func originOf(u *url.URL) origin {
	o, port := origin{u.Host, u.Scheme == "https"}, ":80"
	if o.isSecure {
		port = ":443"
	}
	if u.Port() == "" {
		o.address = strings.TrimSuffix(u.Host, ":") + port
	}
	return o
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

func newDialer(g *getCommand) (*dialer, error) {
	config, err := g.tlsConfig()
	if err != nil {
		return nil, err
	}
	d := &dialer{unix: g.Unix, timeout: g.Timeout, connections: map[origin]*connection{}, tls: config}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d, nil
}

// get is a connection to an origin: the one that was used before, if it still
// takes requests, or else a new one.
func (d *dialer) get(o origin) (conn *connection, isUsed bool, err error) {
	if conn := d.connections[o]; conn != nil && conn.client.Err() == nil {
		return conn, true, nil
	}
	conn = &connection{place: o.address}
	f, err := d.dial(conn, o)
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
	d.connections[o] = conn
	return conn, false, nil
}

// dial opens the flow of a connection.
func (d *dialer) dial(conn *connection, o origin) (flow.Flow, error) {
	ctx, cancel := context.WithTimeout(d.ctx, d.timeout)
	defer cancel()
	f, err := d.dialBelow(ctx, conn, o)
	if err != nil || !o.isSecure {
		return f, err
	}
	return d.secure(ctx, conn, f, o)
}

// dialBelow opens the flow that may be encrypted.
func (d *dialer) dialBelow(ctx context.Context, conn *connection, o origin) (flow.Flow, error) {
	if d.unix != "" {
		conn.place = "the Unix socket " + d.unix
		return either(unix.Dial(ctx, d.unix))
	}
	return either(tcp.Dial(ctx, o.address))
}

// either is f, or no flow at all.
func either[F flow.Flow](f F, err error) (flow.Flow, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
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
