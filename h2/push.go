package h2

import (
	"strings"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// promise is message.Exchange.Push (RFC 9113, Section 8.4). The promise goes out at
// once, so that it stands before whatever refers to it; the handler has the request
// when this turn ends.
func (x *exchange) promise(h *message.RequestHead) error {
	if err := x.err(); err != nil {
		return err
	}
	s, head := x.server, *h
	if head.Authority == "" || strings.EqualFold(head.Authority, string(x.Authority())) {
		head.Authority = string(x.Authority()) // which the client compares with its own
	}
	octets := len(head.Method) + len(head.Target) + len(head.Authority) + fieldsOctets(head.Fields)
	switch {
	case x.methodID == message.MethodConnect:
		return &message.PushError{Why: "in a tunnel there are no promises (RFC 9113, Section 8.5)"}
	case !s.mayPush() && s.conn.Peer().EnablePush != 0:
		return &message.PushError{Why: "as many are under way as the client, or Options.PushesMax, lets"}
	case !s.hasRoomFor(octets):
		return &message.PushError{Why: "the requests under way have as much in their heads as Options.HeadsOctets lets"}
	case head.Authority != string(x.Authority()): // rfc9113#8.4/5
		return &message.RequestError{Part: "authority", Value: head.Authority, Why: "only that of the request itself is known to be ours: leave it out (RFC 9113, Section 8.4)"}
	case x.isFull():
		return message.ErrWouldBlock
	}
	room := s.conn.blockOctets(octets, len(head.Fields)+4)
	b, stream, section, err := s.conn.AppendPromise(s.out.Tail(s.host, room), x.stream, &head, x.scheme)
	s.out.Commit(s.host, b)
	if err != nil {
		return err
	}
	p := s.begin(stream)
	p.isPushed = true
	s.pushes++
	p.take(s.host, section)
	s.heads += len(p.head)
	p.received, p.contentLength = HTTP2MessageDone, 0
	s.servePushed(p)
	return nil
}

// mayPush says whether another response may be promised. Handlers that run on though
// their streams were reset count, and others that run on, as in hasPlace.
func (s *Server) mayPush() bool {
	most := min(int64(s.service.PushesMax), int64(s.conn.Peer().MaxConcurrentStreams))
	n := int64(s.pushes) + int64(s.orphans)
	return n < most && n+int64(s.late) < 2*most
}

// servePushed hands a promised request to the handler, though not within the turn of
// the one that has promised it.
func (s *Server) servePushed(p *exchange) {
	if s.service.isInline {
		p.pins++
		s.callbacks.Later(transit.Call{X: p, What: transit.CallServe})
		return
	}
	p.isRunning = true
	if !s.service.Executor.Execute((*task)(p)) {
		p.isRunning = false
		p.fail(message.ErrOverloaded, frames.CodeRefusedStream)
	}
}

// begin is that a response begins. A promised one takes its place among the streams
// that the client lets there be; if it lets fewer than it did, there may be none left
// (RFC 9113, Section 5.1.2).
func (x *exchange) begin() error {
	c := x.server.conn
	if !x.isPushed || x.stream.State != StreamStateReservedLocal {
		return nil
	}
	if int64(c.Own()) < int64(c.Peer().MaxConcurrentStreams) {
		x.server.flushPending() // a reset that makes the place
		return nil
	}
	x.fail(&message.PushError{Why: "the client takes fewer streams than when it was promised (RFC 9113, Section 5.1.2)"}, frames.CodeCancel)
	return x.cause
}

// onGoAway is that the client goes. What it has read of promises it has named; it
// doesn't take the others (RFC 9113, Section 6.8).
func (s *Server) onGoAway() {
	s.stopRequests()
	s.conn.Streams(func(stream *Stream) {
		if x, ok := stream.Owner.(*exchange); ok && s.conn.IsRefused(stream) {
			x.fail(&ResetError{Code: frames.CodeCancel, IsPeer: true}, frames.CodeCancel)
		}
	})
}
