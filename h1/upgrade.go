package h1

import (
	"bytes"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// How a connection leaves HTTP (RFC 9110, Sections 7.8 and 9.3.6).
//
//	mayLeave     the request asks for it, or the handler has done it: nothing is
//	             read behind the request, for it may not be HTTP any more
//	successor    the response is queued that says so; what is left of the
//	             request's content is thrown away
//	isLeaving    the request has ended, too: NextRead and NextWrite are Upgrade
//	             as soon as everything is written, and Upgraded is the end
//
// Until then the exchange isn't over: what fails before, fails it.

var _ engine.Upgrader = (*Server)(nil)

// upgrade is message.Exchange.Upgrade.
func (x *exchange) upgrade(status message.Status, fields []message.Field, take func(message.Stream, []byte)) error {
	if take == nil {
		panic("h1: bug: Upgrade without a function that takes the connection")
	}
	if err := x.refusal(); err != nil {
		return err
	}
	if err := x.checkUpgrade(status, fields); err != nil {
		return err
	}
	q, h := x.queue(), x.server.host
	was := q.Tail(h, 2*headOctetsMax+fieldsOctets(fields))
	b, err := was, error(nil)
	if status != 0 && x.expectation == expectationPending { // rfc9110#7.8/12
		b, err = x.response.AppendInterim(b, message.StatusContinue, nil)
	}
	if err == nil {
		b, err = x.response.AppendUpgrade(b, status, fields, x.server.date())
	}
	if err != nil {
		q.Commit(h, was)
		return err
	}
	q.Commit(h, b)
	x.expectation = expectationMet
	x.successor, x.mayLeave = take, true
	x.persistence = PersistencePersist
	return nil
}

// checkUpgrade says what doesn't let the connection leave, of the request and
// of the fields.
func (x *exchange) checkUpgrade(status message.Status, fields []message.Field) error {
	wrong := func(rule string) error { return &message.MisuseError{Call: "Upgrade", Rule: rule} }
	switch {
	case x.fault != nil:
		return wrong("the request was refused, or its content was: nobody knows where it ends")
	case x.server.last != x:
		return wrong("requests behind this one have been read")
	case x.server.isLast && x.server.drainLeft != max(x.server.service.DiscardOctets, 0):
		return wrong("octets behind this request have been thrown away, for the connection was to close")
	case x.remaining() > max(x.server.service.DiscardOctets, 0):
		return wrong("the request has more content than is thrown away (DiscardOctets): read it before")
	case status == message.StatusSwitchingProtocols && !x.offersUpgrade:
		return wrong("the request doesn't offer it: it has no Upgrade, doesn't name it in Connection, or is HTTP/1.0")
	case status == message.StatusSwitchingProtocols:
		return x.checkProtocols(fields)
	}
	return nil
}

// checkProtocols holds that Upgrade has nothing but what the request offers
// (rfc9110#7.8/5).
func (x *exchange) checkProtocols(fields []message.Field) error {
	for i, f := range fields {
		if !bytes.EqualFold([]byte(f.Name), []byte("Upgrade")) {
			continue
		}
		for e, rest := message.CutElement([]byte(f.Value)); e != nil; e, rest = message.CutElement(rest) {
			if !x.Fields().HasElement(message.FieldNameUpgrade, string(e)) {
				return &message.FieldError{Index: i, Name: f.Name, Why: "the request doesn't offer " + string(e) + ": take a protocol of its Upgrade"}
			}
		}
	}
	return nil
}

// AppendUpgrade appends the response after which the connection isn't HTTP any
// more: 101 (Switching Protocols), whose fields have Upgrade; 2xx in answer to
// CONNECT; nothing if status is 0. date is as in ReplyHead. What the request
// offered is the caller's to check.
func (r *Response) AppendUpgrade(dst []byte, status message.Status, fields []message.Field, date *Date) ([]byte, error) {
	next, err := r.next("Upgrade", ResponseDirectionOnHeadWithoutContent)
	if err != nil {
		return dst, err
	}
	switch {
	case status == 0:
		r.Direction = next
		return dst, nil
	case status != message.StatusSwitchingProtocols && (status/100 != 2 || r.method != message.MethodConnect):
		return dst, &message.StatusError{Status: status, Why: "Upgrade is by 101, in answer to CONNECT by 2xx, or by 0 for no response"}
	}
	b := appendStatusLine(dst, status)
	b, own, err := r.appendFields(b, fields)
	if err != nil {
		return dst, err
	}
	switch {
	case status == message.StatusSwitchingProtocols && !own.hasUpgrade: // rfc9110#7.8/4
		return dst, &message.StatusError{Status: status, Why: "it says to which protocol: give Upgrade"}
	case own.hasClose:
		return dst, &message.StatusError{Status: status, Why: "the connection goes on, as another protocol's: leave Connection out"}
	}
	if !own.hasDate {
		b = date.append(b)
	}
	if own.hasUpgrade {
		b = append(b, "Connection: upgrade\r\n"...)
	}
	r.Direction, r.status = next, status
	return append(b, "\r\n"...), nil
}

// mayLeave says whether what follows may not be HTTP any more, so that it isn't
// looked at.
func (s *Server) mayLeave() bool { return s.last != nil && s.last.mayLeave }

// isLeaving says whether the connection is to leave when all is written.
func (s *Server) isLeaving() bool {
	x := s.first
	return x != nil && x.successor != nil && x.direction == RequestDirectionDone
}

// Upgraded implements engine.Upgrader.
func (s *Server) Upgraded() func(stream engine.Stream, rest []byte) {
	if op := s.NextRead(); op != engine.Upgrade {
		panic("h1: bug: Upgraded, but NextRead is " + op.String())
	}
	take := s.first.successor
	s.first.successor = nil
	s.pop()
	s.isGone, s.isLast, s.isClosing, s.isReadOver = true, true, true, true
	s.cause = &message.GoneError{Cause: message.ErrOver}
	s.endTurn()
	return func(stream engine.Stream, rest []byte) {
		defer s.containTake(stream)
		take(stream, rest)
	}
}

// containTake is deferred around what an application does with a connection
// that has left.
func (s *Server) containTake(stream engine.Stream) {
	if v := recover(); v != nil {
		_ = stream.Close() // nobody is left to be told
		s.host.Lock()
		defer s.host.Unlock()
		s.tellPanic(v)
	}
}
