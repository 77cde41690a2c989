package specht

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/tcp"
	flowtls "github.com/specht-http/specht/flow/tls"
	"github.com/specht-http/specht/flow/unix"
)

// Address is where a connection goes. Requests of the same Address share
// connections.
type Address struct {
	Scheme string // http or https
	Host   string // a name in lower case, or an IP address without brackets
	Port   string // a number
	Unix   string // the path of a Unix socket to connect to, whatever Host and Port are; empty for none
}

// HostPort is host:port, with brackets where they have to be.
func (a Address) HostPort() string { return net.JoinHostPort(a.Host, a.Port) }

// String is the address for people to read.
func (a Address) String() string {
	if a.Unix != "" {
		return a.Scheme + "://" + a.HostPort() + " by the Unix socket " + a.Unix
	}
	return a.Scheme + "://" + a.HostPort()
}

const dialTimeoutDefault = 30 * time.Second

// Dial is what Client.Dial is if it is nil: a flow over TCP, or the Unix socket
// of a.
func Dial(ctx context.Context, a Address) (flow.Flow, error) {
	if a.Unix != "" {
		return dialed(unix.Dial(ctx, a.Unix))
	}
	return dialed(tcp.Dial(ctx, a.HostPort()))
}

// dialed is f as a flow.Flow, which a nil pointer isn't.
func dialed[F flow.Flow](f F, err error) (flow.Flow, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

// open opens a flow to a, encrypted if it has to be, until ctx is done, or the
// client is closed.
func (c *Client) open(ctx context.Context, a Address) (flow.Flow, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(c.ctx, func() { cancel(context.Cause(c.ctx)) })()
	if most := c.dialTimeout(); most > 0 {
		late := fmt.Errorf("specht: connecting has taken longer than %v (Client.DialTimeout): %w", most, context.DeadlineExceeded)
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, most, late)
		defer stop()
	}
	f, err := c.dial(ctx, a)
	if err == nil {
		f, err = c.secured(f, a)
	}
	if err == nil {
		err = handshake(ctx, f)
	}
	if ctx.Err() != nil {
		if err == nil {
			_ = f.Close() // too late
		}
		return nil, context.Cause(ctx)
	}
	return f, err
}

func (c *Client) dialTimeout() time.Duration {
	if c.DialTimeout == 0 {
		return dialTimeoutDefault
	}
	return c.DialTimeout
}

func (c *Client) dial(ctx context.Context, a Address) (flow.Flow, error) {
	if c.Dial == nil {
		return Dial(ctx, a)
	}
	f, err := c.Dial(ctx, a)
	if err == nil && f == nil {
		err = errors.New("specht: Client.Dial gave neither a flow nor an error")
	}
	return f, err
}

// secured is f, encrypted if a is for https and it isn't yet.
func (c *Client) secured(f flow.Flow, a Address) (flow.Flow, error) {
	if _, is := f.(flow.Secured); is || a.Scheme != "https" {
		return f, nil
	}
	config := c.TLS.Clone()
	if config == nil {
		config = new(tls.Config)
	}
	if config.ServerName == "" {
		config.ServerName, _, _ = strings.Cut(a.Host, "%") // without the zone of an IPv6 address
	}
	config.NextProtos = c.engines.Protocols(c.Version)
	return flowtls.Client(f, config), nil
}

// handshake opens f, if it has to be opened, until ctx is done. With an error f
// is closed.
func handshake(ctx context.Context, f flow.Flow) error {
	o, ok := f.(flow.Opener)
	if !ok {
		return nil
	}
	cut := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { reset(f); close(cut) })
	err := o.Open()
	if !stop() {
		<-cut
		return context.Cause(ctx)
	}
	if err != nil {
		_ = f.Close() // it is of no use
	}
	return err
}

// reset closes f without waiting for its peer.
func reset(f flow.Flow) {
	if r, ok := f.(flow.Resetter); ok {
		r.Reset()
		return
	}
	_ = f.Close() // nobody is left to be told
}
