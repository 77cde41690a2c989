package h1

import "github.com/specht-http/specht/message"

// expectation is whether the client waits for 100 (Continue) before it sends
// content (RFC 9110, Section 10.1.1).
type expectation uint8

const (
	expectationNone    expectation = iota
	expectationPending             // it waits
	expectationMet                 // it has been told to send, or has sent unasked
)

// isToBeAsked says whether the client rightly waits: for 100 (Continue), or for
// the head of the response, which answers that, too.
func (x *exchange) isToBeAsked() bool {
	return x.expectation == expectationPending && x.response.Direction == ResponseDirectionIdle
}

// ask makes a client send that waits for 100 (Continue): the handler wants
// content. Once the response has begun it isn't asked any more.
func (x *exchange) ask() {
	if !x.isToBeAsked() {
		return
	}
	x.expectation = expectationMet
	q := x.queue()
	b, err := x.response.AppendInterim(q.Tail(x.server.host, headOctetsMax), message.StatusContinue, nil)
	if err != nil {
		panic("h1: bug: 100 (Continue) can't be sent: " + err.Error())
	}
	q.Commit(x.server.host, b)
}
