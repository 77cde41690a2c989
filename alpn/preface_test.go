package alpn_test

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

const (
	prefaceHead = "PRI * HTTP/2.0\r\n\r\n"
	preface     = prefaceHead + "SM\r\n\r\n"
)

// host is a host whose clock stands still until it is set.
type host struct {
	engine.Host
	now int64
}

func (h *host) Now() (mono, unix int64) { return h.now, 1_700_000_000 }

func (*host) Wake() {}

func (*host) Get(n int) []byte { return make([]byte, 0, n) }

func (*host) Keep(_, _ any)         {}
func (*host) Take(any) (any, int64) { return nil, 1e9 }
func (*host) Put([]byte)            {}

// echo is an engine as one of HTTP/2 may be: it consumes the preface first, and
// writes what comes behind it.
type echo struct {
	host     engine.Host
	received strings.Builder
	out      [][]byte
	isOver   bool
	err      error
}

func (e *echo) Attach(h engine.Host) { e.host = h }

func (e *echo) NextRead() engine.Op {
	if e.isOver {
		return engine.Close
	}
	return engine.Read
}

func (e *echo) Read(b []byte) int {
	e.received.Write(b)
	e.out = [][]byte{[]byte(strings.TrimPrefix(e.received.String(), preface))}
	if len(e.out[0]) == 0 {
		e.out = nil
	}
	return len(b)
}

func (e *echo) ReadEOF([]byte) int {
	e.isOver = true
	return 0
}

func (e *echo) NextWrite() (engine.Op, [][]byte) {
	switch {
	case e.out != nil && e.err == nil:
		return engine.Write, e.out
	case e.isOver:
		return engine.Close, nil
	}
	return engine.Yield, nil
}

func (e *echo) ReportWrite(int, error) { e.out = nil }

func (e *echo) Deadline() int64 { return 0 }

func (e *echo) Expire() {}

func (e *echo) ReportError(err error) { e.isOver, e.err = true, err }

func (e *echo) Closed() bool { return e.isOver && e.out == nil }

func (e *echo) Shutdown() { e.isOver = true }

// hello answers each exchange.
var hello = message.Inline(message.HandlerFunc(func(x message.Exchange) {
	_ = x.Respond(message.StatusOK, nil, append(x.Method(), x.Target()...)) // the peer may have gone
}))

// choosing is a server of both, and the engines of HTTP/2 that it has made.
func choosing(made *[]*echo) *alpn.Server {
	service := h1.NewService(h1.Options{Handler: hello})
	return &alpn.Server{
		HTTP1: func(any) engine.Engine { return service.NewServer(nil) },
		HTTP2: func(any) engine.Engine {
			e := new(echo)
			*made = append(*made, e)
			return e
		},
	}
}

// feed offers pieces to an engine that is attached, as a driver does, then the
// end if there is one, and returns what it has written.
func feed(t *testing.T, e engine.Engine, pieces []string, hasEnd bool) string {
	t.Helper()
	var window []byte
	var out strings.Builder
	write := func() {
		for op, v := e.NextWrite(); op == engine.Write; op, v = e.NextWrite() {
			n := 0
			for _, b := range v {
				out.Write(b)
				n += len(b)
			}
			e.ReportWrite(n, nil)
		}
	}
	for _, piece := range pieces {
		window = append(window, piece...)
		for e.NextRead() == engine.Read && len(window) > 0 {
			n := e.Read(window)
			window = window[n:]
			write()
			if n == 0 {
				break
			}
		}
	}
	if hasEnd && e.NextRead() == engine.Read {
		e.ReadEOF(window)
		if e.NextRead() != engine.Close {
			t.Errorf("NextRead after the end is %v", e.NextRead())
		}
		write()
	}
	return date.ReplaceAllString(out.String(), "")
}

var date = regexp.MustCompile("Date: .*\r\n")

// octets are the octets of s, one by one.
func octets(s string) []string { return strings.Split(s, "") }

// attached is an engine that s makes for a clear flow, with its host.
func attached(s *alpn.Server) (engine.Engine, *host) {
	h := &host{now: 1}
	e := s.NewEngine(clearFlow{})
	e.Attach(h)
	return e, h
}

// A connection that begins with the whole preface is one of HTTP/2, which is
// offered all octets; however they arrive.
func TestPreface(t *testing.T) {
	for cut := range len(preface) + 3 {
		for _, isDripped := range []bool{false, true} {
			pieces := []string{(preface + "abc")[:cut], (preface + "abc")[cut:]}
			if isDripped {
				pieces = append(octets(pieces[0]), pieces[1])
			}
			var made []*echo
			e, h := attached(choosing(&made))
			got := feed(t, e, pieces, true)
			if len(made) != 1 {
				t.Fatalf("cut at %d: %d engines of HTTP/2", cut, len(made))
			}
			if made[0].received.String() != preface+"abc" || made[0].host != engine.Host(h) || got[len(got)-1:] != "c" {
				t.Errorf("cut at %d: HTTP/2 received %q and wrote %q", cut, made[0].received.String(), got)
			}
			if !e.Closed() {
				t.Errorf("cut at %d: the end of HTTP/2 isn't that of the connection", cut)
			}
		}
	}
}

// What begins like the preface and isn't it is HTTP/1's, from the octet that
// differs on: the same is written as without a choice.
func TestNoPreface(t *testing.T) {
	behind := []string{"", "!", "x / HTTP/1.1\r\nHost: a\r\n\r\n", " / HTTP/1.1\r\nHost: a\r\n\r\n", "\r\n\r\n"}
	for n := range len(preface) {
		for _, rest := range behind {
			text := preface[:n] + rest
			if strings.HasPrefix(text, preface) {
				continue
			}
			for _, pieces := range [][]string{{text}, octets(text), {text[:n], rest}} {
				var made []*echo
				s := choosing(&made)
				e, _ := attached(s)
				got := feed(t, e, pieces, true)
				plain := s.HTTP1(nil)
				plain.Attach(&host{now: 1})
				if want := feed(t, plain, pieces, true); got != want {
					t.Errorf("%q: %q, and without a choice %q", pieces, got, want)
				}
				if len(made) != 0 {
					t.Errorf("%q: an engine of HTTP/2", pieces)
				}
			}
		}
	}
}

// While nothing is decided the deadlines are those of HTTP/1: for the first
// octet, and then for a head, which no further octet of the preface makes
// longer. When one has passed it is decided.
func TestUndecidedDeadline(t *testing.T) {
	var made []*echo
	e, h := attached(choosing(&made))
	if got := e.Deadline(); got != 1+60e9 {
		t.Errorf("idle: the deadline is %d", got)
	}
	h.now = 10e9
	feed(t, e, []string{"P"}, false)
	if got := e.Deadline(); got != 20e9 {
		t.Errorf("after an octet: the deadline is %d", got)
	}
	h.now = 15e9
	feed(t, e, []string{prefaceHead}, false)
	if got := e.Deadline(); got != 20e9 {
		t.Errorf("after more octets: the deadline is %d", got)
	}
	h.now = 20e9
	e.Expire()
	if feed(t, e, []string{preface}, true); len(made) != 0 {
		t.Error("HTTP/2, after the time for a head has passed")
	}
}

// flush is what an engine writes now.
func flush(e engine.Engine) string {
	var out strings.Builder
	for op, v := e.NextWrite(); op == engine.Write; op, v = e.NextWrite() {
		n := 0
		for _, b := range v {
			out.Write(b)
			n += len(b)
		}
		e.ReportWrite(n, nil)
	}
	return out.String()
}

// The time for a head is answered by 408, as by HTTP/1.
func TestUndecidedTimeout(t *testing.T) {
	var made []*echo
	e, h := attached(choosing(&made))
	feed(t, e, octets("PRI *"), false)
	h.now += 10e9
	e.Expire()
	if got := flush(e); !strings.HasPrefix(got, "HTTP/1.1 408 ") {
		t.Errorf("wrote %q", got)
	}
}

// What ends the connection while nothing is decided decides for HTTP/1.
func TestUndecidedEnds(t *testing.T) {
	ends := map[string]func(engine.Engine){
		"Shutdown":    func(e engine.Engine) { e.Shutdown() },
		"ReportError": func(e engine.Engine) { e.ReportError(io.ErrClosedPipe) },
		"ReadEOF":     func(e engine.Engine) { e.ReadEOF(nil) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			var made []*echo
			e, h := attached(choosing(&made))
			end(e)
			flush(e)
			if due := e.Deadline(); name == "Shutdown" && due != 0 {
				h.now = due // HTTP/1 has waited for a first request
				e.Expire()
			}
			if e.NextRead() != engine.Close || !e.Closed() {
				t.Errorf("NextRead is %v, closed %v", e.NextRead(), e.Closed())
			}
			if len(made) != 0 {
				t.Error("an engine of HTTP/2")
			}
		})
	}
}

// After HTTP/2 is chosen, it is told what the driver tells.
func TestDelegates(t *testing.T) {
	var made []*echo
	e, _ := attached(choosing(&made))
	feed(t, e, []string{preface}, false)
	e.Expire()
	if e.ReportError(io.ErrClosedPipe); made[0].err != io.ErrClosedPipe {
		t.Errorf("HTTP/2 was told %v", made[0].err)
	}
	e, _ = attached(choosing(&made))
	feed(t, e, []string{preface}, false)
	if e.Shutdown(); !made[1].isOver {
		t.Error("HTTP/2 isn't told Shutdown")
	}
}

// A function that makes no engine closes the connection.
func TestNoEngine(t *testing.T) {
	var made []*echo
	s := choosing(&made)
	s.HTTP2 = func(any) engine.Engine { return nil }
	e, _ := attached(s)
	feed(t, e, []string{preface}, false)
	if !e.Closed() {
		t.Error("the connection goes on without an engine")
	}
	s.HTTP1 = s.HTTP2
	if e := s.NewEngine(clearFlow{}); e != nil {
		t.Errorf("got %v", e)
	}
}

// An upgrade passes through, under every driver.
func TestUpgradePassesThrough(t *testing.T) {
	leave := message.Inline(message.HandlerFunc(func(x message.Exchange) {
		fields := []message.Field{{Name: "Upgrade", Value: "echo"}}
		_ = x.Upgrade(message.StatusSwitchingProtocols, fields, func(s message.Stream, rest []byte) {
			defer s.Close()
			b, _ := io.ReadAll(s)
			_, _ = s.Write(append(rest, b...))
		})
	}))
	service := h1.NewService(h1.Options{Handler: leave})
	s := &alpn.Server{
		HTTP1: func(any) engine.Engine { return service.NewServer(nil) },
		HTTP2: func(any) engine.Engine { return new(echo) },
	}
	for _, setup := range looptest.Setups() {
		t.Run(setup.Name, func(t *testing.T) {
			got := setup.Talk(t, s.NewEngine(clearFlow{}), "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nwhat follows")
			if head, rest, _ := strings.Cut(got, "\r\n\r\n"); !strings.HasPrefix(head, "HTTP/1.1 101 ") || rest != "what follows" {
				t.Errorf("received %q", got)
			}
		})
	}
}

// Both versions on one port, under every driver and over every kind of flow.
func TestBothOnOnePort(t *testing.T) {
	for _, setup := range looptest.Setups() {
		t.Run(setup.Name, func(t *testing.T) {
			var made atomic.Int32
			s := choosing(new([]*echo))
			s.HTTP2 = func(any) engine.Engine {
				made.Add(1)
				return new(echo)
			}
			if got := setup.Talk(t, s.NewEngine(clearFlow{}), "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"); !strings.HasSuffix(got, "\r\n\r\nGET/a") {
				t.Errorf("HTTP/1 received %q", got)
			}
			if got := setup.Talk(t, s.NewEngine(clearFlow{}), preface); got != "" || made.Load() != 1 {
				t.Errorf("HTTP/2 received %q, and there are %d engines of it", got, made.Load())
			}
		})
	}
}

// The driver's calls don't allocate once it is decided.
func TestAllocations(t *testing.T) {
	var made []*echo
	e, _ := attached(choosing(&made))
	request := []byte("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
	turn := func() {
		if n := e.Read(request); n != len(request) {
			t.Fatalf("%d octets consumed", n)
		}
		op, v := e.NextWrite()
		if op != engine.Write {
			t.Fatalf("NextWrite is %v", op)
		}
		n := 0
		for _, b := range v {
			n += len(b)
		}
		e.ReportWrite(n, nil)
		_, _ = e.NextRead(), e.Deadline()
	}
	plain := h1.NewService(h1.Options{Handler: hello}).NewServer(nil)
	plain.Attach(&host{now: 1})
	chosen := e
	e = plain
	want := testing.AllocsPerRun(100, turn) // of the test's host, which makes buffers
	e = chosen
	if got := testing.AllocsPerRun(100, turn); got != want {
		t.Errorf("%v allocations, and %v without a choice", got, want)
	}
}

// A server of two versions, in the order that the user prefers. There is no
// engine of HTTP/2 here, so it serves one.
func ExampleServer() {
	service := h1.NewService(h1.Options{Handler: hello})
	server := &alpn.Server{HTTP1: func(any) engine.Engine { return service.NewServer(nil) }}
	fmt.Println("to be offered:", server.Protocols())
	var newEngine loop.NewEngine = server.NewEngine // for a loop.Loop, or a loop.Group
	fmt.Printf("%T\n", newEngine(clearFlow{}))
	// Output:
	// to be offered: [http/1.1 http/1.0]
	// *h1.Server
}
