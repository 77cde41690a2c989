package message

// Handler answers exchanges. Serve is called once for each, when the head of
// its request is there; its content may still be on the way.
//
// Serve is called on a goroutine, where it may block, and its Exchange may be
// used until it returns. By then it has answered, or taken over by
// Exchange.Detach or OnContent; otherwise the answer is 500 Internal Server
// Error, or the connection is cut if the response has begun. The same happens
// if it panics.
type Handler interface{ Serve(x Exchange) }

// HandlerFunc is a function as a Handler.
type HandlerFunc func(x Exchange)

// Serve implements Handler.
func (f HandlerFunc) Serve(x Exchange) { f(x) }

// Inline is h with the promise that it doesn't block: it runs inside the turn
// of the engine, which serves nothing else meanwhile, and which may be one of
// thousands that wait for the same goroutine. Its Exchange never blocks either:
// see [ErrWouldBlock].
func Inline(h Handler) Handler {
	if h == nil {
		panic("message: bug: Inline without a handler")
	}
	if IsInline(h) {
		return h
	}
	return inline{h}
}

// IsInline says whether h was made by Inline.
func IsInline(h Handler) bool {
	_, ok := h.(inline)
	return ok
}

type inline struct{ Handler }
