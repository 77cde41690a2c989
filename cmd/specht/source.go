package main

import (
	"fmt"
	"strings"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// source is what the octets are: requests, or the responses to some.
type source struct {
	requests  *h1.Requests
	responses *h1.Responses // nil for requests
	methods   []string      // of the requests that are answered; the last one is that of all others
}

// asRequests reads requests.
func asRequests() *source {
	limits := h1.DefaultRequestMessageLimits()
	return &source{requests: h1.NewRequests(&limits)}
}

// asResponses reads responses. Of the methods there is at least one.
func asResponses(methods []string) *source {
	limits := h1.DefaultResponseMessageLimits()
	s := &source{responses: h1.NewResponses(&limits), methods: methods}
	s.await()
	return s
}

// await says which request the next response answers. One that switches
// protocols is taken to be asked for: who asked isn't in the octets.
func (s *source) await() {
	s.responses.Await(message.LookupMethod([]byte(s.methods[0])), h1.UpgradeOfferMade)
	if len(s.methods) > 1 {
		s.methods = s.methods[1:]
	}
}

// noun is what one message is called.
func (s *source) noun() string {
	if s.responses != nil {
		return "response"
	}
	return "request"
}

// next reads on: the events of both kinds of messages are the same.
func (s *source) next(b []byte, room int) (int, h1.RequestMessageEvent) {
	if s.responses != nil {
		n, event := s.responses.Next(b, room)
		return n, h1.RequestMessageEvent(event)
	}
	return s.requests.Next(b, room)
}

// end is that nothing comes behind b, and whether that ends a message.
func (s *source) end(b []byte) bool {
	if s.responses != nil {
		return s.responses.End(b) == h1.ResponseMessageEnd
	}
	s.requests.End(b)
	return false
}

func (s *source) fault() *message.Fault {
	if s.responses != nil {
		return s.responses.Fault()
	}
	return s.requests.Fault()
}

func (s *source) began() int {
	if s.responses != nil {
		return int(s.responses.Began)
	}
	return int(s.requests.Began)
}

// message is a pointer to the message under way.
func (s *source) message() any {
	if s.responses != nil {
		return s.responses.Message
	}
	return s.requests.Message
}

func (s *source) fields() []message.FieldLine {
	if s.responses != nil {
		return s.responses.Message.Head.Fields
	}
	return s.requests.Message.Head.Fields
}

func (s *source) trailers() []message.FieldLine {
	if s.responses != nil {
		return s.responses.Message.Trailers.Fields
	}
	return s.requests.Message.Trailers.Fields
}

func (s *source) chunkLine() *h1.ChunkLine {
	if s.responses != nil {
		return &s.responses.Message.ChunkLine
	}
	return &s.requests.Message.ChunkLine
}

// version and target are spans of the head; a response has no target.
func (s *source) version() message.Span {
	if s.responses != nil {
		return s.responses.Message.Head.Version
	}
	return s.requests.Message.Head.Version
}

func (s *source) target() message.Span {
	if s.responses != nil {
		return message.Span{}
	}
	return s.requests.Message.Head.Target
}

// known is what decisions about the head may depend on, besides its fields.
func (s *source) known() map[string]string {
	if s.responses != nil {
		m := s.responses.Message
		return map[string]string{
			"major": fmt.Sprint(m.Head.Major), "minor": fmt.Sprint(m.Head.Minor), "status": fmt.Sprint(m.Head.Status),
			"method-class": m.MethodClass.String(), "upgrade-offer": m.UpgradeOffer.String(),
		}
	}
	m := s.requests.Message
	known := map[string]string{"major": fmt.Sprint(m.Head.Major), "minor": fmt.Sprint(m.Head.Minor), "method": "other"}
	if m.Head.MethodID != message.MethodOther {
		known["method"] = m.Head.MethodID.String()
	}
	return known
}

// isOthers says whether a decision is about the other kind of messages.
func (s *source) isOthers(decision string) bool {
	return strings.HasSuffix(decision, "-body-length") && !strings.HasPrefix(decision, s.noun())
}

// note is what the end of this message means to what follows it, and where that
// is from; nothing if more may follow.
func (s *source) note() (text, section string) {
	switch {
	case s.responses == nil && s.requests.Message.Persistence == h1.PersistenceClose:
		return "a server reads no request behind this one, for it closes the connection", "RFC 9112, Section 9.6"
	case s.responses == nil:
	case s.responses.IsTunnel():
		return "this is no HTTP any more", "RFC 9110, Sections 7.8 and 9.3.6"
	case s.responses.Message.Reuse == h1.ReuseClose:
		return "a client reads no response behind this one, for it closes the connection", "RFC 9112, Section 9.6"
	}
	return "", ""
}

// isOver says whether what follows can't be read.
func (s *source) isOver() bool { return s.responses != nil && s.responses.IsTunnel() }
