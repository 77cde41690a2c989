package h2

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// Credit that doesn't go, by WINDOW_UPDATE or by SETTINGS, and what it ends
// (RFC 9113, Sections 6.9, 6.9.1 and 6.9.2).
func TestWrongCredit(t *testing.T) {
	tests := []struct {
		name string
		say  func(fr *http2.Framer)
		want string
	}{
		{"nothing, on a stream", func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(1, 0) }, "RST_STREAM 1 PROTOCOL_ERROR"},
		{"nothing, on the connection", func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(0, 0) }, "GOAWAY 1 PROTOCOL_ERROR"},
		{"as much as there may be, on a stream", func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(1, 1<<31-1-10) }, ""},
		{"one more", func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(1, 1<<31-10) }, "RST_STREAM 1 FLOW_CONTROL_ERROR"},
		{"as much as there may be, on the connection", func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(0, 1<<31-1-65535) }, ""},
		{"one more", func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(0, 1<<31-65535) }, "GOAWAY 1 FLOW_CONTROL_ERROR"},
		{"one more in two frames", func(fr *http2.Framer) {
			_ = fr.WriteWindowUpdate(0, 1<<31-1-65535)
			_ = fr.WriteWindowUpdate(0, 1)
		}, "GOAWAY 1 FLOW_CONTROL_ERROR"},
		{"as much as there may be, by settings", func(fr *http2.Framer) {
			_ = fr.WriteWindowUpdate(1, 1)
			_ = fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 2})
		}, "SETTINGS ACK"},
		{"one more", func(fr *http2.Framer) {
			_ = fr.WriteWindowUpdate(1, 1)
			_ = fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1})
		}, "GOAWAY 1 FLOW_CONTROL_ERROR"},
		{"above what a window may be at all", func(fr *http2.Framer) {
			_ = fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 31})
		}, "GOAWAY 1 FLOW_CONTROL_ERROR"},
	}
	for _, test := range tests {
		want := strings.Fields(test.want)
		t.Run("server, "+test.name, func(t *testing.T) {
			p := serve(t, inline(abused), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10})
			p.kept = 1
			p.get("/wait")
			p.say(test.say)
			if test.want == "" {
				p.want("it is as it may be")
			} else {
				p.want("", test.want)
			}
			if p.isCut() != (len(want) > 0 && want[0] == "GOAWAY") {
				t.Errorf("the connection is cut: %v", p.isCut())
			}
		})
		t.Run("client, "+test.name, func(t *testing.T) {
			k := talk(t, ClientOptions{}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10})
			x, err := k.c.Begin(&message.RequestHead{Method: "POST", Authority: "a.example", ContentLength: -1})
			if err != nil {
				t.Fatal(err)
			}
			k.write()
			k.frames()
			k.peer(func(fr *http2.Framer) {
				fr.AllowIllegalWrites = true
				test.say(fr)
			})
			if got := strings.Join(k.frames(), "\n"); got != strings.Replace(test.want, "GOAWAY 1", "GOAWAY 0", 1) {
				t.Errorf("the client has sent %q, want %q", got, test.want)
			}
			x.Close()
			k.write()
			k.sent.Reset()
		})
	}
}

// One error ends a connection, and is told once; and an error after a GOAWAY
// that told of none is told, too (RFC 9113, Section 5.4).
func TestOneConnectionError(t *testing.T) {
	wrong := func(fr *http2.Framer) {
		_ = fr.WriteSettingsAck()                 // which nobody asked for
		_ = fr.WriteData(0, true, nil)            // which has no stream
		_ = fr.WriteWindowUpdate(0, 1<<31-1)      // which is too much
		_ = fr.WriteRawFrame(0x6, 0, 0, []byte{}) // which is too short
	}
	told := 0
	o := inline(hello)
	o.OnError = func(any, *Error) { told++ }
	p := serve(t, o)
	p.step = 1
	p.say(wrong)
	p.say(wrong)
	p.pass(300 * second)
	p.h.Lock()
	p.s.Shutdown()
	p.h.Unlock()
	p.write()
	if p.want("one error", "GOAWAY 0 PROTOCOL_ERROR"); told != 1 {
		t.Errorf("OnError was told %d times", told)
	}

	p = serve(t, inline(abused))
	p.kept = 1
	p.get("/wait")
	p.h.Lock()
	p.s.Shutdown()
	p.h.Unlock()
	p.write()
	p.want("the end is announced", "GOAWAY 2147483647 NO_ERROR", "PING false 73687574646f776e")
	p.say(wrong).want("an error meanwhile", "GOAWAY 1 PROTOCOL_ERROR")

	p = serve(t, inline(abused))
	p.kept = 1
	p.get("/wait")
	p.h.Lock()
	p.s.Shutdown()
	p.h.Unlock()
	p.say(func(fr *http2.Framer) { _ = fr.WritePing(true, closingPing) })
	p.want("the end has come", "GOAWAY 2147483647 NO_ERROR", "PING false 73687574646f776e", "GOAWAY 1 NO_ERROR")
	p.say(wrong).want("an error after that", "GOAWAY 1 PROTOCOL_ERROR")

	k := talk(t, ClientOptions{OnError: func(*Error) { told++ }})
	told = 0
	k.peer(wrong)
	k.peer(wrong)
	if k.want("a client tells one, too", "GOAWAY 0 PROTOCOL_ERROR"); told != 1 {
		t.Errorf("OnError was told %d times", told)
	}
}

// Whoever has received a GOAWAY, and has nothing left to do, says one before it
// closes (RFC 9113, Section 6.8).
func TestGoAwayIsAnswered(t *testing.T) {
	p := serve(t, inline(abused))
	p.get("/")
	p.frames()
	p.say(func(fr *http2.Framer) { _ = fr.WriteGoAway(0, http2.ErrCodeNo, nil) })
	p.want("a server", "GOAWAY 1 NO_ERROR")

	k, l := talk(t, ClientOptions{}), &logged{t: t}
	k.begin(l, "a", message.RequestHead{})
	k.frames()
	k.peer(func(fr *http2.Framer) { _ = fr.WriteGoAway(1, http2.ErrCodeNo, nil) })
	k.want("a client with a request under way")
	k.peer(func(fr *http2.Framer) { k.headers(fr, 1, true, ":status", "204") })
	k.want("a client when it is answered", "GOAWAY 0 NO_ERROR")

	k = talk(t, ClientOptions{})
	k.peer(func(fr *http2.Framer) { _ = fr.WriteGoAway(0, http2.ErrCodeNo, nil) })
	k.want("a client without one", "GOAWAY 0 NO_ERROR")
}

// Streams above the last one that a GOAWAY named aren't served, but what they say
// is decoded, and their content counts (RFC 9113, Section 6.8).
func TestBeyondTheLastStream(t *testing.T) {
	served := 0
	p := serve(t, inline(func(x message.Exchange) {
		served++
		_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
			if err == message.ErrEnd {
				value, _ := x.Trailers().Get("sum")
				_ = x.Respond(200, []message.Field{{Name: "sum", Value: string(value)}}, nil)
			}
			return len(p)
		})
	}))
	p.ask(false, asking("POST", "/")...)
	p.h.Lock()
	p.s.Shutdown()
	p.h.Unlock()
	p.say(func(fr *http2.Framer) { _ = fr.WritePing(true, closingPing) })
	p.frames()
	conn := p.s.conn
	p.say(func(fr *http2.Framer) {
		p.last = 3
		b := p.block(asking("POST", "/", "sum", "of what is indexed here")...)
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: b[:20]})
		_ = fr.WriteContinuation(3, true, b[20:])
		_ = fr.WriteData(3, false, make([]byte, 10_000))
	})
	p.want("nobody is told")
	if left := conn.windows.received + conn.windows.owed; left != 1<<20 || conn.windows.owed != 10_000 {
		t.Errorf("of the window %d are left, and %d owed", conn.windows.received, conn.windows.owed)
	}
	p.say(func(fr *http2.Framer) {
		for range 60 { // 614,400 octets: more than half of the window
			_ = fr.WriteData(3, false, make([]byte, 10_240))
		}
	})
	p.want("they are given back", "WINDOW_UPDATE 0 532240")
	p.say(func(fr *http2.Framer) {
		b := p.block("sum", "of what is indexed here")
		if len(b) != 1 {
			t.Fatalf("the trailers aren't indexed: %x", b)
		}
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: b, EndStream: true, EndHeaders: true})
	})
	p.want("what was decoded there is known here", "HEADERS 1 END_STREAM :status=200 sum=of what is indexed here content-length=0")
	if served != 1 {
		t.Errorf("%d were served", served)
	}

	p = serve(t, inline(abused)) // whose window ends, too
	p.kept = 1
	p.get("/wait")
	p.h.Lock()
	p.s.Shutdown()
	p.h.Unlock()
	p.say(func(fr *http2.Framer) { _ = fr.WritePing(true, closingPing) })
	p.frames()
	p.s.conn.options.ConnectionWindowOctets = 1 << 30 // nothing is given back
	p.say(func(fr *http2.Framer) {
		p.last = 3
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: p.block(asking("POST", "/")...), EndHeaders: true})
		for range 65 {
			_ = fr.WriteData(3, false, make([]byte, 16<<10))
		}
	})
	p.wantLast("more than the window of the connection", "GOAWAY 1 FLOW_CONTROL_ERROR")
}

// Codes that nobody knows are as good as others (RFC 9113, Section 7).
func TestUnknownErrorCodes(t *testing.T) {
	for _, code := range []http2.ErrCode{0xe, 0xbeef, 0xffffffff} {
		var err error
		p := serve(t, inline(func(x message.Exchange) {
			if string(x.Target()) == "/wait" {
				x.OnOver(func(_ message.Exchange, e error) { err = e })
				x.Detach()
				return
			}
			hello(x)
		}))
		p.kept = 2
		p.get("/wait")
		p.say(func(fr *http2.Framer) { _ = fr.WriteRSTStream(1, code) })
		var reset *ResetError
		if !errors.As(err, &reset) || reset.Code != frames.ErrorCode(code) || !reset.IsPeer {
			t.Errorf("the stream has ended by %v", err)
		}
		p.get("/")
		p.want("others are served", "HEADERS 3 :status=200 content-length=5", `DATA 3 END_STREAM "hello"`)
		p.get("/wait")
		p.say(func(fr *http2.Framer) { _ = fr.WriteGoAway(0, code, nil) })
		p.want("the peer goes", "GOAWAY 5 NO_ERROR")
		if p.isCut() || p.s.conn.find(5) == nil {
			t.Error("what is under way has ended")
		}

		k, l := talk(t, ClientOptions{}), &logged{t: t}
		k.begin(l, "a", message.RequestHead{})
		k.begin(l, "b", message.RequestHead{})
		k.frames()
		k.peer(func(fr *http2.Framer) {
			_ = fr.WriteRSTStream(1, code)
			_ = fr.WriteGoAway(3, code, nil)
			k.headers(fr, 3, true, ":status", "204")
		})
		k.want("a client finishes what is under way", "GOAWAY 0 NO_ERROR")
		if told := strings.Join(l.list, "\n"); !strings.Contains(told, "b response 204") || !strings.Contains(told, "a no response: ") {
			t.Errorf("told was %s", told)
		}
	}
}

// However much later they come, frames of a stream that was reset are read, and
// nothing comes of them: no timer makes errors of them.
func TestLateFramesOfResetStreams(t *testing.T) {
	p := serve(t, inline(abused))
	p.kept = 1
	p.get("/wait") // which holds the connection
	p.ask(false, asking("POST", "/reset")...)
	p.want("it is reset", "RST_STREAM 3 INTERNAL_ERROR")
	for range 5 {
		p.pass(3600 * second)
		p.say(func(fr *http2.Framer) {
			_ = fr.WriteData(3, false, bytes.Repeat([]byte("x"), 100))
			_ = fr.WriteWindowUpdate(3, 1)
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: p.block("a", "b"), EndStream: true, EndHeaders: true})
		}).wantOpen("hours later")
	}
}
