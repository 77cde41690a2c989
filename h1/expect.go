package h1

import (
	"bytes"

	"github.com/specht-http/specht/message"
)

// expectation is whether the client waits for 100 (Continue) before it sends
// content (RFC 9110, Section 10.1.1).
type expectation uint8

const (
	expectationNone    expectation = iota
	expectationPending             // it waits
	expectationMet                 // it has been told to send, or has sent unasked
)

// expects reads Expect. HTTP/1.0 has none, so there it is ignored
// (rfc9110#10.1.1/4), and without content there is nothing to wait with.
//
// until spec/expect.md
func (x *exchange) expects(hasContent bool) *message.Fault {
	if x.version == VersionHTTP10 {
		return nil
	}
	for i := range x.fields {
		line := &x.fields[i]
		if line.NameID != message.FieldNameExpect {
			continue
		}
		if !bytes.EqualFold(line.Value.Of(x.head), []byte("100-continue")) {
			return faultHead("unknown expectation", line.Value.Start, message.StatusExpectationFailed, "RFC 9110, Section 10.1.1", "rfc9110#10.1.1/1")
		}
		if hasContent {
			x.expectation = expectationPending
		}
	}
	return nil
}

// ask makes a client send that waits for 100 (Continue): the handler wants
// content. Once the response has begun it isn't asked any more.
func (x *exchange) ask() {
	if x.expectation != expectationPending || x.response.Direction != ResponseDirectionIdle {
		return
	}
	x.expectation = expectationMet
	q := x.queue()
	b, err := x.response.AppendInterim(q.tail(x.server.host, headOctetsMax), message.StatusContinue, nil)
	if err != nil {
		panic("h1: bug: 100 (Continue) can't be sent: " + err.Error())
	}
	q.commit(x.server.host, b)
}
