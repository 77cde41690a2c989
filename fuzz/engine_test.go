package fuzz

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	fuzzheaders "github.com/AdaLogics/go-fuzz-headers"

	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/message"
)

// host is a driver's host whose clock stands still unless it is moved. It is
// used by one goroutine.
type host struct {
	mu        sync.Mutex
	mono, out int64
}

func (h *host) Now() (mono, unix int64) { return h.mono, 784111777 }
func (h *host) Wake()                   {}
func (h *host) Get(n int) []byte        { h.out++; return make([]byte, 0, n) }
func (*host) Keep(_, _ any)             {}
func (*host) Take(any) (any, int64)     { return nil, 1e9 }
func (h *host) Put(b []byte) {
	h.out--
	b = b[:cap(b)]
	for i := range b {
		b[i] = 0xdb // a loan that is over
	}
}
func (h *host) Lock()   { h.mu.Lock() }
func (h *host) Unlock() { h.mu.Unlock() }
func (h *host) Wait()   { panic("fuzz: an inline handler waits") }
func (h *host) Signal() {}

// answer is a handler with several ways to answer, which the target chooses.
// Those that answer later put their exchange into late.
func answer(late *[]message.Exchange) message.Handler {
	return message.Inline(message.HandlerFunc(func(x message.Exchange) {
		target := x.Target()
		switch target[len(target)-1] {
		case 'e': // echo, when all has come
			var all []byte
			x.OnContent(func(x message.Exchange, p []byte, err error) int {
				if err != nil {
					if errors.Is(err, message.ErrEnd) {
						x.Respond(200, nil, all)
					}
					return 0
				}
				all = append(all, p...)
				return len(p)
			})
		case 's': // a stream
			if x.Start(200, []message.Field{{Name: "A", Value: "b"}}, -1) == nil {
				x.Write([]byte("one"))
				x.Write([]byte("two"))
				x.End()
			}
		case 'l': // later
			*late = append(*late, x.Detach())
		case 'n':
			x.Respond(204, nil, nil)
		case 'x':
			x.Reset()
		case 'p':
			panic("fuzz: a handler panics")
		default:
			x.Respond(200, []message.Field{{Name: "Content-Type", Value: "text/plain"}}, []byte("Hello, World!"))
		}
	}))
}

// driver calls an engine in legal orders and checks what it says.
type driver struct {
	t      *testing.T
	h      *host
	e      engine.Engine
	late   []message.Exchange
	in     []byte // not given yet
	window []byte // given and not consumed
	offer  int    // the window's length when it was last offered in vain
	out    []byte // taken by the flow
	lent   []byte // what was lent and not reported
	eof    bool
	later  bool // an exchange was detached: its buffers are never used again
}

// newUpgradingDriver drives what may be of HTTP/2 by its preface, or by a request
// of HTTP/1.1.
func newUpgradingDriver(t *testing.T, in []byte) *driver {
	d := &driver{t: t, h: &host{mono: 1}, in: in}
	one := h1.NewService(h1.Options{Handler: answer(&d.late), OnPanic: func(any) {}})
	two := h2.NewService(h2.Options{Handler: answer(&d.late), OnPanic: func(any) {}})
	s := &alpn.Server{
		HTTP1: func(any) engine.Engine { return one.NewServer(nil) },
		HTTP2: func(any) engine.Engine { return two.NewServer(nil) },
		Upgrade: func(_ any, x message.Exchange) engine.Engine {
			if e := two.NewUpgraded(nil, x); e != nil {
				return e
			}
			return nil
		},
	}
	d.e = s.NewEngine(nil)
	d.e.Attach(d.h)
	return d
}

// h2cSeed is a request that changes its connection to HTTP/2, and what follows: the
// client's preface with SETTINGS, a HEADERS frame (GET /l), PING.
var h2cSeed = []byte("GET /s HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAABk\r\n\r\n" +
	h2.Preface + "\x00\x00\x00\x04\x00\x00\x00\x00\x00" +
	"\x00\x00\x09\x01\x05\x00\x00\x00\x03\x82\x86\x41\x01a\x44\x02/l" +
	"\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678")

// checkBuffers checks that every buffer has been given back. A detached exchange
// keeps its own, for nobody knows when its handle is done with them.
func (d *driver) checkBuffers() {
	if d.h.out != 0 && !d.later {
		d.t.Errorf("%d buffers are not given back", d.h.out)
	}
}

func newDriver(t *testing.T, in []byte) *driver {
	d := &driver{t: t, h: &host{mono: 1}, in: in}
	limits := h1.DefaultRequestMessageLimits()
	limits.RequestLineOctets, limits.FieldSectionOctets, limits.ChunkLineOctets = 200, 400, 40
	s := h1.NewService(h1.Options{Handler: answer(&d.late), Limits: &limits, ContentOctets: 4096, ContentWindowOctets: 64, WriteWindowOctets: 256, PipelinedMax: 3, DiscardOctets: 200, OnPanic: func(any) {}})
	d.e = s.NewServer(nil)
	d.e.Attach(d.h)
	return d
}

// read gives n more octets, if the engine reads.
func (d *driver) read(n int) {
	n = min(n, len(d.in))
	if d.eof || d.e.NextRead() != engine.Read || n == 0 && len(d.window) <= d.offer {
		return
	}
	d.window = append(d.window, d.in[:n]...)
	d.in = d.in[n:]
	b := bytes.Clone(d.window) // a window that moves each time
	k := d.e.Read(b)
	for i := range b {
		b[i] = 0xdb
	}
	if k < 0 || k > len(d.window) {
		d.t.Fatalf("Read consumed %d of %d octets", k, len(d.window))
	}
	d.window = d.window[k:]
	d.offer = 0
	if d.e.NextRead() == engine.Read {
		d.offer = len(d.window)
	}
}

// end ends the input.
func (d *driver) end() {
	if d.eof || d.e.NextRead() != engine.Read {
		return
	}
	d.eof = true
	d.e.ReadEOF(bytes.Clone(d.window))
	if op := d.e.NextRead(); op != engine.Close {
		d.t.Fatalf("NextRead is %v after ReadEOF", op)
	}
}

// write lets the flow take n octets of what is lent.
func (d *driver) write(n int) engine.Op {
	op, v := d.e.NextWrite()
	if op != engine.Write {
		return op
	}
	all := bytes.Join(v, nil)
	if len(all) == 0 {
		d.t.Fatal("NextWrite is Write without octets")
	}
	if !bytes.HasPrefix(all, d.lent) {
		d.t.Fatalf("lent octets changed: %q was %q", all, d.lent)
	}
	n = min(n, len(all))
	d.out = append(d.out, all[:n]...)
	d.lent = all[n:]
	d.e.ReportWrite(n, nil)
	return op
}

// respond answers an exchange that waits.
func (d *driver) respond(k int) {
	if len(d.late) == 0 {
		return
	}
	d.later = true
	k %= len(d.late)
	x := d.late[k]
	d.late = append(d.late[:k], d.late[k+1:]...)
	x.Respond(200, nil, []byte("late"))
}

// finish does all that is left to do, and ends.
func (d *driver) finish() {
	for i := 0; ; i++ {
		if i > 10000+10*len(d.in) {
			d.t.Fatalf("no end: NextRead %v, %d octets left", d.e.NextRead(), len(d.in))
		}
		before := fmt.Sprint(len(d.in), len(d.window), len(d.out), len(d.late), d.e.NextRead(), d.eof)
		d.read(len(d.in))
		for d.write(1<<20) == engine.Write {
		}
		for len(d.late) > 0 {
			d.respond(0)
		}
		for d.write(1<<20) == engine.Write {
		}
		if len(d.in) == 0 {
			d.end()
		}
		if after := fmt.Sprint(len(d.in), len(d.window), len(d.out), len(d.late), d.e.NextRead(), d.eof); before == after {
			break
		}
	}
}

// FuzzEngine drives one engine in one go, and another one as the plan says:
// octets in pieces, partial writes, answers in another order. Both must say
// the same to the peer, in responses that net/http can read. Then a third one
// is broken off: by errors, deadlines, a shutdown, the end of the input.
func FuzzEngine(f *testing.F) {
	for i, s := range seeds() {
		f.Add(s, []byte{0, byte(i), 1, 3, 2, 0, 0, 1, byte(i), 2})
	}
	f.Add([]byte("GET /l HTTP/1.1\r\nHost: a\r\n\r\nGET /l HTTP/1.1\r\nHost: a\r\n\r\nGET /s HTTP/1.1\r\nHost: a\r\n\r\n"), []byte{0, 255, 3, 1, 1, 9, 4, 0})
	f.Add([]byte("POST /e HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.0\r\n\r\n"), []byte{0, 40, 0, 7, 1, 1, 5})
	for _, end := range []byte{0, 4, 5, 6, 7} {
		f.Add(h2cSeed, []byte{0, 255, 0, 255, 2, 255, 0, 100, 2, 100, end, 16, 0, 255, 2, 255, 3, 0})
	}
	f.Fuzz(func(t *testing.T, octets, plan []byte) {
		whole := newDriver(t, octets)
		whole.finish()
		if !whole.e.Closed() {
			t.Fatalf("not closed at the end: NextRead %v", whole.e.NextRead())
		}
		whole.e.ReportError(nil)
		whole.checkBuffers()
		responses(t, octets, whole.out)

		pieces := newDriver(t, octets)
		c := fuzzheaders.NewConsumer(plan)
		for {
			op, err1 := c.GetInt()
			n, err2 := c.GetInt()
			if err1 != nil || err2 != nil {
				break
			}
			switch op % 3 {
			case 0:
				pieces.read(n)
			case 1:
				pieces.write(n)
			case 2:
				pieces.respond(n)
			}
		}
		pieces.finish()
		if !bytes.Equal(whole.out, pieces.out) {
			t.Errorf("in one go:\n%q\nin pieces:\n%q", whole.out, pieces.out)
		}
		breakOff(t, newDriver(t, octets), plan)
		breakOff(t, newUpgradingDriver(t, octets), plan)
	})
}

// breakOff drives an engine and ends it in some way.
func breakOff(t *testing.T, d *driver, plan []byte) {
	c := fuzzheaders.NewConsumer(plan)
	for {
		op, err1 := c.GetInt()
		n, err2 := c.GetInt()
		if err1 != nil || err2 != nil {
			break
		}
		switch op % 8 {
		case 0, 1:
			d.read(n)
		case 2:
			d.write(n)
		case 3:
			d.respond(n)
		case 4:
			d.h.mono += int64(n) * 1e8
			if at := d.e.Deadline(); at != 0 && at <= d.h.mono {
				d.e.Expire()
			}
		case 5:
			if n%16 == 0 {
				d.e.Shutdown()
			}
		case 6:
			if n%8 == 0 {
				d.end()
			}
		case 7:
			if op, _ := d.e.NextWrite(); n%8 == 0 && op == engine.Write {
				d.e.ReportWrite(0, errors.New("fuzz: the flow has failed"))
				d.lent = nil
			}
		}
	}
	d.e.ReportError(errors.New("fuzz: the flow is broken"))
	d.e.ReportError(nil)
	op, _ := d.e.NextWrite()
	if !d.e.Closed() || d.e.NextRead() != engine.Close || op != engine.Close {
		t.Fatalf("after ReportError: Closed %v, NextRead %v, NextWrite %v", d.e.Closed(), d.e.NextRead(), op)
	}
	for len(d.late) > 0 {
		d.respond(0)
	}
	d.checkBuffers()
}

// responses reads what an engine said with net/http.
func responses(t *testing.T, octets, out []byte) {
	r := bufio.NewReader(bytes.NewReader(out))
	methods := methodsOf(octets)
	for {
		if _, err := r.Peek(1); err != nil {
			return
		}
		method := "GET"
		if len(methods) > 0 {
			method = methods[0]
		}
		resp, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("net/http can't read a response: %v, in %q", err, out)
		}
		if resp.StatusCode/100 != 1 && len(methods) > 0 {
			methods = methods[1:]
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil && resp.ContentLength >= 0 {
			return // cut short by a reset, on purpose
		}
	}
}

// methodsOf are the methods of the requests in some octets.
func methodsOf(octets []byte) (out []string) {
	for len(octets) > 0 {
		r, n := firstOf(octets)
		if r.method != "" {
			out = append(out, r.method)
		}
		if !r.done {
			return out
		}
		octets = octets[n:]
	}
	return out
}

// The seed does what it is there for.
func TestUpgradeSeed(t *testing.T) {
	d := newUpgradingDriver(t, h2cSeed)
	d.read(1 << 20)
	for d.write(1<<20) == engine.Write {
	}
	if len(d.late) != 1 || !bytes.HasPrefix(d.out, []byte("HTTP/1.1 101 ")) || !bytes.Contains(d.out, []byte("onetwo")) && !bytes.Contains(d.out, []byte("one\x00")) {
		t.Errorf("%d requests wait for an answer, and this was written: %q", len(d.late), d.out)
	}
	breakOff(t, d, nil)
}
