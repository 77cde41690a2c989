package h1

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// OnEnd is told of each exchange, once, with what has become of it.
func TestOnEnd(t *testing.T) {
	hold := func(x message.Exchange) { x.Detach() }
	tests := []struct {
		name, octets string
		handler      func(message.Exchange)
		then         func(c *testConn)
		want         string // method, target, status, octets, error
	}{
		{"answered", get, hello, nil, "GET / 200 5 <nil>"},
		{"HEAD", strings.Replace(get, "GET", "HEAD", 1), hello, nil, "HEAD / 200 0 <nil>"},
		{"two", get + get, hello, nil, "GET / 200 5 <nil>|GET / 200 5 <nil>"},
		{"streamed", get, func(x message.Exchange) {
			_ = x.Start(201, nil, -1)
			_, _ = x.Write([]byte("abc"))
			_ = x.WriteLent([]byte("de"), func(error) {})
			_ = x.End()
		}, nil, "GET / 201 5 <nil>"},
		{"without content", get, func(x message.Exchange) { _ = x.Respond(304, nil, nil) }, nil, "GET / 304 0 <nil>"},
		{"refused", "GET / HTTP/1.1\r\n\r\n", hello, nil, "  400 * *no Host*"},
		{"refused early", "G{T / HTTP/1.1\r\n\r\n", hello, nil, "  400 * *method*"},
		{"panicked", get, func(message.Exchange) { panic("oh") }, nil, "GET / 500 * *panicked*"},
		{"reset", get, func(x message.Exchange) { x.Reset() }, nil, "GET / 0 0 *reset*"},
		{"broken", get, hold, func(c *testConn) { c.e.ReportError(io.ErrClosedPipe) }, "GET / 0 0 *failed*"},
		{"broken while it is written", get, func(x message.Exchange) {
			_ = x.Start(200, nil, 10)
			_, _ = x.Write([]byte("abc"))
			x.Detach()
		}, func(c *testConn) { c.e.ReportError(io.ErrClosedPipe) }, "GET / 200 3 *failed*"},
		{"upgraded", "GET /up HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n", func(x message.Exchange) {
			_ = x.Upgrade(101, []message.Field{{Name: "Upgrade", Value: "echo"}}, func(message.Stream, []byte) {})
		}, func(c *testConn) { c.s.Upgraded() }, "GET /up 101 0 <nil>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			o := inline(test.handler)
			o.OnEnd = func(x message.Exchange, s message.Summary) {
				if x.About() != "peer" {
					t.Errorf("about %v", x.About())
				}
				if err := x.Respond(200, nil, nil); err == nil {
					t.Error("an exchange that is over is answered")
				}
				got = append(got, fmt.Sprintf("%s %s %d %d %v", x.Method(), x.Target(), s.Status, s.ContentOctets, s.Err))
			}
			c := newTestConn(t, o)
			c.feed(test.octets)
			if test.then != nil {
				test.then(c)
			}
			if all := strings.Join(got, "|"); !matches(all, test.want) {
				t.Errorf("got %q, want %q", all, test.want)
			}
		})
	}
}

// matches compares s with a pattern in which * stands for any octets.
func matches(s, pattern string) bool {
	parts := strings.Split(pattern, "*")
	s, ok := strings.CutPrefix(s, parts[0])
	for _, part := range parts[1:] {
		at := strings.Index(s, part)
		if at < 0 {
			return false
		}
		s = s[at+len(part):]
	}
	return ok && (s == "" || strings.HasSuffix(pattern, "*"))
}

// The duration is from the head to the end.
func TestOnEndDuration(t *testing.T) {
	d := new(handed)
	var durations []int64
	o := inline(d.serve)
	o.OnEnd = func(_ message.Exchange, s message.Summary) { durations = append(durations, s.DurationNs) }
	c := newTestConn(t, o).feed("GET / HTT").after(3e9).feed("P/1.1\r\nHost: a\r\n\r\n").after(7e9)
	answer(d.xs[0], "one")
	if c.look(); len(durations) != 1 || durations[0] != 7e9 {
		t.Errorf("the durations are %v", durations)
	}
}

// A panic of OnEnd is told, and the connection goes on.
func TestOnEndPanics(t *testing.T) {
	oh := errors.New("oh")
	var told any
	o := inline(hello)
	o.OnEnd = func(message.Exchange, message.Summary) { panic(oh) }
	o.OnPanic = func(v any) { told = v }
	c := newTestConn(t, o).feed(get)
	if c.want("", ok5); told != oh {
		t.Errorf("told %v", told)
	}
	c.feed(get).want("it goes on", ok5)
}

// Being told costs no allocation.
func TestOnEndAllocations(t *testing.T) {
	var n int
	o := inline(respond)
	o.OnEnd = func(_ message.Exchange, s message.Summary) { n += int(s.Status) }
	s := steadyServer(o)
	b := []byte(browser)
	if got := testing.AllocsPerRun(100, func() { turn(s, b) }); got != 0 || n != 101*200 {
		t.Errorf("%v allocations, %d told", got, n)
	}
}
