package h2

import (
	"fmt"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// Whoever pings each ten seconds beside a stream that goes on for an hour is
// answered.
func TestHonestPings(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) { _ = x.Start(200, nil, -1); x.Detach() }))
	p.kept = 1
	p.get("/")
	p.frames()
	for range 360 {
		p.pass(10 * second).wantOpen("an hour of pings")
	}
}

// Whoever measures the way with a ping for each frame of content is answered,
// however fast it comes.
func TestHonestPingsWithContent(t *testing.T) {
	var x message.Exchange
	p := serve(t, inline(func(y message.Exchange) { _ = y.Start(200, nil, -1); x = y.Detach() }))
	p.kept = 1
	p.get("/")
	p.frames()
	for range 10_000 {
		if _, err := x.Write(make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		p.write()
		p.say(func(fr *http2.Framer) {
			_ = fr.WriteWindowUpdate(0, 1000)
			_ = fr.WriteWindowUpdate(1, 1000)
		}).wantOpen("a ping for each frame")
	}
}

// Whoever downloads a GiB, and gives credit for each frame of both levels, is
// served.
func TestHonestDownload(t *testing.T) {
	octets := int64(1 << 30)
	if testing.Short() {
		octets = 1 << 26
	}
	part := make([]byte, 32<<10)
	var more func(x message.Exchange, err error)
	left := octets
	more = func(x message.Exchange, err error) {
		for err == nil && left > 0 {
			var n int
			if n, err = x.Write(part[:min(int64(len(part)), left)]); err == message.ErrWouldBlock {
				x.OnFlushed(more)
				return
			}
			left -= int64(n)
		}
		if err == nil {
			err = x.End()
		}
		if err != nil {
			t.Error(err)
		}
	}
	p := serve(t, inline(func(x message.Exchange) {
		_ = x.Start(200, nil, octets)
		more(x, nil)
	}))
	p.h.reuse = true
	p.get("/")
	got, isEnded := int64(0), false
	for !isEnded {
		if p.out.Len() == 0 {
			t.Fatalf("nothing more comes after %d octets", got)
		}
		for p.out.Len() > 0 {
			f, err := p.fr.ReadFrame()
			if err != nil {
				t.Fatal(err)
			}
			switch f := f.(type) {
			case *http2.DataFrame:
				n := len(f.Data())
				got += int64(n)
				isEnded = f.StreamEnded()
				if n > 0 {
					_ = p.fr.WriteWindowUpdate(0, uint32(n))
					_ = p.fr.WriteWindowUpdate(1, uint32(n))
				}
			case *http2.GoAwayFrame:
				t.Fatalf("after %d octets: %v", got, f.ErrCode)
			}
		}
		p.say(func(*http2.Framer) {})
	}
	if got != octets {
		t.Errorf("%d octets have come, want %d", got, octets)
	}
}

// Whoever cancels every tenth of 10,000 requests is served the others.
func TestHonestCancels(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) {
		if string(x.Target()) == "/wait" {
			_ = x.OnContent(func(message.Exchange, []byte, error) int { return 0 })
			return
		}
		hello(x)
	}))
	for i := range 10_000 {
		if i%10 == 0 {
			id := p.ask(false, asking("POST", "/wait")...)
			p.say(func(fr *http2.Framer) { _ = fr.WriteRSTStream(id, http2.ErrCodeCancel) })
			p.want("cancelled")
			continue
		}
		id := p.get("/")
		p.want("served", fmt.Sprintf("HEADERS %d :status=200 content-length=5", id), fmt.Sprintf("DATA %d END_STREAM \"hello\"", id))
		if t.Failed() {
			return
		}
	}
}

// Whoever has an unknown frame, two priorities and an empty frame for each
// stream is served.
func TestHonestExtras(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) {
		if string(x.Method()) == "POST" {
			_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
				if err == message.ErrEnd {
					hello(x)
				}
				return len(p)
			})
			return
		}
		hello(x)
	}))
	for range 3000 {
		p.say(func(fr *http2.Framer) {
			id := p.write1(false, asking("POST", "/")...)
			_ = fr.WriteRawFrame(0xbb, 0, id, []byte("grease"))
			_ = fr.WriteData(id, false, nil)
			_ = fr.WriteRawFrame(0x10, 0, 0, []byte{0, 0, byte(id >> 8), byte(id), 'u', '=', '2'})
			_ = fr.WritePriority(id, http2.PriorityParam{Weight: 3})
			_ = fr.WriteData(id, true, []byte("x"))
			_ = fr.WriteRawFrame(0xbb, 0, id, nil)
		})
		if p.isCut() {
			t.Fatalf("it is cut: %q", p.frames())
		}
	}
	p.wantOpen("no time has passed that could have refilled anything")
}

// Whoever scrolls through a map whose tiles come slowly asks for many and gives
// most of them up, before any has come.
func TestHonestMap(t *testing.T) {
	var last message.Exchange
	p := serve(t, inline(func(x message.Exchange) {
		x.OnOver(func(message.Exchange, error) {})
		last = x.Detach()
	}))
	p.kept = 1000
	for range 10 {
		first := (p.last + 1) | 1
		for range 80 {
			p.get("/tile")
		}
		p.pass(second)
		p.say(func(fr *http2.Framer) {
			for id := first; id <= p.last; id += 2 {
				_ = fr.WriteRSTStream(id, http2.ErrCodeCancel)
			}
		})
		p.wantOpen("the map has moved on")
	}
	p.get("/tile")
	_ = last.Respond(200, nil, []byte("tile"))
	p.write()
	p.wantLast("the one that is looked at", "DATA 1601 END_STREAM")
}

// Flags that mean nothing to a frame, the reserved bit and settings that nobody knows
// are ignored (RFC 9113, Sections 4.1, 6.5.2 and 6.5.3).
func TestWhatMeansNothing(t *testing.T) {
	const reserved = 1 << 31
	p := serve(t, inline(hello))
	p.say(func(fr *http2.Framer) {
		fr.AllowIllegalWrites = true
		_ = fr.WriteRawFrame(http2.FrameSettings, 0xfe, reserved, []byte{0x99, 0x99, 0, 0, 0, 1})
		_ = fr.WriteRawFrame(http2.FrameHeaders, 0xd2|http2.FlagHeadersEndHeaders|http2.FlagHeadersEndStream, 1|reserved, p.block(asking("GET", "/")...))
		_ = fr.WriteRawFrame(http2.FramePing, 0xfe, reserved, make([]byte, 8))
	})
	p.last = 1
	p.want("what means nothing is ignored", "SETTINGS ACK", "HEADERS 1 :status=200 content-length=5", `DATA 1 END_STREAM "hello"`, "PING true 0000000000000000")
}
