package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// upgrade is message.Exchange.Upgrade: in answer to CONNECT the stream becomes a
// tunnel (RFC 9113, Section 8.5, and RFC 8441). The connection goes on.
func (x *exchange) upgrade(status message.Status, fields []message.Field, take func(message.Stream, []byte)) error {
	if take == nil {
		panic("h2: bug: Upgrade without a function that takes the tunnel")
	}
	if err := x.refusal(); err != nil {
		return err
	}
	switch {
	case x.methodID != message.MethodConnect || status/100 != 2:
		return &message.StatusError{Status: status, Why: "over HTTP/2 Upgrade is by 2xx in answer to CONNECT: there is no 101, and the connection carries other streams"}
	case x.server.service.Executor == nil:
		return &message.MisuseError{Call: "Upgrade", Rule: "a tunnel needs a goroutine: give Options.Executor"}
	case x.OnContent != nil:
		return &message.MisuseError{Call: "Upgrade", Rule: "content goes to OnContent's callback"}
	}
	next, err := x.say("Upgrade", HTTP2MessageOnFinalHead)
	if err != nil {
		return err
	}
	s := x.server
	h := ReplyHead{Status: status, Fields: fields, ContentLength: -1, Date: s.date()}
	b, err := s.conn.AppendResponse(s.out.Tail(s.host, s.conn.blockOctets(fieldsOctets(fields), len(fields)+3)), x.stream, &h, false)
	s.out.Commit(s.host, b)
	if err != nil {
		return err
	}
	x.status, x.framedAt = status, s.out.In
	x.said = next.On(HTTP2MessageOnConnected).Next
	s.conn.Connect(x.stream)
	x.isDetached, x.isTunnel = true, true
	if !s.service.Executor.Execute(&tunnelTask{x, take}) {
		x.fail(message.ErrOverloaded, frames.CodeRefusedStream)
	}
	return nil
}

// tunnelTask is a tunnel that is handed over.
type tunnelTask struct {
	x    *exchange
	take func(message.Stream, []byte)
}

// Run implements engine.Task.
func (t *tunnelTask) Run() {
	stream := &tunnelStream{(*handle)(t.x)}
	defer func() {
		if v := recover(); v != nil {
			s := t.x.server
			s.host.Lock()
			s.tellPanic(v)
			s.host.Unlock()
			stream.h.Reset()
		}
	}()
	t.take(stream, nil)
}

// tunnelStream is a stream as octets both ways.
type tunnelStream struct{ h *handle }

// Read is io.Reader's, with io.EOF at the end of what the peer sends.
func (t *tunnelStream) Read(p []byte) (int, error) {
	n, err := t.h.Read(p)
	return n, endOfTunnel(err)
}

// Write is io.Writer's.
func (t *tunnelStream) Write(p []byte) (int, error) { return t.h.Write(p) }

// CloseWrite ends what this side sends. What the peer sends goes on.
func (t *tunnelStream) CloseWrite() error { return t.h.End() }

// Close ends the tunnel: what was written is sent, and what comes is thrown away.
func (t *tunnelStream) Close() error {
	x, was := t.h.enter()
	defer x.leave(&was)
	x.isTunnel = false
	x.discard()
	switch {
	case x.isEnded || x.isSending() && x.said == HTTP2MessageDone:
	case x.said == HTTP2MessageDone:
		x.onSent()
	case x.finish() != nil:
		x.reset()
	}
	return nil
}
