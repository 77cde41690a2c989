// Package nethttp runs handlers of net/http on the engines of this module.
//
// Noun: [Handler] makes a message.Handler of an http.Handler. It blocks, so the
// engine needs an Executor:
//
//	workers := loop.NewWorkers(loop.WorkersOptions{})
//	service := h1.NewService(h1.Options{
//		Handler:  nethttp.Handler(mux, nethttp.Options{}),
//		Executor: workers,
//	})
//
// Handlers find what net/http's server offers them: the request with its
// context, which is cancelled when the peer goes; a ResponseWriter that is a
// Flusher, a Hijacker, a Pusher, a ReaderFrom, a StringWriter and what an
// http.ResponseController needs; trailers and interim responses both ways;
// 100 (Continue) with the first read of the content. The tests hold each of
// that against net/http's server.
//
// # What is different
//
// Framing is the engine's, and requests are read more strictly than net/http
// reads them. Besides:
//
//   - Content can be read while the response is written, always: the engine is
//     full duplex, and EnableFullDuplex changes nothing.
//   - A status is 100 to 599 (RFC 9110, Section 15); WriteHeader panics for
//     others. A response with 205 has no content.
//   - Of Connection, a handler says close or nothing: what else it sets is left
//     out. Date is always sent.
//   - HTTP/1.0 gets no interim responses.
//   - What a handler sends beyond a declared Content-Length is refused, as there,
//     but the connection goes on.
//   - A panic goes on to the engine, which tells h1.Options.OnPanic and answers
//     500 if nothing was sent. http.ErrAbortHandler cuts the response, and
//     nobody is told.
//   - Hijack is for a handler that has sent nothing, or that has written the
//     head of 101 (Switching Protocols), or of a success to CONNECT. Content of
//     the request that has not been read by then is thrown away, when all of
//     it has come: what is read from the connection begins behind it.
//
// # Lifetime
//
// A Request, its Body and its context may outlive the handler, as they may in
// net/http: nothing of them is used again for another request. What is lent by
// the engine is copied into them. After the handler has returned the Body gives
// http.ErrBodyReadAfterClose and the ResponseWriter message.ErrOver.
package nethttp
