package h1

import (
	"errors"
	"testing"

	"github.com/specht-http/specht/message"
)

const expecting = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"

// Interim responses go out in front of the final one, in the order of the
// requests (RFC 9110, Section 15.2).
func TestInterim(t *testing.T) {
	hints := func(x message.Exchange) {
		for _, link := range []string{"<a>", "<b>"} {
			if err := x.Interim(message.StatusEarlyHints, fields("Link", link)); err != nil {
				t.Errorf("Interim: %v", err)
			}
		}
		hello(x)
	}
	const hinted = "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <b>\r\n\r\n" + ok5
	newTestConn(t, inline(hints)).feed(get+get).want("", hinted+hinted).wantNoBuffers("done")

	d := new(handed)
	c := newTestConn(t, inline(d.serve)).feed(get + get)
	if err := d.xs[1].Interim(102, nil); err != nil {
		t.Error(err)
	}
	c.look().want("the second has its turn", "")
	answer(d.xs[0], "one")
	c.look().want("then", ok("one")+"HTTP/1.1 102 \r\n\r\n")
	answer(d.xs[1], "two")
	c.look().want("", ok("two"))
}

// What isn't an interim response isn't sent as one, and nothing is to HTTP/1.0.
func TestInterimRefused(t *testing.T) {
	try := func(request string, first bool, status message.Status, fs []message.Field) (err error) {
		c := newTestConn(t, inline(func(x message.Exchange) {
			if !first {
				_ = x.Start(200, nil, 5)
			}
			err = x.Interim(status, fs)
			if first {
				hello(x)
			} else {
				_, _ = x.Write([]byte("hello"))
				_ = x.End()
			}
		}))
		c.feed(request).wantStatuses("the final one alone", 200)
		return err
	}
	var status *message.StatusError
	var field *message.FieldError
	var misuse *message.MisuseError
	if err := try("GET / HTTP/1.0\r\n\r\n", true, 103, nil); !errors.As(err, &status) {
		t.Errorf("HTTP/1.0: %v", err)
	}
	for _, wrong := range []message.Status{101, 200, 0, 99} {
		if err := try(get, true, wrong, nil); !errors.As(err, &status) {
			t.Errorf("%d: %v", wrong, err)
		}
	}
	if err := try(get, true, 103, fields("Connection", "close")); !errors.As(err, &status) {
		t.Errorf("close: %v", err)
	}
	for _, fs := range [][]message.Field{fields("Content-Length", "0"), fields("a", "b\r\n")} {
		if err := try(get, true, 103, fs); !errors.As(err, &field) {
			t.Errorf("%v: %v", fs, err)
		}
	}
	if err := try(get, false, 103, nil); !errors.As(err, &misuse) {
		t.Errorf("behind the head: %v", err)
	}
}

// 100 of the application is the one that a client waits for; there are never
// two (RFC 9110, Section 10.1.1).
func TestInterimContinue(t *testing.T) {
	const go100 = "HTTP/1.1 100 Continue\r\n\r\n"
	for name, handler := range map[string]func(message.Exchange){
		"then read": func(x message.Exchange) {
			_ = x.Interim(100, nil)
			_ = x.Interim(100, nil)
			_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
				if err == message.ErrEnd {
					hello(x)
				}
				return len(p)
			})
		},
		"after reading": func(x message.Exchange) {
			_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
				if err == message.ErrEnd {
					hello(x)
				}
				return len(p)
			})
			if err := x.Interim(100, nil); err != nil {
				t.Error(err)
			}
		},
	} {
		c := newTestConn(t, inline(handler))
		c.feed(expecting).want(name, go100)
		c.feed("abcde").want(name+": the connection goes on", ok5)
		c.feed(get[:0])
	}
	c := newTestConn(t, inline(func(x message.Exchange) { _ = x.Interim(103, nil); hello(x) }))
	c.feed(expecting).want("another one doesn't make it send: it may never",
		"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
	newTestConn(t, inline(func(x message.Exchange) { _ = x.Interim(100, nil); hello(x) })).
		feed(get).want("nobody waits: it is sent all the same", go100+ok5)
}

// A handler that sends interim responses for ever waits for its peer.
func TestInterimWindow(t *testing.T) {
	var err error
	o := inline(func(x message.Exchange) {
		for err == nil {
			err = x.Interim(103, fields("Link", "<a>"))
		}
		hello(x)
	})
	o.WriteWindowOctets = 100
	c := newTestConn(t, o)
	c.most = -1
	c.feed(get)
	if err != message.ErrWouldBlock || c.s.queued() > 200 {
		t.Errorf("%v, %d octets are queued", err, c.s.queued())
	}
}
