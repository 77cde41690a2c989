package h2

import (
	"bytes"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// Streams that wait for the window of the connection have their turns, however
// little of it is given at a time.
func TestTurnsAtSmallWindows(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) {
		n := 1000
		if string(x.Target()) == "/big" {
			n = 1 << 20
		}
		_ = x.Respond(200, nil, make([]byte, n))
	}), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
	p.say(func(*http2.Framer) {
		p.write1(true, asking("GET", "/big")...)
		p.write1(true, asking("GET", "/big")...)
		for range 20 {
			p.write1(true, asking("GET", "/small")...)
		}
	})
	octets := map[uint32]int{}
	ended := 0
	count := func() {
		for p.out.Len() > 0 {
			f, err := p.fr.ReadFrame()
			if err != nil {
				t.Fatal(err)
			}
			if f, ok := f.(*http2.DataFrame); ok {
				octets[f.StreamID] += len(f.Data())
				if f.StreamEnded() {
					ended++
				}
			}
		}
	}
	count()
	for range 40 {
		p.say(func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(0, 16<<10) })
		count()
	}
	if ended != 20 {
		t.Errorf("%d of 20 small responses have come", ended)
	}
	if a, b := octets[1], octets[3]; a > b+40_000 || b > a+40_000 {
		t.Errorf("of two large responses %d and %d octets have come", a, b)
	}
}

// Content that is due at a window of 0 doesn't keep the end of others back.
func TestEndAtZeroWindow(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) {
		if string(x.Target()) == "/end" {
			_ = x.Start(200, nil, -1)
			_ = x.End()
			return
		}
		_ = x.Respond(200, nil, bytes.Repeat([]byte("x"), 70_000))
	}), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 100_000})
	p.get("/")
	p.frames()
	p.get("/end")
	p.want("its end needs no window", "HEADERS 3 :status=200", `DATA 3 END_STREAM ""`)

	var x message.Exchange
	p = serve(t, inline(func(y message.Exchange) {
		_ = y.Start(200, nil, -1)
		_, _ = y.Write(bytes.Repeat([]byte("x"), 65535))
		x = y.Detach()
	}), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 100_000})
	p.kept = 1
	p.get("/")
	p.frames()
	_ = x.End()
	p.write()
	p.want("nor does one that comes later", `DATA 1 END_STREAM ""`)
}

// A change of SETTINGS_INITIAL_WINDOW_SIZE moves windows, below zero too.
func TestNegativeWindow(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) { _ = x.Respond(200, nil, bytes.Repeat([]byte("x"), 300)) }),
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: 150})
	p.get("/")
	p.want("as much as the window lets", "HEADERS 1 :status=200 content-length=300", "DATA 1 150 octets")
	set := func(n uint32) {
		p.say(func(fr *http2.Framer) {
			_ = fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: n})
		})
	}
	set(50)
	p.want("100 less than nothing", "SETTINGS ACK")
	p.say(func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(1, 100) }).want("nothing")
	p.say(func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(1, 1) }).want("one", `DATA 1 "x"`)
	set(0)
	p.want("less again", "SETTINGS ACK")
	set(200)
	p.want("the rest", "SETTINGS ACK", `DATA 1 END_STREAM 149 octets`)
}

// DATA that is longer than a frame may be counts in the window of the connection as
// all DATA does, though its stream is reset.
func TestLongDataCounts(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) {
		_ = x.OnContent(func(_ message.Exchange, p []byte, err error) int { return len(p) })
	}))
	id := p.ask(false, asking("POST", "/")...)
	for range 27 {
		p.say(func(fr *http2.Framer) { _ = fr.WriteRawFrame(http2.FrameData, 0, id, make([]byte, 20_000)) })
	}
	p.want("half of the window is given back", "RST_STREAM 1 FRAME_SIZE_ERROR", "WINDOW_UPDATE 0 540000")
	p.say(func(fr *http2.Framer) { _ = fr.WriteRawFrame(http2.FrameData, 0, id, make([]byte, 1<<20+1)) })
	p.want("more than the window", "GOAWAY 1 FLOW_CONTROL_ERROR")
}
