package h1

import (
	"errors"
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

func fields(nv ...string) (fs []message.Field) {
	for i := 0; i < len(nv); i += 2 {
		fs = append(fs, message.Field{Name: nv[i], Value: nv[i+1]})
	}
	return fs
}

// What can't be sent is an error of the call, and nothing has been sent: the
// same exchange is answered right after.
func TestUnsendable(t *testing.T) {
	tests := []struct {
		name string
		try  func(x message.Exchange) error
		want string
	}{
		{"a line break", func(x message.Exchange) error { return x.Respond(200, fields("a", "b\r\nc: d"), nil) }, "take CR and LF out"},
		{"the end of the head", func(x message.Exchange) error { return x.Respond(200, fields("a", "b\r\n\r\nc"), nil) }, "take CR and LF out"},
		{"a bare LF", func(x message.Exchange) error { return x.Respond(200, fields("ok", "", "a", "b\nc"), nil) }, `field 1 ("a") can't be sent: octet 1 of the value: bare LF`},
		{"a bare CR", func(x message.Exchange) error { return x.Respond(200, fields("a", "b\rc"), nil) }, "bare CR"},
		{"NUL", func(x message.Exchange) error { return x.Respond(200, fields("a", "b\x00"), nil) }, "NUL"},
		{"white space at the end", func(x message.Exchange) error { return x.Respond(200, fields("a", "b "), nil) }, "white space at the ends"},
		{"white space in front", func(x message.Exchange) error { return x.Respond(200, fields("a", "\tb"), nil) }, "white space at the ends"},
		{"an empty name", func(x message.Exchange) error { return x.Respond(200, fields("", "b"), nil) }, "empty field name"},
		{"no token", func(x message.Exchange) error { return x.Respond(200, fields("a b", "c"), nil) }, "octet 1 of the name"},
		{"a colon in the name", func(x message.Exchange) error { return x.Respond(200, fields("a:b", "c"), nil) }, "the octets don't read"},
		{"a line as a name", func(x message.Exchange) error { return x.Respond(200, fields("a: b\r\nc", "d"), nil) }, "take CR and LF out"},
		{"Content-Length", func(x message.Exchange) error { return x.Respond(200, fields("content-length", "0"), nil) }, "Content-Length is the engine's"},
		{"Transfer-Encoding", func(x message.Exchange) error { return x.Start(200, fields("Transfer-Encoding", "chunked"), -1) }, "Transfer-Encoding is the engine's"},
		{"Connection", func(x message.Exchange) error { return x.Start(200, fields("Connection", "keep-alive"), -1) }, "Connection is the engine's"},
		{"status 0", func(x message.Exchange) error { return x.Respond(0, nil, nil) }, "status 0 can't be sent"},
		{"status 600", func(x message.Exchange) error { return x.Respond(600, nil, nil) }, "200 to 599"},
		{"status 100", func(x message.Exchange) error { return x.Respond(100, nil, nil) }, "200 to 599"},
		{"204 with content", func(x message.Exchange) error { return x.Respond(204, nil, []byte("a")) }, "it has no content"},
		{"205 with content", func(x message.Exchange) error { return x.Respond(205, nil, []byte("a")) }, "it has no content"},
		{"204 that declares content", func(x message.Exchange) error { return x.Start(204, nil, 1) }, "it has no content"},
		{"a negative length", func(x message.Exchange) error { return x.Start(200, nil, -2) }, "negative"},
		{"Write before Start", func(x message.Exchange) error { _, err := x.Write([]byte("a")); return err }, "content out of order"},
		{"End before Start", func(x message.Exchange) error { return x.End() }, "content out of order"},
		{"Flush of nothing", func(x message.Exchange) error { return x.Flush() }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var err error
			c := newTestConn(t, inline(func(x message.Exchange) {
				err = test.try(x)
				hello(x)
			}))
			c.feed(get).want("answered as if nothing had been tried", ok5).wantNoBuffers("done")
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestDeclaredLength(t *testing.T) {
	var tooMuch, tooLittle, twice, after *message.LengthError
	c := newTestConn(t, inline(func(x message.Exchange) {
		_ = x.Start(200, nil, 5)
		_, err := x.Write([]byte("hello!"))
		_ = errors.As(err, &tooMuch)
		_, _ = x.Write([]byte("hel"))
		_ = errors.As(x.End(), &tooLittle)
		_, err = x.Write([]byte("lo!"))
		_ = errors.As(err, &twice)
		_, _ = x.Write([]byte("lo"))
		if err := x.End(); err != nil {
			t.Error(err)
		}
		_, err = x.Write([]byte("!"))
		if _ = errors.As(err, &after); err != message.ErrOver {
			t.Errorf("Write after End: %v", err)
		}
		if err := x.Err(); err != message.ErrOver {
			t.Errorf("Err after End: %v", err)
		}
	}))
	c.feed(get).want("exactly what was declared", ok5)
	for i, err := range []*message.LengthError{tooMuch, tooLittle, twice} {
		if want := (message.LengthError{Declared: 5, Written: []int64{6, 3, 6}[i]}); err == nil || *err != want {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

// A response without content declares the length that a GET would get, if it
// may and knows.
func TestWithoutContent(t *testing.T) {
	respond := func(status message.Status, content string) func(message.Exchange) {
		return func(x message.Exchange) {
			if err := x.Respond(status, nil, []byte(content)); err != nil {
				t.Error(err)
			}
		}
	}
	start := func(status message.Status, length int64) func(message.Exchange) {
		return func(x message.Exchange) {
			for _, err := range []error{x.Start(status, nil, length), x.End()} {
				if err != nil {
					t.Error(err)
				}
			}
		}
	}
	tests := []struct {
		name, method string
		handler      func(message.Exchange)
		want         string
	}{
		{"HEAD", "HEAD", hello, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
		{"HEAD, streamed", "HEAD", start(200, 5), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
		{"HEAD, unknown", "HEAD", start(200, -1), "HTTP/1.1 200 OK\r\n\r\n"},
		{"204", "GET", respond(204, ""), "HTTP/1.1 204 No Content\r\n\r\n"},
		{"204, streamed", "GET", start(204, -1), "HTTP/1.1 204 No Content\r\n\r\n"},
		{"204, declared", "GET", start(204, 0), "HTTP/1.1 204 No Content\r\n\r\n"},
		{"205", "GET", respond(205, ""), "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"},
		{"205, streamed", "GET", start(205, -1), "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"},
		{"304", "GET", respond(304, ""), "HTTP/1.1 304 Not Modified\r\n\r\n"},
		{"304, what a 200 would have", "GET", respond(304, "hello"), "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"},
		{"304, streamed", "GET", start(304, 7), "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"},
		{"404", "GET", respond(404, ""), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"},
		{"a status of its own", "GET", respond(299, ""), "HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			newTestConn(t, inline(test.handler)).feed(test.method+" / HTTP/1.1\r\nHost: a\r\n\r\n").want("", test.want).
				wantOps("the connection goes on", engine.Read, false).wantNoBuffers("done")
		})
	}
}

func TestApplicationsFields(t *testing.T) {
	newTestConn(t, inline(func(x message.Exchange) {
		_ = x.Respond(200, fields("X", "", "date", "now", "Set-Cookie", "a=b; c", "Set-Cookie", "\xE4"), nil)
	})).feed(get).want("in order, and one Date", "HTTP/1.1 200 OK\r\nX: \r\ndate: now\r\nSet-Cookie: a=b; c\r\nSet-Cookie: \xE4\r\nContent-Length: 0\r\n\r\n")
	newTestConn(t, inline(func(x message.Exchange) { _ = x.Respond(200, fields("connection", "Close"), nil) })).
		feed(get+get).want("an application may close", "HTTP/1.1 200 OK\r\nconnection: Close\r\nContent-Length: 0\r\n\r\n").
		wantOps("and it does", engine.Read, true)
}

// A lent slice comes back exactly once, whatever happens.
func TestWriteLent(t *testing.T) {
	var done []error
	lend := func(x message.Exchange) {
		_ = x.WriteLent([]byte("lent"), func(err error) { done = append(done, err) })
	}
	check := func(why string, want ...error) {
		t.Helper()
		if len(done) != len(want) {
			t.Fatalf("%s: done was called with %v, want %v", why, done, want)
		}
		for i := range want {
			if !errors.Is(done[i], want[i]) {
				t.Errorf("%s: done was called with %v, want %v", why, done, want)
			}
		}
		done = nil
	}
	stream := func(x message.Exchange) { _ = x.Start(200, nil, -1); lend(x); _ = x.End() }
	c := newTestConn(t, inline(stream)).feed(get)
	c.want("chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nlent\r\n0\r\n\r\n").wantNoBuffers("written")
	check("written", nil)
	c.feed("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").want("not sent", "HTTP/1.1 200 OK\r\n\r\n")
	check("not sent at all", nil)
	c.most = -1
	c.feed(get)
	check("queued")
	c.s.ReportError(errors.New("broken"))
	check("the flow broke", message.ErrOver)
	c.wantClosed("broken")

	newTestConn(t, inline(func(x message.Exchange) { lend(x); hello(x) })).feed(get)
	if misuse := new(*message.MisuseError); len(done) != 1 || !errors.As(done[0], misuse) {
		t.Errorf("refused: done was called with %v", done)
	}
	done = nil
	newTestConn(t, inline(func(x message.Exchange) { _ = x.Start(200, nil, 5); lend(x); panic("oh") })).feed(get).
		want("cut", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlent").wantClosed("cut")
	check("the handler panicked, and what was queued went out", nil)

	// Behind another exchange nothing goes out.
	var first message.Exchange
	c = newTestConn(t, inline(func(x message.Exchange) {
		if first == nil {
			first = x.Detach()
			return
		}
		_ = x.Start(200, nil, 5)
		lend(x)
		x.Reset()
	}))
	c.feed(get + get)
	check("reset", message.ErrReset)
	hello(first)
	c.look().want("the first is answered, then the connection is cut", ok5).wantOps("cut", engine.Close, true)
}

func TestFlush(t *testing.T) {
	var log []string
	c := newTestConn(t, inline(func(x message.Exchange) {
		_ = x.Start(200, nil, -1)
		if err := x.Flush(); err != message.ErrWouldBlock {
			t.Errorf("Flush in a turn: %v", err)
		}
		x.OnFlushed(func(x message.Exchange, err error) {
			log = append(log, "head flushed")
			_, _ = x.Write([]byte("event"))
			x.OnFlushed(func(x message.Exchange, err error) {
				log = append(log, "event flushed")
				_ = x.End()
			})
		})
	}))
	c.most = -1
	c.feed(get)
	if log != nil {
		t.Errorf("flushed too early: %v", log)
	}
	c.most = 1
	c.look().want("one octet at a time", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nevent\r\n0\r\n\r\n")
	if strings.Join(log, ", ") != "head flushed, event flushed" {
		t.Errorf("got %v", log)
	}
	c.wantNoBuffers("done")
}

func TestWriteWindow(t *testing.T) {
	o := inline(func(x message.Exchange) {
		_ = x.Start(200, nil, -1)
		n := 0
		for ; ; n++ {
			if _, err := x.Write([]byte("0123456789")); err != nil {
				if err != message.ErrWouldBlock {
					t.Errorf("Write: %v", err)
				}
				break
			}
		}
		if n != 3 { // behind a head of 84 octets
			t.Errorf("%d writes fit, want 3", n)
		}
		x.OnFlushed(func(x message.Exchange, err error) { _ = x.End() })
	})
	o.WriteWindowOctets = 120
	newTestConn(t, o).feed(get).wantStatuses("done", 200).wantNoBuffers("done")
}
