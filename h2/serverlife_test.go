package h2

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// conversation is octets of a client that ask in many ways.
func conversation(p *serverPeer) []byte {
	fr := p.fr
	p.write1(true, asking("GET", "/")...)
	id := p.write1(false, asking("POST", "/echo", "content-length", "10")...)
	_ = fr.WriteDataPadded(id, false, []byte("hello"), make([]byte, 3))
	_ = fr.WritePing(false, [8]byte{1})
	_ = fr.WriteData(id, true, []byte("world"))
	id = p.write1(false, asking("POST", "/echo")...)
	_ = fr.WriteData(id, false, []byte("with trailers"))
	_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: p.block("sum", "1"), EndStream: true, EndHeaders: true})
	p.last += 2
	b := p.block(asking("HEAD", "/", "priority", "u=1")...)
	_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: p.last, BlockFragment: b[:1], EndStream: true, PadLength: 4, Priority: http2.PriorityParam{Weight: 1, StreamDep: 1}})
	_ = fr.WriteContinuation(p.last, false, b[1:2])
	_ = fr.WriteContinuation(p.last, true, b[2:])
	id = p.write1(false, asking("POST", "/echo", "content-length", "1")...)
	_ = fr.WriteData(id, false, []byte("two"))
	_ = fr.WriteRawFrame(0xfa, 0, 0, []byte("unknown"))
	p.write1(true, ":method", "GET", ":path", "/", ":path", "/")
	id = p.write1(false, asking("POST", "/echo", "expect", "100-continue")...)
	_ = fr.WriteData(id, true, []byte("asked for"))
	p.write1(true, asking("GET", "/panic")...)
	p.write1(true, asking("GET", "/trailers")...)
	p.write1(true, asking("GET", "/204")...)
	_ = fr.WriteSettings(http2.Setting{ID: http2.SettingMaxFrameSize, Val: 20_000})
	_ = fr.WriteRSTStream(p.last, http2.ErrCodeCancel)
	_ = fr.WriteWindowUpdate(0, 1)
	_ = fr.WriteData(1, true, []byte("it has ended")) // which fails the connection
	b = append([]byte(nil), p.in.Bytes()...)
	p.in.Reset()
	return b
}

// conversed is an application that answers in many ways.
func conversed(x message.Exchange) {
	switch string(x.Target()) {
	case "/echo":
		var all []byte
		_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
			all = append(all, p...)
			if err == message.ErrEnd {
				_ = x.Start(200, nil, -1)
				_, _ = x.Write(all)
				_ = x.End(message.Field{Name: "Sum", Value: fmt.Sprint(x.Trailers().Len())})
			}
			return len(p)
		})
	case "/panic":
		panic("of a handler")
	case "/trailers":
		_ = x.Interim(103, []message.Field{{Name: "Link", Value: "<a>"}})
		_ = x.Start(200, nil, -1)
		_ = x.WriteLent([]byte("lent"), func(error) {})
		_ = x.End(message.Field{Name: "Trailer-Of", Value: "it"})
	case "/204":
		_ = x.Respond(204, nil, nil)
	default:
		hello(x)
	}
}

// However the octets of a connection are cut, and however few the flow takes at a
// time, the same comes back.
func TestServerSplit(t *testing.T) {
	converse := func(most int, cut func(p *serverPeer, b []byte)) string {
		o := inline(conversed)
		o.OnPanic = func(any) {}
		p := serve(t, o)
		p.most = most
		cut(p, conversation(p))
		p.write()
		of := map[string][]string{} // each stream's frames are in their order
		for _, f := range p.frames() {
			words := strings.Fields(f)
			if !strings.HasPrefix(f, "HEADERS") && !strings.HasPrefix(f, "DATA") && !strings.HasPrefix(f, "RST") || len(words) < 2 {
				words = []string{"", "0"}
			}
			of[words[1]] = append(of[words[1]], f)
		}
		var all []string
		for _, id := range slices.Sorted(maps.Keys(of)) {
			all = append(all, of[id]...)
		}
		return strings.Join(all, "\n")
	}
	want := converse(0, func(p *serverPeer, b []byte) {
		if left := p.offer(b); len(left) > 0 {
			t.Errorf("%d octets are left", len(left))
		}
	})
	if !strings.Contains(want, "GOAWAY 19 STREAM_CLOSED") || strings.Count(want, "\n") < 24 {
		t.Errorf("the server has sent\n%s", want)
	}
	check := func(how string, most int, cut func(p *serverPeer, b []byte)) {
		if got := converse(most, cut); got != want {
			t.Fatalf("%s:\n%s\nwant\n%s", how, got, want)
		}
	}
	check("an octet at a time", 0, func(p *serverPeer, b []byte) { p.step = 1; p.offer(b) })
	check("three octets a write", 3, func(p *serverPeer, b []byte) { p.offer(b) })
	check("an octet at a time, both ways", 1, func(p *serverPeer, b []byte) { p.step = 1; p.offer(b) })
	octets := len(conversation(serve(t, inline(hello))))
	for at := 1; at < octets; at++ {
		check(fmt.Sprint("cut at ", at), 0, func(p *serverPeer, b []byte) {
			left := p.offer(b[:at])
			p.offer(append(left, b[at:]...))
		})
	}
}

// What is lent is given back once, on each way that an exchange can end.
func TestServerLent(t *testing.T) {
	tests := []struct {
		name string
		end  func(p *serverPeer, x message.Exchange)
		err  bool
	}{
		{"sent", func(p *serverPeer, _ message.Exchange) {
			p.say(func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(1, 10_000) })
		}, false},
		{"reset by the peer", func(p *serverPeer, _ message.Exchange) {
			p.say(func(fr *http2.Framer) { _ = fr.WriteRSTStream(1, http2.ErrCodeCancel) })
		}, true},
		{"reset by the application", func(p *serverPeer, x message.Exchange) { x.Reset(); p.write() }, true},
		{"the connection fails", func(p *serverPeer, _ message.Exchange) {
			p.say(func(fr *http2.Framer) { _ = fr.WriteData(0, false, nil) })
		}, true},
		{"the flow breaks", func(p *serverPeer, _ message.Exchange) {
			p.h.Lock()
			p.s.ReportError(errors.New("broken"))
			p.h.Unlock()
		}, true},
		{"a write fails", func(p *serverPeer, _ message.Exchange) {
			p.most = -1
			p.say(func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(1, 100) })
			p.h.Lock()
			p.s.ReportWrite(3, errors.New("broken"))
			p.h.Unlock()
		}, true},
		{"no credit comes", func(p *serverPeer, _ message.Exchange) { p.pass(120 * second) }, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var x message.Exchange
			var told []error
			over := 0
			p := serve(t, inline(func(y message.Exchange) {
				_ = y.Start(200, nil, -1)
				y.OnOver(func(message.Exchange, error) { over++ })
				_ = y.WriteLent(make([]byte, 1000), func(err error) { told = append(told, err) })
				x = y.Detach()
			}), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10})
			p.kept = 1
			p.get("/")
			if len(told) != 0 {
				t.Fatalf("it was given back at once: %v", told)
			}
			test.end(p, x)
			if test.name == "sent" {
				_ = x.End()
				p.write()
			}
			p.close()
			if len(told) != 1 || (told[0] != nil) != test.err || over != 1 {
				t.Errorf("it was given back with %v, want once; error %v; %d times over", told, test.err, over)
			}
		})
	}
}

// Shutdown takes two steps: what is on its way is served.
func TestServerShutdown(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) {
		_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
			if err == message.ErrEnd {
				hello(x)
			}
			return len(p)
		})
	}))
	p.ask(false, asking("POST", "/")...)
	p.h.Lock()
	p.s.Shutdown()
	p.h.Unlock()
	p.write()
	p.want("the first step", "GOAWAY 2147483647 NO_ERROR", "PING false 73687574646f776e")
	p.get("/")
	p.want("what was on its way", "HEADERS 3 :status=200 content-length=5", `DATA 3 END_STREAM "hello"`)
	p.say(func(fr *http2.Framer) { _ = fr.WritePing(true, closingPing) })
	p.want("the second", "GOAWAY 3 NO_ERROR")
	p.get("/")
	p.want("too late")
	p.say(func(fr *http2.Framer) { _ = fr.WriteData(1, true, []byte("x")) })
	p.want("and the rest", "HEADERS 1 :status=200 content-length=5", `DATA 1 END_STREAM "hello"`)
	p.h.Lock()
	defer p.h.Unlock()
	if op, _ := p.s.NextWrite(); op != engine.Close {
		t.Errorf("NextWrite is %v, want Close", op)
	}
}

// A peer that closes its side in the middle of a request has the others answered.
func TestServerReadEOF(t *testing.T) {
	var told error
	var x message.Exchange
	p := serve(t, inline(func(y message.Exchange) {
		if string(y.Method()) == "POST" {
			_ = y.OnContent(func(_ message.Exchange, p []byte, err error) int { told = err; return len(p) })
			return
		}
		x = y.Detach()
	}))
	p.kept = 1
	p.ask(false, asking("POST", "/")...)
	p.get("/")
	p.h.Lock()
	p.s.ReadEOF([]byte{0, 0, 5})
	p.h.Unlock()
	p.write()
	var gone *message.GoneError
	if !errors.As(told, &gone) {
		t.Errorf("the end of the content is %v", told)
	}
	if err := x.Wait(); err != message.ErrHalfClosed {
		t.Errorf("Wait is %v", err)
	}
	_ = x.Respond(200, nil, []byte("late"))
	p.write()
	p.wantLast("and then the end", "GOAWAY 3 NO_ERROR")
	if !p.s.Closed() {
		t.Error("it isn't closed")
	}
}

// A peer that closes its side gives no more credit: a response that waits for some
// is given up at once, on the window of its stream or of the connection, and so
// is one that comes to need some later.
func TestServerEOFWithoutCredit(t *testing.T) {
	content := make([]byte, 100_000)
	var later message.Exchange
	p := serve(t, inline(func(x message.Exchange) {
		if string(x.Target()) == "/later" {
			later = x.Detach()
			return
		}
		_ = x.Respond(200, nil, content)
	}))
	p.kept = 1
	p.get("/later")
	p.get("/")
	p.get("/")
	p.write()
	p.h.Lock()
	p.s.ReadEOF(nil)
	p.h.Unlock()
	p.write()
	if p.s.Closed() {
		t.Fatal("it is closed, though a request is unanswered")
	}
	_ = later.Respond(200, nil, content)
	p.write()
	if !p.s.Closed() {
		t.Error("it isn't closed, though nothing can be sent")
	}
}

// A conversation whose ends say nothing for an hour goes on, if the response has
// begun; a request that doesn't come is answered by 408.
func TestServerConversation(t *testing.T) {
	var got []byte
	p := serve(t, inline(func(x message.Exchange) {
		if string(x.Target()) == "/talk" {
			_ = x.Start(200, nil, -1)
		}
		_ = x.OnContent(func(_ message.Exchange, p []byte, _ error) int { got = append(got, p...); return len(p) })
	}))
	p.ask(false, asking("POST", "/talk")...)
	p.ask(false, asking("POST", "/")...)
	p.want("a conversation begins", "HEADERS 1 :status=200")
	p.pass(3600 * second)
	if got := strings.Join(p.frames(), "\n"); !strings.HasPrefix(got, "HEADERS 3 :status=408") || !strings.HasSuffix(got, "RST_STREAM 3 NO_ERROR") {
		t.Errorf("the other request is answered by %q", got)
	}
	p.say(func(fr *http2.Framer) { _ = fr.WriteData(1, false, []byte("still here")) }).wantOpen("after an hour")
	if string(got) != "still here" {
		t.Errorf("what has come is %q", got)
	}
}

// Content that nobody takes, padding, and what comes for streams that were reset
// give their credit back.
func TestServerRefunds(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) {
		if string(x.Target()) == "/reset" {
			x.Reset()
			return
		}
		_ = x.OnContent(func(_ message.Exchange, p []byte, err error) int { return len(p) })
	}))
	p.ask(false, asking("POST", "/")...)
	p.ask(false, asking("POST", "/reset")...)
	p.frames()
	for _, id := range []uint32{1, 3} {
		sent := 0
		for range 1000 { // five times the window of the connection
			p.say(func(fr *http2.Framer) { _ = fr.WriteDataPadded(id, false, []byte("12345"), make([]byte, 249)) })
			sent += 255
		}
		credit := 0
		for _, f := range p.frames() {
			var of uint32
			var n int
			if k, _ := fmt.Sscanf(f, "WINDOW_UPDATE %d %d", &of, &n); k != 2 {
				t.Fatalf("the server has sent %q", f)
			}
			if of == id {
				credit += n
			}
		}
		if id == 1 && sent-credit > 128<<10 {
			t.Errorf("stream %d: %d octets were sent, and %d given back", id, sent, credit)
		}
	}
	w := &p.s.conn.windows
	if w.received+w.owed != 1<<20 {
		t.Errorf("of the window of the connection %d octets are left, and %d to be given back", w.received, w.owed)
	}
}
