package h1

import (
	"errors"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// erring are options whose error handler answers what went wrong, and the
// requests that go wrong, by status.
func erring(g *goroutines, f func(x message.Exchange, e *ErrorResponse)) (Options, map[int]string) {
	o := Options{ErrorHandler: f, Executor: g, Handler: message.HandlerFunc(func(x message.Exchange) {
		if string(x.Target()) == "/panic" {
			panic("oh")
		}
	})}
	return o, map[int]string{
		400: "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		414: "GET /" + strings.Repeat("a", 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n",
		431: "GET / HTTP/1.1\r\nHost: a\r\nb: " + strings.Repeat("c", 9000) + "\r\n\r\n",
		505: "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
		500: get,
		501: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
	}
}

// run feeds a request that goes wrong, and waits for the answer.
func (c *testConn) run(request string) *testConn {
	return c.feed(request).until(func() bool { return c.s.first == nil })
}

// An error handler is told the peer and the cause, and answers by itself: at
// once, or by a stream that goes on later.
func TestErrorHandlerAnswers(t *testing.T) {
	ways := map[string]func(x message.Exchange, e *ErrorResponse){
		"respond": func(x message.Exchange, e *ErrorResponse) { _ = x.Respond(e.Status, nil, []byte("mine")) },
		"stream": func(x message.Exchange, e *ErrorResponse) {
			_ = x.Start(e.Status, nil, 4)
			_, _ = x.Write([]byte("mine"))
			_ = x.End()
		},
		"flushed": func(x message.Exchange, e *ErrorResponse) {
			_ = x.Start(e.Status, nil, 4)
			x.OnFlushed(func(x message.Exchange, _ error) {
				_, _ = x.Write([]byte("mi"))
				x.OnFlushed(func(x message.Exchange, _ error) {
					_, _ = x.Write([]byte("ne"))
					_ = x.End()
				})
			})
		},
		"detached": func(x message.Exchange, e *ErrorResponse) {
			go func(x message.Exchange, status message.Status) {
				_ = x.Start(status, nil, 4)
				_ = x.Flush()
				_, _ = x.Write([]byte("mine"))
				_ = x.End()
			}(x.Detach(), e.Status)
		},
		"changed": func(x message.Exchange, e *ErrorResponse) { e.Fields, e.Content = nil, []byte("mine") },
	}
	for way, f := range ways {
		g := new(goroutines)
		o, requests := erring(g, nil)
		for status, request := range requests {
			var about any
			o.ErrorHandler = func(x message.Exchange, e *ErrorResponse) {
				about = x.About()
				f(x, e)
			}
			c := newTestConn(t, o).run(request)
			c.h.Lock()
			out := string(c.out)
			c.h.Unlock()
			if !strings.Contains(out, "\r\nContent-Length: 4\r\n") || !strings.HasSuffix(out, "\r\n\r\nmine") || about != "peer" {
				t.Errorf("%s, %d: %q to %v", way, status, out, about)
			}
			c.wantStatuses(way, status)
			g.wg.Wait()
		}
		c := newTestConn(t, o)
		c.feed(get + strings.Replace(get, "/", "/panic", 1) + get).until(func() bool { return c.s.first == nil })
		c.wantStatuses(way+": the connection goes on", 500, 500, 500)
		g.wg.Wait()
		g.full = true
		newTestConn(t, o).run(get).wantStatuses(way+": busy", 503)
	}
}

// An error handler that fails doesn't take the answer with it.
func TestErrorHandlerFails(t *testing.T) {
	g := new(goroutines)
	const start = "HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"
	tests := []struct {
		name string
		f    func(x message.Exchange, e *ErrorResponse)
		want string
	}{
		{"it panics", func(message.Exchange, *ErrorResponse) { panic("oh") }, "malformed"},
		{"it takes it over and panics", func(x message.Exchange, _ *ErrorResponse) { x.Detach(); panic("oh") }, "malformed"},
		{"it gives what can't be sent", func(_ message.Exchange, e *ErrorResponse) { e.Fields = fields("a", "b\r\n") }, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"},
		{"it panics behind the head", func(x message.Exchange, _ *ErrorResponse) { _ = x.Start(400, nil, 4); panic("oh") }, start},
		{"it doesn't end", func(x message.Exchange, _ *ErrorResponse) { _ = x.Start(400, nil, 4) }, start},
		{"it resets", func(x message.Exchange, _ *ErrorResponse) { x.Reset() }, ""},
	}
	for _, test := range tests {
		o, _ := erring(g, test.f)
		c := newTestConn(t, o).run("GET / HTTP/1.1\r\nHost: \x00\r\n\r\n")
		c.h.Lock()
		out := strings.ReplaceAll(string(c.out), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "")
		c.h.Unlock()
		if out != test.want && (test.want != "malformed" || !strings.Contains(out, "NUL")) {
			t.Errorf("%s: %q", test.name, out)
		}
		c.end().wantClosed(test.name)
	}
}

// While a handler has the exchange, an error handler answers in its call or not
// at all: else the two could write into each other's response.
func TestErrorHandlerBesideHandler(t *testing.T) {
	malformed := post + "zz\r\n"
	for _, isWhole := range []bool{true, false} {
		var x message.Exchange
		o := inline(func(t message.Exchange) { x = t.Detach() })
		o.ErrorHandler = func(x message.Exchange, e *ErrorResponse) {
			if isWhole {
				_ = x.Respond(e.Status, nil, nil)
				return
			}
			_ = x.Start(e.Status, nil, -1)
			x.OnFlushed(func(x message.Exchange, _ error) {
				if _, err := x.Write([]byte("more")); err == nil {
					t.Error("it writes beside a handler")
				}
			})
		}
		c := newTestConn(t, o).feed(malformed).wantStatuses("", 400)
		var fault *message.Fault
		if _, err := x.Write([]byte("mine")); !errors.As(err, &fault) {
			t.Errorf("Write by the handler: %v", err)
		}
		if err := x.Err(); !errors.As(err, &fault) {
			t.Errorf("Err: %v", err)
		}
		c.look().want("", "")
	}
}
