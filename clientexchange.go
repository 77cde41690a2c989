package specht

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/specht-http/specht/message"
)

// exchange is one request on one connection, and its response. Three goroutines
// may be busy with it: that of Do and Response, one that sends content, and one
// of the context when that is done.
type exchange struct {
	message.ClientExchange // detached
	inTurn                 message.ClientExchange
	conn                   *clientConn
	upload                 *upload     // nil for a request without content
	stop                   func() bool // the context has nothing to do with it any more
	failure                atomic.Pointer[failure]
}

// failure is why an exchange was given up on this side.
type failure struct {
	stage Stage // empty for the one that is under way
	err   error
}

// triesMax is how often a request is sent whose connections are closed under
// it. All of them had been kept.
const triesMax = 3

// fetch sends q, again where that may be, and gives its response.
func (c *Client) fetch(ctx context.Context, q *query) (*Response, error) {
	isAgain := false
	for tries := 1; ; {
		g, err := c.connection(ctx, q, isAgain)
		if err != nil {
			return nil, err
		}
		if q.onConn != nil {
			q.onConn(g.conn.known, g.isKept)
		}
		r, isRefused, err := c.send(ctx, q, g.conn)
		switch {
		case err == nil:
			return r, nil
		case ctx.Err() != nil:
			return nil, err
		case isRefused && g.isKept: // it was closed while it was idle, and nothing was sent
		case tries < triesMax && (isRefused || isRefusedBy(err)) && q.content.isThere(): // other connections may be good
			tries++
		case tries < triesMax && g.isKept && isRepeatable(err) && q.content.isThere():
			tries++
			c.pool.evict(func(other *clientConn) bool { return other.origin.address == q.address }) // they are as old, or older
		default:
			return nil, err
		}
		isAgain = true
	}
}

// isRefusedBy says whether the peer has said that it did nothing with the request.
func isRefusedBy(err error) bool {
	var e *message.UnansweredError
	return errors.As(err, &e) && e.IsRefused
}

// isRepeatable says whether a request that failed may be sent again. An error of
// its content may be anything.
func isRepeatable(err error) bool {
	failed := err.(*ClientError)
	e, is := failed.Err.(*message.UnansweredError)
	return is && failed.Stage == StageAwaiting && e.IsRetryable()
}

// connection gets a connection for q, which is opened if need be.
func (c *Client) connection(ctx context.Context, q *query, isAgain bool) (grant, error) {
	g, err := c.pool.acquire(ctx, q.address, isAgain)
	if err != nil {
		return g, q.err(StageWaiting, nil, err)
	}
	if g.conn == nil {
		if g.conn, err = c.connect(ctx, g.origin); err != nil {
			return g, q.err(StageConnecting, nil, err)
		}
	}
	return g, nil
}

// err is a *ClientError of q.
func (q *query) err(stage Stage, conn *clientConn, err error) *ClientError {
	e := &ClientError{Method: q.head.Method, URL: q.url.String(), Stage: stage, Err: err}
	if conn != nil {
		e.Peer = conn.known.Peer()
	}
	return e
}

// send sends q on a connection, and waits for the head of the response. isRefused
// is that the connection takes no more requests: then nothing of the content has
// been read.
func (c *Client) send(ctx context.Context, q *query, conn *clientConn) (r *Response, isRefused bool, err error) {
	e := &exchange{conn: conn}
	if q.head.ContentLength != 0 {
		content, err := q.content.open()
		if err != nil {
			c.pool.release(conn)
			return nil, false, q.err(StageSending, conn, err)
		}
		e.upload = newUpload(content, &q.head, q.content.trailers)
	}
	if err := conn.begin(&q.head, func(x message.ClientExchange) { c.began(e, q, x) }); err != nil {
		if e.upload != nil {
			q.content.first = e.upload.content // nobody has read it
		}
		if isRefused = errors.Is(err, message.ErrClosing) || errors.Is(err, message.ErrOver); isRefused {
			c.pool.retire(conn)
		} else {
			c.pool.release(conn)
		}
		return nil, isRefused, q.err(StageSending, conn, err)
	}
	e.stop = context.AfterFunc(ctx, func() { e.fail("", context.Cause(ctx)) })
	if e.upload != nil {
		go e.upload.run(e)
	}
	if err := e.Await(); err != nil {
		e.end()
		stage, err := e.reason(StageAwaiting, err)
		return nil, false, q.err(stage, conn, err)
	}
	return newResponse(e, q), false, nil
}

// began is that x, which is given in a turn, is the exchange.
func (c *Client) began(e *exchange, q *query, x message.ClientExchange) {
	if f := q.onInterim; f != nil {
		x.OnInterim(func(_ message.ClientExchange, status message.Status, fields message.Fields) { f(status, clone(fields)) })
	}
	x.OnOver(func(_ message.ClientExchange, err error) {
		if e.conn.isGood(err) {
			c.pool.release(e.conn)
		} else {
			c.pool.retire(e.conn)
		}
	})
	e.inTurn, e.ClientExchange = x, x.Detach()
}

// isTunnel says whether a response makes a tunnel of its connection (RFC 9110,
// Sections 7.8 and 9.3.6).
func isTunnel(method string, s message.Status) bool {
	return s == message.StatusSwitchingProtocols || method == "CONNECT" && s >= 200 && s < 300
}

// fail gives the exchange up because of err. It may be called by any goroutine
// at any time, but in no turn.
func (e *exchange) fail(stage Stage, err error) {
	e.failure.CompareAndSwap(nil, &failure{stage, err})
	e.Reset()
	e.upload.close()
}

// reason is why the exchange failed at a stage: if not because it was given up,
// then because of err.
func (e *exchange) reason(stage Stage, err error) (Stage, error) {
	f := e.failure.Load()
	switch {
	case f == nil:
		return stage, err
	case f.stage == "":
		return stage, f.err
	}
	return f.stage, f.err
}

// end is that nobody wants anything of the exchange any more.
func (e *exchange) end() {
	e.stop()
	e.Close()
	e.upload.close()
}
