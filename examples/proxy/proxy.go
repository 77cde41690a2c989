package main

import (
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// proxy hands each exchange on. Content goes both ways at once, without being
// copied or collected: whoever reads slowly slows the other end down.
type proxy struct {
	pool    pool
	workers *loop.Workers // run Serve
	helpers *loop.Workers // write while connections read
	service *h1.Service
}

// Serve implements message.Handler.
func (p *proxy) Serve(x message.Exchange) {
	if x.MethodID() == message.MethodConnect {
		_ = x.Respond(message.StatusNotImplemented, nil, nil) // a tunnel to anywhere is another kind of proxy
		return
	}
	h := message.RequestHead{
		Method: string(x.Method()), Target: originForm(x.MethodID(), string(x.Target())), Authority: string(x.Authority()),
		Fields: forwarded(x.Fields()), ContentLength: x.ContentLength(), IsSensitive: x.Fields().IsTargetSensitive(),
	}
	if h.ContentLength == 0 { // then there is nothing to wait with
		h.Fields = slices.DeleteFunc(h.Fields, func(f message.Field) bool { return strings.EqualFold(f.Name, "Expect") })
	}
	interims := make(chan interim, 16) // as many as a client takes
	up, err := p.pool.begin(&h, func(up message.ClientExchange) {
		up.OnInterim(func(_ message.ClientExchange, s message.Status, f message.Fields) {
			interims <- interim{s, forwarded(f)}
		})
	})
	if err != nil {
		fail(x, err)
		return
	}
	defer up.Close()
	x.OnOver(func(_ message.Exchange, err error) {
		if err != message.ErrOver && err != message.ErrHalfClosed {
			go up.Reset() // whoever asked has gone; not in this turn, for it belongs to another connection
		}
	})

	proceeds, uploaded := make(chan struct{}), make(chan struct{})
	go func() { defer close(uploaded); upload(x, up, proceeds) }()
	relayed := make(chan struct{})
	go func() { defer close(relayed); relay(x, interims, proceeds) }()
	err = up.Await()
	close(interims)
	<-relayed
	if err != nil {
		fail(x, err)
	} else {
		download(x, up)
	}
	if x.Err() == nil {
		x.Reset()
	}
	<-uploaded
}

// originForm is a request-target as a server wants it (RFC 9112, Sections 3.2.1
// and 3.2.4).
func originForm(method message.Method, target string) string {
	_, rest, isAbsolute := strings.Cut(target, "://")
	if strings.HasPrefix(target, "/") || !isAbsolute {
		return target
	}
	i := strings.IndexAny(rest, "/?")
	switch {
	case i < 0 && method == message.MethodOptions: // of the server as a whole
		return "*"
	case i < 0:
		return "/"
	case rest[i] == '?':
		return "/" + rest[i:]
	}
	return rest[i:]
}

// fail answers for a server that doesn't.
func fail(x message.Exchange, err error) {
	status := message.StatusBadGateway
	var fault *message.Fault
	if errors.As(err, &fault) && fault.Limit == "HeadNs" {
		status = message.StatusGatewayTimeout
	}
	plain := []message.Field{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}}
	_ = x.Respond(status, plain, []byte(err.Error()+"\n")) // whoever asked may have gone
}

// upload hands the content of the request on. A client that waits for 100
// (Continue) is asked for it when the server has said so.
func upload(x message.Exchange, up message.ClientExchange, proceeds <-chan struct{}) {
	if _, isExpecting := x.Fields().Get("Expect"); isExpecting {
		select {
		case <-proceeds:
		case <-time.After(time.Second): // the server may not know of it
		}
	}
	if x.ContentLength() == 0 {
		return
	}
	switch err := pump(x.Read, up.WriteLent); {
	case err == message.ErrEnd:
		if up.End(trailers(x.Fields(), x.Trailers(), x.ContentLength())...) != nil {
			up.Reset() // as if it had been cut, which Await tells
		}
	case errors.Is(err, message.ErrUnwanted), up.Err() == message.ErrOver: // the server doesn't want it
	default:
		up.Reset()
	}
}

// interim is an interim response.
type interim struct {
	status message.Status
	fields []message.Field
}

// relay hands interim responses on, and says when content may be asked for.
func relay(x message.Exchange, interims <-chan interim, proceeds chan<- struct{}) {
	isProceeding := false
	for i := range interims {
		_ = x.Interim(i.status, i.fields) // HTTP/1.0 knows none
		if i.status == message.StatusContinue && !isProceeding {
			isProceeding = true
			close(proceeds)
		}
	}
	if !isProceeding {
		close(proceeds)
	}
}

// download hands the response on.
func download(x message.Exchange, up message.ClientExchange) {
	fields := forwarded(up.Fields())
	if up.Status() == message.StatusSwitchingProtocols {
		join(x, up, fields)
		return
	}
	if err := x.Start(up.Status(), fields, up.ContentLength()); err != nil {
		fail(x, err)
		return
	}
	err := pump(up.Read, x.WriteLent)
	if err == message.ErrNoContent { // to HEAD, for example
		err = message.ErrEnd
	}
	if err != message.ErrEnd {
		x.Reset()
		return
	}
	if x.End(trailers(up.Fields(), up.Trailers(), up.ContentLength())...) == message.ErrNoTrailers { // to HTTP/1.0
		_ = x.End()
	}
}

// join makes a tunnel of both connections, when both have left HTTP.
func join(x message.Exchange, up message.ClientExchange, fields []message.Field) {
	type end struct {
		message.Stream
		rest []byte
	}
	near, far := make(chan end, 1), make(chan end, 1)
	if err := x.Upgrade(up.Status(), fields, func(s message.Stream, rest []byte) { near <- end{s, rest} }); err != nil {
		fail(x, err)
		return
	}
	upErr := up.Upgrade(func(s message.Stream, rest []byte) { far <- end{s, rest} })
	if upErr == nil {
		upErr = up.Wait()
	}
	switch err := x.Wait(); {
	case err == message.ErrOver && upErr == message.ErrOver:
		a, b := <-near, <-far
		go splice(a, b, b.rest)
		splice(b, a, a.rest)
	case err == message.ErrOver:
		(<-near).Close()
	case upErr == message.ErrOver:
		(<-far).Close()
	}
}

// splice copies what comes from one end to the other, behind rest.
func splice(to, from message.Stream, rest []byte) {
	defer to.Close()
	if _, err := to.Write(rest); err == nil {
		_, _ = io.Copy(to, from) // whichever end fails, both are closed
	}
}

// pump lends what it reads, in two buffers, until one of both fails: with
// ErrEnd at the end of the content.
func pump(read func([]byte) (int, error), lend func([]byte, func(error)) error) error {
	free := make(chan []byte, 2)
	free <- make([]byte, 32<<10)
	free <- make([]byte, 32<<10)
	for {
		b := <-free
		n, err := read(b)
		if err != nil {
			return err
		}
		if err := lend(b[:n], func(error) { free <- b }); err != nil {
			return err
		}
	}
}

// forwarded are fields without those that concern one connection alone
// (RFC 9110, Section 7.6.1), and with Via. An offer to switch protocols is made
// anew.
func forwarded(fields message.Fields) (out []message.Field) {
	drop := hopByHop(fields)
	isUpgrade := slices.Contains(drop, "upgrade")
	for i := range fields.Len() {
		lower := strings.ToLower(string(fields.Name(i)))
		if lower == "upgrade" && isUpgrade || lower != "upgrade" && !slices.Contains(drop, lower) {
			out = append(out, fields.Field(i))
		}
	}
	return append(out, message.Field{Name: "Via", Value: "1.1 specht"})
}

// hopByHop are the names of fields that concern one connection alone, in lower
// case: those that always do, and those that the header section names in
// Connection.
func hopByHop(head message.Fields) []string {
	names := []string{"connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "content-length", "host"}
	for value := range head.Values("Connection") {
		for option := range strings.SplitSeq(strings.ToLower(string(value)), ",") {
			names = append(names, strings.TrimSpace(option))
		}
	}
	return names
}

// trailers are the fields of the trailer section behind a head to send, where
// there can be one, without those that concern one connection, and those that
// have no meaning there (RFC 9110, Section 6.5.1).
func trailers(head, fields message.Fields, contentLength int64) (out []message.Field) {
	drop := hopByHop(head)
	for i := range fields.Len() {
		if contentLength < 0 && !fields.ID(i).IsHeadOnly() && !slices.Contains(drop, strings.ToLower(string(fields.Name(i)))) {
			out = append(out, fields.Field(i))
		}
	}
	return out
}
