package h1

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// echo answers with the content, and logs what the callback was given.
type echo struct {
	log  []string
	most int // octets that one call takes; 0 for all
	x    message.Exchange
}

func (e *echo) serve(x message.Exchange) {
	e.x = x
	var content []byte
	_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
		if err != nil {
			e.log = append(e.log, err.Error())
			if err == message.ErrEnd {
				_ = x.Respond(message.StatusOK, nil, content)
			}
			return 0
		}
		n := len(p)
		if e.most > 0 {
			n = min(n, e.most)
		}
		e.log = append(e.log, string(p))
		content = append(content, p[:n]...)
		return n
	})
}

func (e *echo) want(t *testing.T, log ...string) {
	t.Helper()
	if strings.Join(e.log, "|") != strings.Join(log, "|") {
		t.Errorf("the callback was given %q, want %q", e.log, log)
	}
	e.log = nil
}

const (
	ok5    = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	length = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
)

func TestContentByCallback(t *testing.T) {
	e := new(echo)
	c := newTestConn(t, inline(e.serve))
	c.feed(length+"hello").want("whole", ok5)
	e.want(t, "hello", message.ErrEnd.Error())
	c.feed(length+"he").feed("llo").want("in two reads", ok5)
	e.want(t, "he", "llo", message.ErrEnd.Error())
	c.feed(post+"2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nx: y\r\n\r\n").want("chunked", ok5)
	e.want(t, "he", "llo", message.ErrEnd.Error())
	c.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").want("empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	e.want(t, message.ErrEnd.Error())
	c.feed(get).want("none", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	e.want(t, message.ErrEnd.Error())
	c.wantNoBuffers("all was taken")
}

func TestBackpressure(t *testing.T) {
	e := &echo{most: 2}
	o := inline(e.serve)
	o.ContentWindowOctets = 4
	c := newTestConn(t, o)
	c.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789")
	e.want(t, "0123")
	c.wantOps("two octets are kept, so two more can come, then reading stops", engine.Yield, false)
	if len(c.in) != 4 {
		t.Errorf("%d octets are left, want 4", len(c.in))
	}
	resume := func() {
		c.h.Lock()
		e.x.Resume()
		c.s.endTurn()
		c.pump()
		c.h.Unlock()
	}
	resume()
	e.want(t, "2345")
	resume()
	e.want(t, "4567")
	resume()
	e.want(t, "6789")
	resume()
	e.want(t, "89", message.ErrEnd.Error())
	c.want("all of it", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789").wantNoBuffers("done")
}

func TestContentByRead(t *testing.T) {
	g := new(goroutines)
	o := Options{Executor: g, ContentWindowOctets: 4, Handler: message.HandlerFunc(func(x message.Exchange) {
		var content []byte
		var p [3]byte
		for {
			n, err := x.Read(p[:])
			content = append(content, p[:n]...)
			if err != nil {
				content = append(content, err.Error()...)
				break
			}
		}
		trailer, _ := x.Trailers().Get("X")
		_ = x.Respond(message.StatusOK, nil, append(content, trailer...))
	})}
	c := newTestConn(t, o)
	c.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789")
	c.until(func() bool { return len(c.out) > 0 }).
		want("through a window of 4", "HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\n0123456789message: end of content")
	c.feed(post+"a\r\n0123456789\r\n0\r\nx: y\r\n\r\n").until(func() bool { return len(c.out) > 0 }).
		want("chunked, with trailers", "HTTP/1.1 200 OK\r\nContent-Length: 34\r\n\r\n0123456789message: end of contenty")
	g.wg.Wait()
	c.wantNoBuffers("done")
}

func TestExpect(t *testing.T) {
	expect := "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n"
	e := new(echo)
	newTestConn(t, inline(e.serve)).feed(expect).want("the handler asks", "HTTP/1.1 100 Continue\r\n\r\n").
		feed("hello").want("then it answers", ok5).wantOps("and goes on", engine.Read, false)
	newTestConn(t, inline(e.serve)).feed(expect+"hello").want("it isn't known yet that the client doesn't wait", "HTTP/1.1 100 Continue\r\n\r\n"+ok5)
	newTestConn(t, inline(hello)).feed(expect).want("answered without asking: nobody knows what comes",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello").
		wantOps("so the connection closes", engine.Read, true)
	newTestConn(t, inline(e.serve)).feed("POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n").
		want("HTTP/1.0 knows no expectations", "")
	newTestConn(t, inline(hello)).feed("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n").
		want("without content there is nothing to wait with", ok5)
	// Behind another exchange, the interim response waits for its turn.
	var first message.Exchange
	c := newTestConn(t, inline(func(x message.Exchange) {
		if first == nil {
			first = x.Detach()
			return
		}
		e.serve(x)
	}))
	c.feed(get+expect).want("the first isn't answered yet", "")
	hello(first)
	c.look().want("now both", ok5+"HTTP/1.1 100 Continue\r\n\r\n").feed("hello").want("", ok5)
}

func TestAnsweredEarly(t *testing.T) {
	c := newTestConn(t, inline(hello))
	c.feed(length).want("at once", ok5)
	c.feed("he").feed("llo"+get).want("its content is thrown away, and the next is served", ok5)
	c.feed(post+"5\r\nhello\r\n").want("chunked", ok5).feed("0\r\n\r\n"+get).want("the same", ok5)
	o := inline(hello)
	o.DiscardOctets = 4
	newTestConn(t, o).feed(length).want("too much would follow", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello").
		wantOps("so it closes in stages", engine.Read, true).
		feed("hell").wantClosed("until too much has followed")
	newTestConn(t, o).feed(post+"5\r\nhello\r\n").want("said too late to say close", ok5).wantOps("but it closes", engine.Read, true)
	newTestConn(t, o).feed(post+"4\r\nhell\r\n0\r\n\r\n"+get).want("just enough", ok5+ok5)
}

func TestEndOfInput(t *testing.T) {
	tests := []struct{ name, octets, want, log string }{
		{"nothing", "", "", ""},
		{"an empty line", "\r\n", "", ""},
		{"a part of a head", "GET / H", "400", ""},
		{"a part of the content", length + "he", "400", "he|request-message: request cut short at octet 49 (RFC 9112, Section 8)"},
		{"a part of a chunk", post + "5\r\nhe", "400", "he|request-message: request cut short at octet 61 (RFC 9112, Section 8)"},
		{"a chunk without its end", post + "2\r\nhe\r", "400", "he|request-message: request cut short at octet 62 (RFC 9112, Section 8)"},
		{"a part of a chunk line", post + "5", "400", "request-message: request cut short at octet 57 (RFC 9112, Section 8)"},
		{"a part of the trailers", post + "0\r\nx: ", "400", "request-message: request cut short at octet 62 (RFC 9112, Section 8)"},
		{"a whole request", length + "hello", "200", "hello|" + message.ErrEnd.Error()},
		{"two requests", get + length + "hello", "200 200", message.ErrEnd.Error() + "|hello|" + message.ErrEnd.Error()},
		{"a request and a part", get + "GET", "200 400", message.ErrEnd.Error()},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := new(echo)
			c := newTestConn(t, inline(e.serve))
			c.feed(test.octets).end()
			if got := strings.Join(e.log, "|"); got != test.log {
				t.Errorf("the callback was given %q, want %q", got, test.log)
			}
			var statuses []int
			for _, word := range strings.Fields(test.want) {
				var status int
				_, _ = fmt.Sscan(word, &status)
				statuses = append(statuses, status)
			}
			c.wantStatuses("answered", statuses...).wantClosed("and closed")
		})
	}
}

// A peer that has closed its side still gets its answers, however late.
func TestEndOfInputThenAnswer(t *testing.T) {
	var x message.Exchange
	c := newTestConn(t, inline(func(y message.Exchange) { x = y.Detach() }))
	c.feed(get).end().wantOps("the answer is owed", engine.Close, false)
	if err := x.Wait(); err != message.ErrHalfClosed {
		t.Errorf("Wait: %v", err)
	}
	hello(x)
	c.look().want("answered, and that it is the last is said", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello").wantOps("closed", engine.Close, true)
	if err := x.Wait(); err != message.ErrOver {
		t.Errorf("Wait: %v", err)
	}
}

// Resume inside the callback holds for what that call leaves.
func TestResumeInsideTheCallback(t *testing.T) {
	calls, got := 0, ""
	o := inline(func(x message.Exchange) {
		_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
			calls++
			if err != nil {
				_ = x.Respond(200, nil, []byte(got))
				return 0
			}
			x.Resume()
			got += string(p[:1])
			return 1
		})
	})
	request := "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
	ok := "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	newTestConn(t, o).feed(request+"hello").want("at once", ok).wantNoBuffers("at once")
	if calls != 6 {
		t.Errorf("%d calls, want one for each octet and one for the end", calls)
	}
	got = ""
	c := newTestConn(t, o).feed(request)
	for _, octet := range "hello" {
		c.feed(string(octet))
	}
	c.want("octet by octet", ok).wantNoBuffers("octet by octet")
}

// Whoever asks for content after it has failed is told why, whichever way it
// asks.
func TestContentAfterFault(t *testing.T) {
	var detached message.Exchange
	c := newTestConn(t, inline(func(x message.Exchange) { detached = x.Detach() }))
	c.feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n").wantStatuses("the chunk is malformed", 400)
	var fault *message.Fault
	if _, err := detached.Read(make([]byte, 1)); !errors.As(err, &fault) {
		t.Errorf("Read: %v", err)
	}
	err := detached.OnContent(func(message.Exchange, []byte, error) int { return 0 })
	if fault = nil; !errors.As(err, &fault) {
		t.Errorf("OnContent: %v", err)
	}
}

// What is within the limit of content goes up, however the input is cut, and the
// fault is where the limit is passed.
func TestContentLimitSplit(t *testing.T) {
	const octets = post + "3\r\nabc\r\n3\r\ndef\r\n"
	for cut := range len(octets) + 1 {
		var got []byte
		var last error
		o := inline(func(x message.Exchange) {
			_ = x.OnContent(func(_ message.Exchange, p []byte, err error) int {
				got, last = append(got, p...), err
				return len(p)
			})
		})
		o.ContentOctets = 5
		newTestConn(t, o).feed(octets[:cut]).feed(octets[cut:]).wantStatuses("too large", 413)
		fault, ok := last.(*message.Fault)
		if string(got) != "abcde" || !ok || fault.Offset != int64(strings.Index(octets, "f\r")) {
			t.Fatalf("cut at %d: got %q, then %v", cut, got, last)
		}
	}
}

// What a callback makes room for at the end of a turn is looked at in that turn:
// the driver has no reason to offer it again.
func TestRoomMadeByCallbacks(t *testing.T) {
	o := inline(func(x message.Exchange) {
		_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
			if err == message.ErrEnd {
				hello(x)
			}
			x.Resume()
			return min(len(p), 2)
		})
	})
	o.ContentWindowOctets = 4
	newTestConn(t, o).feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n"+strings.Repeat("hello", 10)).want("content", ok5)

	o = inline(func(x message.Exchange) {
		x.OnFlushed(func(x message.Exchange, _ error) { hello(x) })
	})
	o.PipelinedMax = 1
	newTestConn(t, o).feed(get+get+get).want("exchanges", ok5+ok5+ok5)
}
