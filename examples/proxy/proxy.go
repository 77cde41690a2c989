package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	specht "github.com/specht-http/specht"
	"github.com/specht-http/specht/message"
)

// proxy hands each exchange on. Content goes both ways at once, and isn't
// collected: whoever reads slowly slows the other end down.
type proxy struct {
	client specht.Client
	server string // its URL, without a path
}

// Serve implements message.Handler.
func (p *proxy) Serve(x message.Exchange) {
	if x.MethodID() == message.MethodConnect {
		_ = x.Respond(message.StatusNotImplemented, nil, nil) // a tunnel to anywhere is another kind of proxy
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	x.OnOver(func(_ message.Exchange, err error) {
		if err != message.ErrOver && err != message.ErrHalfClosed {
			cancel() // whoever asked has gone
		}
	})
	i := newInterims()
	content := &content{x: x, proceeds: i.proceeds, gone: make(chan struct{})}
	go i.relay(x)
	r, err := p.client.Do(ctx, p.request(x, i, content))
	i.end()
	if err != nil {
		fail(x, err)
	} else {
		answer(x, r)
		r.Close()
	}
	if x.Err() == nil {
		x.Reset()
	}
	content.end()
}

// request is what goes on of a request.
func (p *proxy) request(x message.Exchange, i *interims, content *content) *specht.Request {
	r := &specht.Request{
		Method: string(x.Method()), URL: p.server, Target: originForm(x.MethodID(), string(x.Target())), Authority: string(x.Authority()),
		Fields: forwarded(x.Fields()), ContentLength: x.ContentLength(), OnInterim: i.put,
	}
	if r.ContentLength == 0 { // then there is nothing to wait with
		r.Fields = slices.DeleteFunc(r.Fields, func(f message.Field) bool { return strings.EqualFold(f.Name, "Expect") })
		return r
	}
	if r.Content = content; r.ContentLength < 0 {
		r.Trailers = content.trailers
	}
	return r
}

// fail answers for a server that doesn't.
func fail(x message.Exchange, err error) {
	status := message.StatusBadGateway
	var fault *message.Fault
	if errors.As(err, &fault) && fault.Limit == "HeadNs" {
		status = message.StatusGatewayTimeout
	}
	var e *specht.ClientError
	if errors.As(err, &e) {
		err = e.Err // the rest is for us
	}
	plain := []message.Field{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}}
	_ = x.Respond(status, plain, []byte(err.Error()+"\n")) // whoever asked may have gone
}

// answer hands the response on.
func answer(x message.Exchange, r *specht.Response) {
	if r.Status == message.StatusSwitchingProtocols {
		join(x, r)
		return
	}
	if err := x.Start(r.Status, forwarded(r.Fields), r.ContentLength); err != nil {
		fail(x, err)
		return
	}
	switch err := pump(r.Read, x.WriteLent); {
	case err != io.EOF && err != message.ErrNoContent: // the latter is to HEAD, for example
		x.Reset()
	case x.End(trailers(r.Fields, r.Trailers(), r.ContentLength)...) == message.ErrNoTrailers: // to HTTP/1.0
		_ = x.End()
	}
}

// pump lends what it reads, in two buffers, until one of both fails: with
// io.EOF at the end of the content.
func pump(read func([]byte) (int, error), lend func([]byte, func(error)) error) error {
	free := make(chan []byte, 2)
	free <- make([]byte, 32<<10)
	free <- make([]byte, 32<<10)
	for {
		b := <-free
		n, err := read(b)
		if err := lend(b[:n], func(error) { free <- b }); err != nil {
			return err
		}
		if err != nil {
			return err
		}
	}
}

// join makes a tunnel of both connections, when both have left HTTP.
func join(x message.Exchange, r *specht.Response) {
	near := make(chan func(far message.Stream), 1) // far is nil if it hasn't
	if err := x.Upgrade(r.Status, forwarded(r.Fields), func(s message.Stream, rest []byte) {
		near <- func(far message.Stream) {
			if far == nil {
				s.Close()
				return
			}
			go splice(s, far, nil)
			splice(far, s, rest)
		}
	}); err != nil {
		fail(x, err)
		return
	}
	far, farErr := r.Upgrade()
	nearErr := x.Wait()
	switch {
	case nearErr == message.ErrOver && farErr == nil:
		(<-near)(far)
	case nearErr == message.ErrOver:
		(<-near)(nil)
	case farErr == nil:
		far.Close()
	}
}

// splice copies what comes from one end to the other, behind rest.
func splice(to, from message.Stream, rest []byte) {
	defer to.Close()
	if _, err := to.Write(rest); err == nil {
		_, _ = io.Copy(to, from) // whichever end fails, both are closed
	}
}
