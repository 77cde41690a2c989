package specht

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/loop"
)

// Client sends requests, over connections that it keeps and shares. The zero
// value is good. Its fields aren't changed, and it isn't copied, once it is
// used. Any goroutine may call its methods, but no callback of a request.
//
//	Do ── a connection of the pool, or a new one ── the exchange ── Response
//	 │    └ waits if there are too many             └ once more, where it may be
//	 └─── the same for each redirect that is followed
//
// It has to be closed in the end.
type Client struct {
	// Dial opens the flow of a new connection, until ctx is done; nil for TCP,
	// or the Unix socket of the address. Where the scheme is https, and the
	// flow isn't flow.Secured, it is encrypted by TLS: so Dial may do that by
	// another library, and can't send in clear what is to be encrypted.
	Dial func(ctx context.Context, a Address) (flow.Flow, error)
	// TLS is the configuration for https; nil for that of crypto/tls. It is
	// cloned for each connection; ServerName is the host's if it is empty.
	// NextProtos are the protocols that are offered, the most wanted first; all
	// that there are engines for if it has none.
	TLS *tls.Config
	// Version is the version of HTTP that requests are sent by. Any is what the
	// ends agree on by ALPN, and HTTP/1.1 over a flow in clear; HTTP/2 is spoken
	// without asking over that (RFC 9113, Section 3.3).
	Version alpn.Wanted
	// HTTP1 are limits, times and callbacks of HTTP/1.1: among them HeadNs, how
	// long the head of a response may take, and DiscardOctets, how much of a
	// response is thrown away to keep its connection. Its OnReady, WaitingMax
	// and PipelinedMax are the Client's to fill in.
	HTTP1 h1.ClientOptions
	// HTTP2 are those of HTTP/2: among them StreamsMax, how many requests share a
	// connection. Its Scheme, Executor, OnReady, OnSettings, OnGoAway, OnPush and
	// WaitingMax are the Client's to fill in: pushed responses it doesn't take.
	HTTP2 h2.ClientOptions
	// Loop are limits and buffers of the driver. Its OnOpenError isn't used.
	Loop loop.Options

	// DialTimeout is how long a connection may take to open, with the handshake
	// of TLS; 0 for 30 s, negative for as long as the context of the request.
	DialTimeout time.Duration
	// ConnectionsPerHostMax is how many connections one Address has, those that
	// are being opened too; 0 for 64, negative for no limit. Connections that
	// have left HTTP don't count.
	ConnectionsPerHostMax int
	// SharedPerHostMax is how many of these may be connections of HTTP/2, each of
	// which carries as many requests as its server lets; 0 for 1, as RFC 9113,
	// Section 9.1, wants it: more requests wait. Negative for no limit. One that
	// takes no further requests doesn't count.
	SharedPerHostMax int
	// ConnectionsMax is how many there are of all together; 0 for 1,000. At the limit an
	// idle one to another place is closed, that which has been longest.
	ConnectionsMax int
	// WaitingPerHostMax is how many requests may wait for a connection to one
	// Address; 0 for 10,000, negative for no limit. They have it in the order in
	// which they came, and one more is refused with a LimitError.
	WaitingPerHostMax int
	// IdleMax is how many idle connections are kept; 0 for 100, negative for no
	// limit.
	IdleMax int
	// IdleTimeout is how long one is kept; 0 for 60 s, negative for ever.
	IdleTimeout time.Duration

	// RedirectsMax is how many redirects a request follows (RFC 9110, Section
	// 15.4); 0 for none: then a redirect is a response like any other.
	RedirectsMax int
	// RedirectsToClear lets a redirect lead from https to http.
	RedirectsToClear bool

	once    sync.Once
	err     error // what is wrong with the fields
	pool    pool
	engines alpn.Client[carrier]
	loop    loop.Options
	ctx     context.Context // of all connections
	cancel  context.CancelCauseFunc
}

// ErrClientClosed is what requests fail with when their Client is closed.
var ErrClientClosed = errors.New("specht: the client is closed")

// Get asks for a URL. The response has to be closed.
func (c *Client) Get(ctx context.Context, url string) (*Response, error) {
	return c.Do(ctx, &Request{URL: url})
}

// Do sends a request and waits for the head of its final response, which has
// to be closed. ctx ends the exchange at whatever stage it is, until then.
//
// A request whose connection had been kept, and was closed meanwhile, is sent
// again, on another one, if it can't have had an effect, or its method is
// idempotent (RFC 9110, Section 9.2.2), and its content can be had again.
//
// An error is a *ClientError, which says where it happened. What is wrong with
// the request is there a *message.RequestError, *message.FieldError or
// *message.LengthError; without an answer it is a *message.UnansweredError.
func (c *Client) Do(ctx context.Context, r *Request) (*Response, error) {
	q, err := newQuery(r)
	if err == nil {
		err = c.start()
	}
	if err != nil {
		r.discard()
		return nil, &ClientError{Method: r.method(), URL: r.URL, Stage: StagePreparing, Err: err}
	}
	defer q.content.discard()
	for followed := 0; ; followed++ {
		response, err := c.fetch(ctx, q)
		if err != nil {
			return nil, err
		}
		isFollowed, err := c.redirect(q, response, followed)
		if err != nil {
			err = &ClientError{q.head.Method, response.URL, response.Peer, StageRedirecting, err}
		}
		if err == nil && !isFollowed {
			return response, nil
		}
		_ = response.Close() // it is of no use
		if err != nil {
			return nil, err
		}
	}
}

// CloseIdle closes the connections that no request uses.
func (c *Client) CloseIdle() {
	if c.start() == nil {
		c.pool.evict(func(*clientConn) bool { return true })
	}
}

// Close ends the client at once: what is under way fails with ErrClientClosed.
// It waits until all connections have been closed. Those that have left HTTP
// are their holders'. It is idempotent.
func (c *Client) Close() error {
	if c.start() != nil {
		return nil
	}
	c.cancel(ErrClientClosed)
	c.pool.close()
	return nil
}

// Stats says what there is at the moment.
func (c *Client) Stats() ClientStats {
	if c.start() != nil {
		return ClientStats{}
	}
	return c.pool.stats()
}

// ClientStats is what a Client has.
type ClientStats struct {
	Connections int // those that are being opened too
	Idle        int // of them, without a request
	Waiting     int // requests that wait for a connection
}

// start prepares the client, once, and says what is wrong with its fields.
func (c *Client) start() error {
	c.once.Do(func() {
		if c.err = c.check(); c.err != nil {
			return
		}
		c.ctx, c.cancel = context.WithCancelCause(context.Background())
		c.loop = c.Loop
		if c.loop.Pool == nil {
			c.loop.Pool = loop.NewPool(0) // of all connections
		}
		c.pool.limits = poolLimits{
			perHost: limit(c.ConnectionsPerHostMax, 64), shared: limit(c.SharedPerHostMax, 1), all: limit(c.ConnectionsMax, 1000),
			waiting: limit(c.WaitingPerHostMax, 10_000), idle: limit(c.IdleMax, 100),
		}
		c.pool.mayShare = c.mayShare
	})
	return c.err
}

// limit is a limit that is n: 0 for its default, negative for none.
func limit(n, byDefault int) int {
	switch {
	case n == 0:
		return byDefault
	case n < 0:
		return int(^uint(0) >> 1)
	}
	return n
}

// mayShare says whether connections to a may carry many requests at once, before
// one of them is known.
func (c *Client) mayShare(a Address) bool {
	return c.Version == alpn.WantHTTP2 || a.Scheme == "https" && slices.Contains(c.engines.Protocols(c.Version), alpn.HTTP2)
}

// check says what is wrong with the fields, and makes the table of engines.
func (c *Client) check() error {
	wrong := func(field, why string) error { return fmt.Errorf("specht: Client.%s: %s", field, why) }
	o, o2 := c.HTTP1, c.HTTP2
	switch {
	case c.Version > alpn.WantHTTP2:
		return wrong("Version", "it is no version of HTTP")
	case o.OnReady != nil || o.WaitingMax != 0 || o.PipelinedMax != 0:
		return wrong("HTTP1", "OnReady, WaitingMax and PipelinedMax are the client's: leave them out")
	case o2.OnReady != nil || o2.OnSettings != nil || o2.OnGoAway != nil || o2.OnPush != nil || o2.Executor != nil || o2.WaitingMax != 0 || o2.Scheme != "":
		return wrong("HTTP2", "Scheme, Executor, OnReady, OnSettings, OnGoAway, OnPush and WaitingMax are the client's: leave them out")
	case (o.IdleNs != 0 || o2.IdleNs != 0) && c.IdleTimeout != 0:
		return wrong("IdleTimeout", "HTTP1.IdleNs and HTTP2.IdleNs say the same: give one")
	}
	if c.IdleTimeout != 0 {
		o.IdleNs, o2.IdleNs = int64(c.IdleTimeout), int64(c.IdleTimeout)
	}
	c.engines.HTTP1 = func(any) carrier { return newCarrier1(o) }
	c.engines.HTTP2 = func(f any) carrier { return newCarrier2(o2, f) }
	if c.TLS != nil {
		c.engines.Preference = c.TLS.NextProtos
	}
	if err := c.engines.Check(); err != nil {
		return wrong("TLS.NextProtos", err.Error())
	}
	return nil
}
