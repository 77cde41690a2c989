package h2

import (
	"runtime"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// attack is one that goes on until it is cut.
type attack struct {
	name  string
	o     func(o *Options)
	begin func(p *serverPeer)                   // before the first step
	step  func(p *serverPeer, fr *http2.Framer) // one time, in a turn
	most  int                                   // steps until the cut
	code  string                                // of the GOAWAY
}

// attacks are those of frames that cost a peer little. Each is cut, within the
// steps that are given: that is what bounds the work, and what is held meanwhile.
var attacks = []attack{
	{name: "rapid reset", step: func(p *serverPeer, fr *http2.Framer) {
		id := p.write1(true, asking("GET", "/wait")...)
		_ = fr.WriteRSTStream(id, http2.ErrCodeCancel)
	}, most: 1001, code: "ENHANCE_YOUR_CALM"},
	{name: "resets that a window of 0 provokes", step: func(p *serverPeer, fr *http2.Framer) {
		id := p.write1(true, asking("GET", "/wait")...)
		_ = fr.WriteWindowUpdate(id, 0)
	}, most: 1001, code: "ENHANCE_YOUR_CALM"},
	{name: "resets that a malformed request provokes", step: func(p *serverPeer, _ *http2.Framer) {
		p.write1(true, ":method", "GET", ":scheme", "http")
	}, most: 1001, code: "ENHANCE_YOUR_CALM"},
	{name: "resets that a stream above the limit provokes", begin: func(p *serverPeer) {
		for range 100 {
			p.ask(true, asking("GET", "/wait")...)
		}
	}, step: func(p *serverPeer, _ *http2.Framer) {
		p.write1(true, asking("GET", "/wait")...)
	}, most: 1001, code: "ENHANCE_YOUR_CALM"},
	{name: "resets that content beyond content-length provokes", step: func(p *serverPeer, fr *http2.Framer) {
		id := p.write1(false, asking("POST", "/wait", "content-length", "1")...)
		_ = fr.WriteData(id, false, []byte("ab"))
	}, most: 1001, code: "ENHANCE_YOUR_CALM"},
	{name: "resets that a dependency on itself provokes", step: func(p *serverPeer, fr *http2.Framer) {
		id := p.write1(true, asking("GET", "/wait")...)
		_ = fr.WritePriority(id, http2.PriorityParam{StreamDep: id})
	}, most: 1001, code: "ENHANCE_YOUR_CALM"},
	{name: "resets that HEADERS behind the end provoke", step: func(p *serverPeer, fr *http2.Framer) {
		id := p.write1(true, asking("GET", "/wait")...)
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: p.block("a", "b"), EndStream: true, EndHeaders: true})
	}, most: 1001, code: "ENHANCE_YOUR_CALM"},
	{name: "resets of streams that have ended", begin: func(p *serverPeer) { p.get("/") }, step: func(_ *serverPeer, fr *http2.Framer) {
		_ = fr.WriteRSTStream(1, http2.ErrCodeCancel)
	}, most: 1001, code: "ENHANCE_YOUR_CALM"},
	{name: "SETTINGS", step: func(_ *serverPeer, fr *http2.Framer) { _ = fr.WriteSettings() }, most: 20, code: "ENHANCE_YOUR_CALM"},
	{name: "SETTINGS that move all windows", step: func(_ *serverPeer, fr *http2.Framer) {
		var all []http2.Setting
		for i := range 2000 {
			all = append(all, http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(i)})
		}
		_ = fr.WriteSettings(all...)
	}, most: 20, code: "ENHANCE_YOUR_CALM"},
	{name: "SETTINGS ACK", step: func(_ *serverPeer, fr *http2.Framer) { _ = fr.WriteSettingsAck() }, most: 1, code: "PROTOCOL_ERROR"},
	{name: "PING", step: func(_ *serverPeer, fr *http2.Framer) { _ = fr.WritePing(false, [8]byte{}) }, most: 61, code: "ENHANCE_YOUR_CALM"},
	{name: "PING ACK", step: func(_ *serverPeer, fr *http2.Framer) { _ = fr.WritePing(true, [8]byte{}) }, most: 61, code: "ENHANCE_YOUR_CALM"},
	{name: "PRIORITY", step: func(_ *serverPeer, fr *http2.Framer) { _ = fr.WritePriority(1, http2.PriorityParam{StreamDep: 3}) }, most: 1001, code: "ENHANCE_YOUR_CALM"},
	{name: "PRIORITY_UPDATE", step: func(_ *serverPeer, fr *http2.Framer) {
		_ = fr.WriteRawFrame(0x10, 0, 0, append([]byte{0, 0, 0, 1}, "u=1"...))
	}, most: 1001, code: "ENHANCE_YOUR_CALM"},
	{name: "WINDOW_UPDATE of the connection", step: func(_ *serverPeer, fr *http2.Framer) { _ = fr.WriteWindowUpdate(0, 1) }, most: 2001, code: "ENHANCE_YOUR_CALM"},
	{name: "WINDOW_UPDATE of a stream", begin: func(p *serverPeer) { p.get("/wait") }, step: func(_ *serverPeer, fr *http2.Framer) {
		_ = fr.WriteWindowUpdate(1, 1)
	}, most: 2001, code: "ENHANCE_YOUR_CALM"},
	{name: "WINDOW_UPDATE of a stream that has ended", begin: func(p *serverPeer) { p.get("/") }, step: func(_ *serverPeer, fr *http2.Framer) {
		_ = fr.WriteWindowUpdate(1, 1)
	}, most: 2010, code: "ENHANCE_YOUR_CALM"},
	{name: "empty DATA", begin: func(p *serverPeer) { p.ask(false, asking("POST", "/wait")...) }, step: func(_ *serverPeer, fr *http2.Framer) {
		_ = fr.WriteData(1, false, nil)
	}, most: 101, code: "ENHANCE_YOUR_CALM"},
	{name: "DATA of padding", begin: func(p *serverPeer) { p.ask(false, asking("POST", "/wait")...) }, step: func(_ *serverPeer, fr *http2.Framer) {
		_ = fr.WriteDataPadded(1, false, nil, make([]byte, 255))
	}, most: 101, code: "ENHANCE_YOUR_CALM"},
	{name: "empty DATA of a stream that was reset", begin: func(p *serverPeer) { p.ask(false, asking("POST", "/reset")...) }, step: func(_ *serverPeer, fr *http2.Framer) {
		_ = fr.WriteData(1, false, nil)
	}, most: 101, code: "ENHANCE_YOUR_CALM"},
	{name: "empty DATA of a stream that nobody remembers", begin: func(p *serverPeer) {
		for range 20 { // which are remembered apart
			p.get("/")
			p.get("/reset")
		}
	}, step: func(_ *serverPeer, fr *http2.Framer) { _ = fr.WriteData(1, true, nil) }, most: 101, code: "ENHANCE_YOUR_CALM"},
	{name: "empty HEADERS", step: func(p *serverPeer, fr *http2.Framer) { p.write1(true) }, most: 1001, code: "ENHANCE_YOUR_CALM"},
	{name: "empty CONTINUATION", begin: func(p *serverPeer) {
		p.say(func(fr *http2.Framer) {
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.block(":method", "GET")})
		})
	}, step: func(_ *serverPeer, fr *http2.Framer) { _ = fr.WriteContinuation(1, false, nil) }, most: 17, code: "ENHANCE_YOUR_CALM"},
	{name: "CONTINUATION", begin: func(p *serverPeer) {
		p.say(func(fr *http2.Framer) {
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.block(":method", "GET")})
		})
	}, step: func(p *serverPeer, fr *http2.Framer) { _ = fr.WriteContinuation(1, false, p.block("a", "b")) }, most: 17, code: "ENHANCE_YOUR_CALM"},
	{name: "large CONTINUATION", begin: func(p *serverPeer) {
		p.say(func(fr *http2.Framer) {
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.block(":method", "GET")})
		})
	}, step: func(p *serverPeer, fr *http2.Framer) {
		_ = fr.WriteContinuation(1, false, []byte("\x00\x01a\x7f\x81\x7e"+strings.Repeat("\x00", 16384-6)))
	}, most: 9, code: "ENHANCE_YOUR_CALM"},
	{name: "frames of an unknown type", step: func(_ *serverPeer, fr *http2.Framer) { _ = fr.WriteRawFrame(0xbe, 0, 0, nil) }, most: 101, code: "ENHANCE_YOUR_CALM"},
	{name: "GOAWAY", begin: func(p *serverPeer) { p.get("/wait") }, step: func(_ *serverPeer, fr *http2.Framer) {
		_ = fr.WriteGoAway(0, http2.ErrCodeNo, nil)
	}, most: 102, code: "ENHANCE_YOUR_CALM"},
}

// TestAbuse holds that each attack is cut with the code that is named, and that
// what it made the server hold is bounded, and given back.
func TestAbuse(t *testing.T) {
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) {
			var told *Error
			o := inline(abused)
			o.OnError = func(_ any, e *Error) { told = e }
			if a.o != nil {
				a.o(&o)
			}
			p := serve(t, o)
			p.kept = a.most
			if a.begin != nil {
				a.begin(p)
			}
			steps, buffers := 0, 0
			for ; !p.isCut() && steps < 2*a.most+10; steps++ {
				p.say(func(fr *http2.Framer) { a.step(p, fr) })
				buffers = max(buffers, p.h.got)
			}
			p.wantLast("the attack is cut", "GOAWAY")
			if told == nil || told.Code.String() != a.code {
				t.Fatalf("after %d steps: %v, want %s", steps, told, a.code)
			}
			if steps > a.most {
				t.Errorf("it took %d steps, want at most %d", steps, a.most)
			}
			if buffers > 1010 { // one for each exchange that was detached, and the output
				t.Errorf("%d buffers were out", buffers)
			}
		})
	}
}

// abused is an application that is of no use to attackers.
func abused(x message.Exchange) {
	switch string(x.Target()) {
	case "/wait":
		x.OnOver(func(message.Exchange, error) {})
		x.Detach()
	case "/reset":
		x.Reset()
	default:
		hello(x)
	}
}

// A head that is too large is answered, also if content is declared that doesn't
// come.
func TestTooLarge(t *testing.T) {
	for _, length := range []string{"0", "5"} {
		for _, isEnd := range []bool{false, true} {
			p := serve(t, inline(hello))
			p.say(func(fr *http2.Framer) {
				b := p.block(asking("POST", "/", "content-length", length)...)
				for range 7 { // of 10,000 octets, of which the first costs as many
					b = append(b, p.block("x", strings.Repeat("0", 10_000))...)
				}
				_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: b[:16000], EndStream: isEnd})
				for b = b[16000:]; len(b) > 0; b = b[min(len(b), 16000):] {
					_ = fr.WriteContinuation(1, len(b) <= 16000, b[:min(len(b), 16000)])
				}
			})
			p.last = 1
			got := strings.Join(p.frames(), "\n")
			want := "HEADERS 1 :status=431"
			if !strings.HasPrefix(got, want) {
				t.Errorf("length %s, end %v: %q, want %q", length, isEnd, got, want)
			}
			p.get("/")
			p.want("others are served", "HEADERS 3 :status=200 content-length=5", "DATA 3 END_STREAM \"hello\"")
		}
	}
}

// A head that can be answered, and whose message is malformed besides, is reset: its
// stream is closed when an answer is due.
func TestRefusedAndMalformed(t *testing.T) {
	p := serve(t, inline(hello))
	p.ask(true, asking("POST", "/", "expect", "200-ok", "content-length", "5")...)
	p.want("no content, though 5 octets are declared", "RST_STREAM 1 PROTOCOL_ERROR")
	p.ask(false, asking("POST", "/", "expect", "200-ok", "content-length", "5")...)
	p.wantLast("content may come", "DATA 3 END_STREAM")
	p.wantOpen("behind them")
}

// A handler whose stream was reset counts until it returns.
func TestResetHandlersCount(t *testing.T) {
	release := make(chan struct{})
	var o Options
	o.StreamsMax = 3
	o.Handler = message.HandlerFunc(func(message.Exchange) { <-release })
	l := new(tasks)
	o.Executor = l
	p := serve(t, o)
	for range 3 {
		id := p.get("/")
		p.say(func(fr *http2.Framer) { _ = fr.WriteRSTStream(id, http2.ErrCodeCancel) })
	}
	p.want("three run, and nobody hears of them")
	p.get("/")
	p.want("there is no place", "RST_STREAM 7 REFUSED_STREAM")
	close(release)
	(*l)[0].Run()
	p.get("/")
	if p.want("now there is one"); len(*l) != 4 {
		t.Errorf("%d handlers have run, want 4", len(*l))
	}
	for _, task := range (*l)[1:] {
		task.Run()
	}
	p.write()
	p.wantLast("which answers", `DATA 9 END_STREAM`)

	release = make(chan struct{}) // who goes on all the same is cut
	*l = nil
	for range 3 {
		id := p.get("/")
		p.say(func(fr *http2.Framer) { _ = fr.WriteRSTStream(id, http2.ErrCodeCancel) })
	}
	n := 0
	for ; !p.isCut() && n < 1100; n++ {
		p.get("/")
	}
	if !p.isCut() || n > 1001 {
		t.Errorf("it took %d refusals", n)
	}
	close(release)
	for _, task := range *l {
		task.Run()
	}
}

// So does whoever has detached an exchange, until he has been told that it is
// over: by an error, or by a callback.
func TestResetDetachedCount(t *testing.T) {
	o := inline(nil)
	o.StreamsMax = 2
	var detached []message.Exchange
	o.Handler = message.Inline(message.HandlerFunc(func(x message.Exchange) {
		detached = append(detached, x.Detach())
		if string(x.Target()) == "/told" {
			x.OnOver(func(message.Exchange, error) {})
		}
	}))
	p := serve(t, o)
	p.kept = 10
	reset := func(path string) {
		id := p.get(path)
		p.say(func(fr *http2.Framer) { _ = fr.WriteRSTStream(id, http2.ErrCodeCancel) })
	}
	for range 3 {
		reset("/told")
	}
	p.want("whom a callback has told doesn't count")
	reset("/")
	reset("/")
	p.get("/")
	p.want("two don't know", "RST_STREAM 11 REFUSED_STREAM")
	if err := detached[3].Respond(200, nil, nil); err == nil {
		t.Error("a response to a stream that was reset is taken")
	}
	p.get("/")
	if p.want("one knows"); len(detached) != 6 {
		t.Errorf("%d have been served, want 6", len(detached))
	}
	_ = detached[4].Err()
}

// Indices of an octet each make field sections of 60,000 octets. A connection
// keeps some of them, and refuses the rest; trailer sections count as well.
func TestManyLargeHeads(t *testing.T) {
	o := inline(nil)
	begun, kept := 0, 0
	count := func(x message.Exchange) int {
		n := 0
		for name, value := range x.Fields().All() {
			n += len(name) + len(value)
		}
		return n
	}
	o.Handler = message.Inline(message.HandlerFunc(func(x message.Exchange) {
		begun++
		kept += count(x)
		x.OnOver(func(x message.Exchange, _ error) { kept -= count(x) })
		_ = x.OnContent(func(_ message.Exchange, p []byte, _ error) int { return len(p) })
	}))
	p := serve(t, o)
	large := []string{"x", strings.Repeat("x", 4000)}
	id := p.ask(false, asking("POST", "/", large...)...) // from now on it is an index
	for range 14 {
		large = append(large, large[:2]...)
	}
	refused := 0
	for range 99 {
		p.ask(false, asking("POST", "/", large...)...)
		for _, f := range p.frames() {
			if strings.HasSuffix(f, "REFUSED_STREAM") {
				refused++
			}
		}
		if kept > 1<<20 {
			t.Fatalf("%d octets of fields are kept", kept)
		}
	}
	if refused < 80 || begun < 17 || begun+refused != 100 {
		t.Errorf("%d requests have begun, and %d were refused", begun, refused)
	}
	p.say(func(fr *http2.Framer) {
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: p.block(large...), EndStream: true, EndHeaders: true})
	})
	p.want("nor is there room for trailers", "RST_STREAM 1 ENHANCE_YOUR_CALM")
	p.say(func(fr *http2.Framer) {
		for id := uint32(3); id < 200; id += 2 {
			_ = fr.WriteRSTStream(id, http2.ErrCodeCancel)
		}
	})
	if p.s.heads != 0 || p.s.open != 0 {
		t.Errorf("%d octets are counted of %d requests", p.s.heads, p.s.open)
	}
}

// A handler that goes on when it has said all counts if there are many of them:
// those of one connection don't have all goroutines.
func TestLateHandlersCount(t *testing.T) {
	release := make(chan struct{})
	l := new(tasks)
	p := serve(t, Options{StreamsMax: 2, Executor: l, Handler: message.HandlerFunc(func(x message.Exchange) {
		hello(x)
		<-release
	})})
	running := make(chan struct{})
	for n := range 4 {
		p.get("/")
		if len(*l) != n+1 {
			t.Fatalf("%d handlers run, want %d", len(*l), n+1)
		}
		task := (*l)[n]
		go func() { task.Run(); running <- struct{}{} }()
		for isOver := false; !isOver; {
			p.h.Lock()
			isOver = p.s.open == 0
			p.h.Unlock()
			runtime.Gosched()
		}
		p.write()
	}
	p.frames()
	p.get("/")
	p.want("four go on", "RST_STREAM 9 REFUSED_STREAM")
	close(release)
	for range 4 {
		<-running
	}
	p.get("/")
	if p.want("none does"); len(*l) != 5 {
		t.Errorf("%d handlers have run, want 5", len(*l))
	}
	(*l)[4].Run()
	p.write()
	if p.s.late != 0 {
		t.Errorf("%d handlers go on", p.s.late)
	}
}
