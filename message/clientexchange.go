package message

// ClientExchange is one request and its response, as whoever sends the request
// has it, over any version of HTTP. It is the other end of an [Exchange].
//
// There are two ways to have one, as there are for an Exchange. Inside a turn
// (in every callback) no method blocks: what would have to wait is
// [ErrWouldBlock], and nothing has been done. On a goroutine methods wait; they
// may be called by several goroutines at once.
//
// A callback runs inside a turn, whichever way the exchange was had: it uses
// the ClientExchange that it is given, never one that blocks, and returns soon.
// What would be due when it is set is called soon, and not by the call that
// sets it.
//
// Slices are lent, and nothing of them may be changed. What is said of the
// response is valid until Close; inside a turn, without Detach, until the
// callback of OnOver has returned.
type ClientExchange interface {
	// About is what the request's head said.
	About() any

	// Write copies content of the request. It waits while too many octets are
	// queued. After the peer has answered without wanting the rest, it is
	// ErrUnwanted.
	Write(p []byte) (n int, err error)
	// WriteLent is Write without the copy: see Exchange.WriteLent.
	WriteLent(p []byte, done func(err error)) error
	// Flush waits until the flow has taken all that was written so far, or
	// never will.
	Flush() error
	// OnFlushed calls f, once, when Flush would return.
	OnFlushed(f func(x ClientExchange, err error))
	// End ends the content of the request. A request without content has
	// ended already. Trailers are sent with content of unknown length only.
	End(trailers ...Field) error

	// Await waits for the head of the final response. An error says why it
	// never comes: see [UnansweredError].
	Await() error
	// OnResponse calls f, once, when Await would return. Whoever wants the
	// content sets OnContent in f, or takes the exchange by Detach; otherwise
	// it is closed when f returns.
	OnResponse(f func(x ClientExchange, err error))
	// OnInterim calls f for each interim response that comes from now on, in
	// order (RFC 9110, Section 15.2). fields are valid during the call.
	OnInterim(f func(x ClientExchange, status Status, fields Fields))
	// Status is the status of the final response; 0 before there is one, as
	// all else is empty that is said of it.
	Status() Status
	// Reason is the reason phrase, as received.
	Reason() []byte
	// Version is the version of the response.
	Version() Version
	// Fields is the header section of the response.
	Fields() Fields
	// ContentLength is the length of the response's content in octets; -1 if
	// nobody knows yet. In an answer to HEAD it is what the field says.
	ContentLength() int64
	// Read takes content. At its end it returns 0 and ErrEnd; if the content
	// was cut short or malformed, 0 and a [TruncatedError].
	Read(p []byte) (n int, err error)
	// OnContent makes content come by callback: see [ResponseContentFunc]. It
	// can be set once.
	OnContent(f ResponseContentFunc) error
	// Resume makes the callback be called again that has taken less than it
	// was given, or that will have: it may be called by the callback itself.
	Resume()
	// Trailers is the trailer section: empty until the content has ended.
	Trailers() Fields

	// Upgrade gives the connection to take, which isn't HTTP's any more after
	// the response: one of 101 (Switching Protocols), which the request's field
	// Upgrade asked for (RFC 9110, Section 7.8), or of class 2xx to CONNECT
	// (RFC 9110, Section 9.3.6). take is called on a goroutine of its own, where
	// it may block, with all that the peer has sent behind the response in rest.
	// Both are take's, as those are of Exchange.Upgrade. If the connection fails
	// before, take is never called: see OnOver.
	Upgrade(take func(s Stream, rest []byte)) error
	// Close says that nobody wants more of this exchange. What remains of the
	// response is read and thrown away if that is little; otherwise, and if
	// the request hasn't ended, the connection is closed. It is idempotent.
	Close()
	// Reset gives the exchange up, and the connection with it, unless nothing
	// has been sent yet.
	Reset()
	// Err is nil while the exchange goes on; then ErrOver if request and
	// response are complete, or why they never will be.
	Err() error
	// Wait waits until Err isn't nil, and returns that.
	Wait() error
	// OnOver calls f, once, when Wait would return, after all else that is due.
	OnOver(f func(x ClientExchange, err error))
	// Detach is the exchange for any goroutine and any later time. Someone
	// must then Close it.
	Detach() ClientExchange
}

// ResponseContentFunc takes the content of a response, as a [ContentFunc] takes
// that of a request.
type ResponseContentFunc func(x ClientExchange, p []byte, err error) (n int)
