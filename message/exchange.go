package message

// Exchange is one request and its response, over any version of HTTP.
//
// There are two ways to have one. Inside a turn (an [Inline] handler, and every
// callback) no method blocks: what would have to wait is [ErrWouldBlock], and
// nothing has been done. On a goroutine (any other handler, and what Detach
// gave) methods wait; they may be called by several goroutines at once.
//
// A callback runs inside a turn, whichever way the exchange was had: it uses
// the Exchange that it is given, never one of its connection that blocks, and
// returns soon. On a goroutine what is due at once is called soon, and never by
// the call that asks for it: so a callback of one connection may use exchanges
// of others that were taken by Detach.
//
// Slices are lent: see each method. Nothing of them may be changed.
type Exchange interface {
	// Method is the method as received; MethodID is its id, or MethodOther.
	// Valid until the exchange ends, as the results of the next four are.
	Method() []byte
	MethodID() Method
	// Target is the request-target as received (RFC 9112, Section 3.2), or the
	// :path of HTTP/2.
	Target() []byte
	// Scheme is http or https.
	Scheme() []byte
	// Authority is the host, and the port if there is one, that the request is
	// for (RFC 9110, Section 7.1); it may be empty.
	Authority() []byte
	// Protocol is the protocol that an extended CONNECT asks for (RFC 8441), empty
	// for any other request: over HTTP/1 that is what the field Upgrade is for.
	Protocol() []byte
	// Version is the version that the exchange is carried by.
	Version() Version
	// Fields is the header section of the request.
	Fields() Fields
	// WantsTrailers is whether the client has said that it, and whoever is
	// between, takes trailers: TE with the word trailers, named in Connection
	// (RFC 9110, Sections 6.5.1 and 10.1.4). Without that they may be sent, and
	// dropped on the way: what must arrive belongs in the head.
	WantsTrailers() bool
	// About is what the composition said of the connection when it made the
	// engine: the peer's address, for example. It may be nil.
	About() any

	// ContentLength is the declared length of the request's content in octets:
	// 0 if it has none, -1 if nobody knows yet.
	ContentLength() int64
	// Read takes content. At its end it returns 0 and ErrEnd, which is not
	// io.EOF; if the content was cut short or malformed, 0 and the reason. The
	// first call makes a client that waits for 100 (Continue) send.
	Read(p []byte) (n int, err error)
	// OnContent makes content come by callback, instead of by Read: see
	// [ContentFunc]. It can be set once. In a turn the first content may come
	// before OnContent returns.
	OnContent(f ContentFunc) error
	// Resume makes the callback be called again that has taken less than it
	// was given, or that will have: it may be called by the callback itself.
	Resume()
	// Trailers is the trailer section: empty until the content has ended, and
	// without chunked content.
	Trailers() Fields

	// Interim sends an interim response (RFC 9110, Section 15.2) ahead of the
	// final one: any status of class 1xx but 101, which is Upgrade's. 100
	// (Continue) makes a client send that waits for it, as the first Read does.
	// It waits while too many octets of this response are queued. HTTP/1.0 has
	// no interim responses: there it is a [*StatusError], and nothing is sent.
	Interim(status Status, fields []Field) error
	// Push promises the client the response to a request that it hasn't made, but
	// will, for this response leads it there (RFC 9113, Section 8.4): call it before
	// that is written. h is a GET or HEAD without content, of the scheme and authority
	// of this exchange; its fields are those that the client would send. The handler is
	// given the request as any other, and what it answers is pushed. Push waits while
	// too many octets are queued. It is a [*PushError] where nothing can be pushed:
	// over HTTP/1, to a client that takes none, or no more at once, behind a request
	// that was pushed itself. Then nothing is amiss, for the client asks for itself.
	Push(h *RequestHead) error
	// Respond answers with a status, fields and the whole content. All of it
	// is copied before Respond returns, which doesn't wait. The content of a
	// response that can't have any (to HEAD, or 304) is measured and not sent.
	Respond(status Status, fields []Field, content []byte) error
	// Start begins a response whose content is written by Write and ended by
	// End. contentLength is in octets, -1 if it isn't known; if it is, neither
	// more nor less can be written. With 304 and in answers to HEAD it is what
	// a GET would have got, and -1 declares nothing.
	Start(status Status, fields []Field, contentLength int64) error
	// Write copies content of the response. It waits while too many octets of
	// this response are queued.
	//
	// A response that has no content takes none, and Write says so by
	// [ErrNoContent], so that whoever writes without end stops: with 204 and
	// 304 at once; in answer to HEAD when what was written, and dropped, would
	// fill a window, so that a handler writes there what it writes for GET.
	// Such a response is complete all the same: End ends it, and so does a
	// handler that returns.
	Write(p []byte) (n int, err error)
	// WriteLent is Write without the copy: p is lent until done is called,
	// exactly once, whatever happens: with nil when the flow has taken p, with
	// the reason when it never will. If WriteLent fails, done has been called
	// with the same error. done runs inside a turn.
	WriteLent(p []byte, done func(err error)) error
	// Flush waits until the flow has taken all that was written so far, or
	// never will. That is not to say that the peer has received it.
	Flush() error
	// OnFlushed calls f, once, when Flush would return.
	OnFlushed(f func(x Exchange, err error))
	// End ends the response that Start began, with a trailer section if there
	// are trailers. Without a chunked coding there is no room for one (where
	// the length was declared, in HTTP/1.0, with 204 and 304): then it is
	// [ErrNoTrailers]. A field that is malformed, or that isn't allowed in
	// trailers (RFC 9110, Section 6.5.1), is a [*FieldError]. Either way
	// nothing has been done, and End without trailers ends the response. In
	// answer to HEAD trailers are checked, and dropped as content is.
	End(trailers ...Field) error
	// Upgrade ends HTTP on this connection, and gives it to take. status is 101
	// (Switching Protocols), fields have Upgrade with protocols that the
	// request offered, and Connection is the engine's (RFC 9110, Section 7.8);
	// or it is of class 2xx, in answer to CONNECT, without Content-Length
	// (RFC 9110, Section 9.3.6). Or it is 0: then no response is sent, and
	// take writes it itself, which nobody checks.
	//
	// When the response has been written, and what is left of the request's
	// content has been thrown away (a request with more of it than is thrown
	// away is an error: read it first), take is called on a goroutine of its
	// own, where it may block. rest is what the peer has sent already behind
	// its request. Both are take's, for as long as it wants: it closes s. s is
	// a flow of the driver, which may have more methods (half-close,
	// deadlines, those of net.Conn). The driver forgets the connection, and
	// neither limits it nor ends it when it shuts down. A panic of take closes
	// s and is told as a handler's is.
	//
	// If the connection fails before, take is never called: see OnOver.
	// Whatever is called after Upgrade but Err, Wait, Flush, OnFlushed and
	// OnOver is an error.
	Upgrade(status Status, fields []Field, take func(s Stream, rest []byte)) error
	// Reset gives the exchange up: what isn't sent yet never is, and the peer
	// sees that the response is incomplete. HTTP/1 closes the connection, and
	// aborts it where its end would be the end of the response (of unknown
	// length, to HTTP/1.0), if the flow can be aborted.
	Reset()

	// Err is nil while the response can be sent; then ErrOver if it is
	// complete, or why it never will be.
	Err() error
	// Wait waits until Err isn't nil, and returns that, or until the peer has
	// closed its side, and returns ErrHalfClosed.
	Wait() error
	// OnOver calls f, once, when Wait would return, with what it would return:
	// to end what is done for a peer that has gone.
	OnOver(f func(x Exchange, err error))
	// Detach is the exchange for any goroutine and any later time. Someone
	// must then answer it, or Reset it. After its end methods return ErrOver.
	Detach() Exchange
}

// Stream is a connection that isn't HTTP's any more: octets both ways. Its type
// is a literal, so that no package has to import another for it.
type Stream = interface {
	Read(p []byte) (n int, err error)
	Write(p []byte) (n int, err error)
	Close() error
}

// ContentFunc takes content, in order, as it arrives. p is valid during the
// call. It returns how many octets it took; if that is less than len(p), the
// rest is kept, and the callback isn't called again until Exchange.Resume; when
// too much is kept, the engine stops reading.
//
// The last call, which comes exactly once, has no octets and the reason: ErrEnd
// at the end of the content, or why it ends early.
type ContentFunc func(x Exchange, p []byte, err error) (n int)
