package h2

import (
	"strings"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// How a stream of a client becomes a tunnel: 2xx in answer to CONNECT (RFC 9113,
// Section 8.5), or to extended CONNECT (RFC 8441). The connection goes on.
//
//	isTunnel   the response is there: what comes is the tunnel's
//	successor  the application has said who has the tunnel

// onTunnel is that the response makes a tunnel of the stream.
func (c *Client) onTunnel(x *clientExchange, isEnd bool) {
	c.conn.Connect(x.stream)
	x.isTunnel, x.said, x.contentLength = true, HTTP2MessageTunnel, -1
	if isEnd {
		x.onEnd()
	}
	if f := x.onResponse; f != nil {
		x.onResponse = nil
		x.Run(transit.Call{What: transit.CallResponse, F: f})
	}
	if !x.isDetached && x.successor == nil {
		x.close()
	}
}

// upgrade is message.ClientExchange.Upgrade.
func (x *clientExchange) upgrade(take func(message.Stream, []byte)) error {
	wrong := func(rule string) error { return &message.MisuseError{Call: "Upgrade", Rule: rule} }
	c := x.client
	switch {
	case take == nil:
		panic("h2: bug: Upgrade without a function that takes the tunnel")
	case x.cause != nil:
		return x.cause
	case x.successor != nil:
		return wrong("somebody has the tunnel already")
	case !x.isTunnel:
		return wrong("the response isn't 2xx to CONNECT, and the connection of HTTP/2 has other streams")
	case x.isEnded:
		return message.ErrOver
	case x.OnContent != nil:
		return wrong("content goes to OnContent's callback")
	case c.options.Executor == nil:
		return wrong("a tunnel needs a goroutine: give ClientOptions.Executor")
	}
	x.successor, x.isDetached = take, true
	if !c.options.Executor.Execute((*clientTunnelTask)(x)) {
		x.fail(message.ErrBusy, frames.CodeCancel)
	}
	return nil
}

// clientTunnelTask is a tunnel that is handed over.
type clientTunnelTask clientExchange

// Run implements engine.Task.
func (t *clientTunnelTask) Run() {
	x := (*clientExchange)(t)
	stream := &clientTunnel{(*clientHandle)(x)}
	defer func() {
		if v := recover(); v != nil {
			x.client.host.Lock()
			x.client.tellPanic(v)
			x.client.host.Unlock()
			_ = stream.Close()
		}
	}()
	x.successor(stream, nil)
}

// errEndOfTunnel is io.EOF, which readers of a stream expect, and which a package
// without I/O can't name.
var _, errEndOfTunnel = strings.NewReader("").ReadByte()

// endOfTunnel is an error of content as one of a stream.
func endOfTunnel(err error) error {
	if err == message.ErrEnd {
		return errEndOfTunnel
	}
	return err
}

// clientTunnel is a stream as octets both ways.
type clientTunnel struct{ h *clientHandle }

// Read is io.Reader's, with io.EOF at the end of what the peer sends.
func (t *clientTunnel) Read(p []byte) (int, error) {
	n, err := t.h.Read(p)
	return n, endOfTunnel(err)
}

// Write is io.Writer's.
func (t *clientTunnel) Write(p []byte) (int, error) { return t.h.Write(p) }

// CloseWrite ends what this side sends.
func (t *clientTunnel) CloseWrite() error { return t.h.End() }

// Close ends the tunnel: what was written is sent, and what comes is thrown away.
func (t *clientTunnel) Close() error {
	x, was := t.h.enter()
	defer x.client.leave(&was)
	if x.received == HTTP2MessageDone && x.said == HTTP2MessageTunnel {
		_ = x.finish(nil) // else it has failed
	}
	x.successor = nil
	x.ignore()
	if x.said != HTTP2MessageDone || x.received != HTTP2MessageDone {
		x.cancel(message.ErrReset)
	}
	x.isClosed = true
	x.release()
	return nil
}
