package h1

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// handed is a handler that hands its exchanges to the test.
type handed struct{ xs []message.Exchange }

func (d *handed) serve(x message.Exchange) { d.xs = append(d.xs, x.Detach()) }

func answer(x message.Exchange, content string) {
	_ = x.Respond(message.StatusOK, nil, []byte(content))
}

func ok(content string) string {
	return "HTTP/1.1 200 OK\r\nContent-Length: " + string(rune('0'+len(content))) + "\r\n\r\n" + content
}

func TestOutOfOrder(t *testing.T) {
	d := new(handed)
	c := newTestConn(t, inline(d.serve))
	c.feed(get + get + get)
	answer(d.xs[2], "three")
	c.look().want("the third has to wait", "")
	answer(d.xs[1], "two")
	c.look().want("the second too", "")
	answer(d.xs[0], "one")
	c.look().want("in the order of the requests", ok("one")+ok("two")+ok("three"))
	c.wantOps("then it goes on", engine.Read, false)
	for _, x := range d.xs {
		if err := x.Respond(200, nil, nil); err == nil {
			t.Error("an exchange was answered twice")
		}
		if string(x.Target()) != "/" || x.Fields().Len() != 1 {
			t.Error("a detached exchange has forgotten its request")
		}
	}
}

// A handler whose request is whole still learns that the peer has closed.
func TestHalfClosedDuringPost(t *testing.T) {
	d := new(handed)
	c := newTestConn(t, inline(d.serve)).feed(length+"hello").wantOps("nothing is left over, so reading goes on", engine.Read, false)
	if c.end(); d.xs[0].Wait() != message.ErrHalfClosed {
		t.Error("the end of the input wasn't noticed")
	}
	c = newTestConn(t, inline(d.serve)).feed(length+"hello").feed("GET").wantOps("now something is", engine.Yield, false)
	answer(d.xs[1], "one")
	c.look().want("", ok("one")).wantOps("and now it is looked at", engine.Read, false)
}

// What changes something isn't served beside anything else.
func TestUnsafeAlone(t *testing.T) {
	d := new(handed)
	c := newTestConn(t, inline(d.serve))
	under := func(want int) {
		t.Helper()
		if len(d.xs) != want {
			t.Fatalf("%d exchanges were begun, want %d", len(d.xs), want)
		}
	}
	c.feed(get + get + length + "hello" + get + get)
	under(2)
	c.wantOps("the third is held, and nothing is read behind it", engine.Yield, false)
	answer(d.xs[1], "two")
	c.look().want("", "")
	under(2)
	answer(d.xs[0], "one")
	c.look().want("now it is the first", ok("one")+ok("two"))
	under(3)
	var p [9]byte
	if n, err := d.xs[2].Read(p[:]); string(p[:n]) != "hello" || err != nil {
		t.Errorf("Read: %q, %v", p[:n], err)
	}
	answer(d.xs[2], "three")
	c.look().want("", ok("three"))
	under(5)
}

func TestPipelinedMax(t *testing.T) {
	d := new(handed)
	o := inline(d.serve)
	o.PipelinedMax = 2
	c := newTestConn(t, o)
	c.feed(get + get + get + get)
	if c.wantOps("reading stops above the cap", engine.Yield, false); len(d.xs) != 2 {
		t.Fatalf("%d exchanges are under way, want 2", len(d.xs))
	}
	answer(d.xs[0], "one")
	if c.look().want("one is over", ok("one")); len(d.xs) != 3 {
		t.Fatalf("%d exchanges were begun, want 3", len(d.xs))
	}
	answer(d.xs[1], "two")
	answer(d.xs[2], "three")
	c.look().want("and so on", ok("two")+ok("three"))
	answer(d.xs[3], "four")
	c.look().want("", ok("four")).wantOps("", engine.Read, false)
}

// Many large heads don't add up.
func TestPipelinedHeadOctets(t *testing.T) {
	d := new(handed)
	o := inline(d.serve)
	o.PipelinedHeadOctets = 2000
	c := newTestConn(t, o)
	large := "GET / HTTP/1.1\r\nHost: a\r\nb: " + strings.Repeat("c", 1500) + "\r\n\r\n"
	c.feed(strings.Repeat(large, 4))
	if c.wantOps("reading stops", engine.Yield, false); len(d.xs) != 2 {
		t.Fatalf("%d exchanges are under way, want 2", len(d.xs))
	}
	for i := range 4 {
		answer(d.xs[i], "x")
		c.look().want("and goes on", ok("x"))
	}
	if c.wantOps("", engine.Read, false); c.s.wake().headOctets != 0 {
		t.Errorf("%d octets of heads are left", c.s.wake().headOctets)
	}
}

// A peer that asks and doesn't read can't have us queue without end.
func TestPeerDoesNotRead(t *testing.T) {
	served := 0
	o := inline(func(x message.Exchange) { served++; _ = x.Respond(200, nil, make([]byte, 1000)) })
	o.WriteWindowOctets = 2000
	c := newTestConn(t, o)
	c.most = -1
	c.feed(strings.Repeat(get, 10)).wantOps("two answers are queued", engine.Yield, false)
	if served != 2 {
		t.Errorf("%d requests were served, want 2", served)
	}
	c.after(100*second).wantOps("and the time for writing is the driver's", engine.Yield, false)
	c.most = 0
	c.look().wantStatuses("it reads", 200, 200, 200, 200, 200, 200, 200, 200, 200, 200).wantNoBuffers("done")
}

// A refusal doesn't overtake what was asked before.
func TestRefusalInOrder(t *testing.T) {
	d := new(handed)
	c := newTestConn(t, inline(d.serve))
	c.feed(get+"GET\r\n").want("the first isn't answered", "")
	answer(d.xs[0], "one")
	c.look().wantStatuses("then both are", 200, 400).wantOps("and it closes", engine.Read, true)
}

// An answer that is taken back before its turn leaves no gap, in which the next one
// would be taken for it: the connection ends there.
func TestResetBehindAnswer(t *testing.T) {
	d := new(handed)
	c := newTestConn(t, inline(d.serve)).feed(get + get + get)
	answer(d.xs[2], "three")
	answer(d.xs[1], "two")
	d.xs[1].Reset()
	if err := d.xs[1].Err(); err != message.ErrReset {
		t.Errorf("Err: %v", err)
	}
	answer(d.xs[0], "one")
	c.look().want("the first is answered, and nothing else", ok("one")).wantOps("the end", engine.Close, true)
}

func TestPanics(t *testing.T) {
	var told []any
	options := func(f func(message.Exchange)) Options {
		o := inline(f)
		o.OnPanic = func(v any) { told = append(told, v) }
		return o
	}
	newTestConn(t, options(func(message.Exchange) { panic("one") })).feed(get+get).
		wantStatuses("500 if nothing was sent, and the process lives", 500, 500).
		wantOps("and the connection", engine.Read, false)
	newTestConn(t, options(func(x message.Exchange) { hello(x); panic("two") })).feed(get).
		want("nothing if all was sent", ok5).wantOps("", engine.Read, false)
	newTestConn(t, options(func(x message.Exchange) { _ = x.Start(200, nil, -1); panic("three") })).feed(get+get).
		want("cut if something was sent", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").wantClosed("cut")
	newTestConn(t, options(func(x message.Exchange) {
		_ = x.OnContent(func(message.Exchange, []byte, error) int { panic("four") })
	})).feed(length+"hello"+get).wantStatuses("a callback", 500, 500)
	newTestConn(t, options(func(x message.Exchange) {
		_ = x.Start(200, nil, 0)
		x.OnFlushed(func(message.Exchange, error) { panic("five") })
	})).feed(get).wantStatuses("a late callback", 200).wantClosed("cut")
	want := []any{"one", "one", "two", "three", "four", "four", "five"}
	for i := range want {
		if len(told) != len(want) || told[i] != want[i] {
			t.Fatalf("OnPanic was told %v, want %v", told, want)
		}
	}
}

func TestUnanswered(t *testing.T) {
	var cause error
	o := inline(func(message.Exchange) {})
	o.ErrorHandler = func(_ message.Exchange, r *ErrorResponse) { cause = r.Cause }
	newTestConn(t, o).feed(get).wantStatuses("nobody is left to answer", 500)
	if !errors.Is(cause, ErrUnanswered) {
		t.Errorf("the cause is %v", cause)
	}
	newTestConn(t, inline(func(x message.Exchange) { _ = x.Start(200, nil, -1) })).feed(get).
		want("nobody is left to end it", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").wantClosed("cut")
	newTestConn(t, inline(func(x message.Exchange) {
		_ = x.OnContent(func(_ message.Exchange, p []byte, _ error) int { return len(p) })
	})).feed(length+"hell").want("the callback may answer", "").feed("o").wantStatuses("it didn't", 500)
}

func TestGoroutines(t *testing.T) {
	g := new(goroutines)
	var told any
	o := Options{Executor: g, Handler: message.HandlerFunc(func(x message.Exchange) {
		switch string(x.Target()) {
		case "/panic":
			panic("oh")
		case "/goexit":
			runtime.Goexit()
		case "/stream":
			_ = x.Start(200, nil, 300)
			for range 3 {
				if n, err := x.Write(make([]byte, 100)); n != 100 || err != nil {
					t.Errorf("Write: %d, %v", n, err)
				}
				if err := x.Flush(); err != nil {
					t.Errorf("Flush: %v", err)
				}
			}
			_ = x.End()
		case "/detach":
			go func(x message.Exchange) { hello(x) }(x.Detach())
		default:
			hello(x)
		}
	}), OnPanic: func(v any) { told = v }, WriteWindowOctets: 50}
	request := func(target string) string { return strings.Replace(get, "/", target, 1) }
	c := newTestConn(t, o)
	wait := func() *testConn { return c.until(func() bool { return c.s.first == nil }) }
	c.feed(request("/") + request("/panic") + request("/goexit") + request("/stream") + request("/detach"))
	wait().wantStatuses("in order", 200, 500, 500, 200, 200)
	g.wg.Wait()
	if told != "oh" {
		t.Errorf("OnPanic was told %v", told)
	}
	g.full = true
	c.feed(request("/") + length + "hello" + get)
	c.wantStatuses("no goroutine is left", 503, 503, 503).wantOps("and the connection goes on", engine.Read, false)
}

// A handler that waits for something isn't left waiting when the flow breaks.
func TestGone(t *testing.T) {
	broken := errors.New("broken")
	waits := map[string]func(message.Exchange) error{
		"Read": func(x message.Exchange) error { _, err := x.Read(make([]byte, 1)); return err },
		"Write": func(x message.Exchange) error {
			_ = x.Start(200, nil, -1)
			_, err := x.Write(make([]byte, 1000))
			return err
		},
		"Flush": func(x message.Exchange) error { _ = x.Start(200, nil, -1); return x.Flush() },
		"Wait":  func(x message.Exchange) error { return x.Wait() },
		"Lent": func(x message.Exchange) error {
			_ = x.Start(200, nil, -1)
			for {
				if err := x.WriteLent(make([]byte, 100), func(error) {}); err != nil {
					return err
				}
			}
		},
	}
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			g := new(goroutines)
			errs := make(chan error, 1)
			c := newTestConn(t, Options{Executor: g, WriteWindowOctets: 100, Handler: message.HandlerFunc(func(x message.Exchange) {
				errs <- wait(x)
				if _, err := x.Write([]byte("a")); !errors.Is(err, message.ErrOver) {
					t.Errorf("Write afterwards: %v", err)
				}
			})})
			c.most = -1
			c.feed(length)
			c.until(func() bool { return c.s.waiters == 1 })
			c.h.Lock()
			c.s.ReportError(broken)
			c.s.ReportError(broken) // idempotent
			c.h.Unlock()
			if err := <-errs; !errors.Is(err, broken) || !errors.Is(err, message.ErrOver) {
				t.Errorf("got %v", err)
			}
			g.wg.Wait()
			c.wantClosed("broken")
		})
	}
}

func TestWriteFails(t *testing.T) {
	c := newTestConn(t, inline(hello))
	c.most = -1
	c.feed(get + get)
	c.s.NextWrite()
	c.s.ReportWrite(3, errors.New("broken"))
	c.wantClosed("the flow takes nothing more")
}

func TestShutdown(t *testing.T) {
	shutdown := func(c *testConn) *testConn {
		c.h.Lock()
		c.s.Shutdown()
		c.h.Unlock()
		return c.look()
	}
	shutdown(newTestConn(t, inline(hello))).after(freshNs).wantClosed("idle from the start")
	shutdown(newTestConn(t, inline(hello)).feed(get).want("", ok5)).wantClosed("idle")
	shutdown(newTestConn(t, inline(hello)).after(freshNs)).look().after(1).wantClosed("idle from the start, and for longer")
	shutdown(newTestConn(t, inline(hello)).feed(get[:4])).feed(get[4:]+get).want("what has begun is the last", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
	d := new(handed)
	c := shutdown(newTestConn(t, inline(d.serve)).feed(get + get))
	c.feed(get).wantOps("nothing new", engine.Read, false)
	answer(d.xs[0], "one")
	answer(d.xs[1], "two")
	c.look().want("the last answer says so", ok("one")+"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntwo").
		wantOps("in stages", engine.Read, true).end().wantOps("done", engine.Close, true)
	e := new(echo)
	shutdown(newTestConn(t, inline(e.serve)).feed(length)).feed("hello").
		want("content that is on its way is awaited", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
}

func TestAbout(t *testing.T) {
	newTestConn(t, inline(func(x message.Exchange) {
		if x.About() != "peer" || string(x.Scheme()) != "http" || string(x.Authority()) != "b:80" || x.Version() != message.HTTP11 ||
			string(x.Method()) != "GET" || x.MethodID() != message.MethodGet || string(x.Target()) != "HTTP://b:80/c?d" {
			t.Errorf("%v %s %s %v %s %v %s", x.About(), x.Scheme(), x.Authority(), x.Version(), x.Method(), x.MethodID(), x.Target())
		}
		hello(x)
	})).feed("GET HTTP://b:80/c?d HTTP/1.1\r\nHost: a\r\n\r\n").wantStatuses("", 200)
}

// What the engines never come to, the tables say, too: for who moves octets by them
// without an engine.
func TestDirections(t *testing.T) {
	for _, c := range []struct {
		state RequestDirection
		event RequestDirectionEvent
		next  RequestDirection
		wrong string
	}{
		{RequestDirectionContent, RequestDirectionOnEndOfInput, RequestDirectionFailed, ""},
		{RequestDirectionIdle, RequestDirectionOnFailure, RequestDirectionFailed, ""},
		{RequestDirectionContent, RequestDirectionOnFailure, RequestDirectionFailed, ""},
		{RequestDirectionIdle, RequestDirectionOnNext, RequestDirectionIdle, "next before done"},
		{RequestDirectionContent, RequestDirectionOnNext, RequestDirectionContent, "next before done"},
		{RequestDirectionClosed, RequestDirectionOnNext, RequestDirectionClosed, "next before done"},
		{RequestDirectionFailed, RequestDirectionOnNext, RequestDirectionFailed, "next before done"},
	} {
		if next, wrong := c.state.On(c.event); next != c.next || wrong != c.wrong {
			t.Errorf("%v on %v: %v %q, want %v %q", c.state, c.event, next, wrong, c.next, c.wrong)
		}
	}
	for state, want := range map[ResponseDirection]ResponseDirection{
		ResponseDirectionIdle: ResponseDirectionFailed, ResponseDirectionContent: ResponseDirectionFailed,
		ResponseDirectionDone: ResponseDirectionDone, ResponseDirectionFailed: ResponseDirectionFailed,
	} {
		if next, wrong := state.On(ResponseDirectionOnFailure); next != want || wrong != "" {
			t.Errorf("%v on failure: %v %q, want %v", state, next, wrong, want)
		}
	}
	for _, state := range []ResponseDirection{ResponseDirectionIdle, ResponseDirectionContent, ResponseDirectionFailed} {
		if next, wrong := state.On(ResponseDirectionOnNext); next != state || wrong != "next before done" {
			t.Errorf("%v on next: %v %q", state, next, wrong)
		}
	}
}
