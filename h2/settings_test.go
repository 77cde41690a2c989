package h2

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// announced are the settings that a connection begins with.
func announced(t *testing.T, c *Conn) (list []frames.Setting) {
	t.Helper()
	b := strings.TrimPrefix(string(c.AppendPending(nil)), Preface)
	h := frames.ReadHeader([]byte(b))
	if h.Type != frames.TypeSettings || h.Flags.Has(frames.FlagAck) {
		t.Fatalf("it begins with %+v", h)
	}
	for b := []byte(b)[frames.HeaderOctets : frames.HeaderOctets+h.Length]; len(b) > 0; b = b[frames.SettingOctets:] {
		list = append(list, frames.ReadSetting(b))
	}
	return list
}

// What each end announces is what RFC 9113, Section 6.5.2, lets its role say,
// with each identifier once; a server says nothing of push.
func TestAnnouncedSettings(t *testing.T) {
	o := NewService(inline(hello)).conn
	for bits := range 4 {
		o.TakesPush, o.TakesConnectProtocol = bits&1 != 0, bits&2 != 0
		for _, isServer := range []bool{true, false} {
			seen := map[frames.SettingID]uint32{}
			for _, x := range announced(t, newConn(&o, isServer, new(connWorkspace))) {
				if _, isTwice := seen[x.Identifier]; isTwice {
					t.Errorf("%v stands twice", x)
				}
				if scope, _, rule := x.Check(); scope != frames.ScopeNone {
					t.Errorf("%v: %s", x, rule)
				}
				seen[x.Identifier] = x.Value
			}
			push, says := seen[frames.SettingEnablePush]
			switch {
			case isServer && says:
				t.Errorf("a server says %d of push", push)
			case !isServer && (!says || push == 1 != o.TakesPush):
				t.Errorf("a client that takes push, %v, says %v %d", o.TakesPush, says, push)
			}
		}
	}
}

// A server that says that it takes pushes ends the connection; one that says that
// it doesn't, doesn't.
func TestServerEnablesPush(t *testing.T) {
	for value, want := range []string{"SETTINGS ACK", "GOAWAY 0 PROTOCOL_ERROR"} {
		for _, takes := range []bool{false, true} {
			o := ClientOptions{}
			if takes {
				o.OnPush = func(*Push) {}
			}
			k := talk(t, o)
			k.peer(func(fr *http2.Framer) {
				_ = fr.WriteSettings(http2.Setting{ID: http2.SettingEnablePush, Val: uint32(value)})
			})
			k.want(fmt.Sprintf("ENABLE_PUSH of %d", value), want)
		}
	}
}

// Settings take effect in the order in which they stand in their frame, one after
// the other.
func TestSettingsInOrder(t *testing.T) {
	window := func(n uint32) http2.Setting { return http2.Setting{ID: http2.SettingInitialWindowSize, Val: n} }
	table := func(n uint32) http2.Setting { return http2.Setting{ID: http2.SettingHeaderTableSize, Val: n} }
	big := inline(func(x message.Exchange) { _ = x.Respond(200, nil, make([]byte, 300)) })

	p := serve(t, big)
	p.say(func(fr *http2.Framer) { _ = fr.WriteSettings(window(100), window(200)) }).want("", "SETTINGS ACK")
	p.get("/")
	p.want("the last of two holds", "HEADERS 1 :status=200 content-length=300", "DATA 1 200 octets")
	p.say(func(fr *http2.Framer) { _ = fr.WriteSettings(window(1<<31-1), window(0)) }).
		want("nothing is sent between two", "SETTINGS ACK")

	p = serve(t, big, window(100)) // a window of 1 more than the initial one
	p.get("/")
	p.frames()
	p.say(func(fr *http2.Framer) {
		_ = fr.WriteWindowUpdate(1, 101)
		_ = fr.WriteSettings(window(1<<31-1), window(0))
	}).wantLast("the first of two is looked at, too", "GOAWAY 1 FLOW_CONTROL_ERROR")

	p = serve(t, inline(hello)) // that the table was smaller meanwhile is told
	p.get("/")
	p.say(func(fr *http2.Framer) { _ = fr.WriteSettings(table(0), table(4096)) }).frames()
	p.get("/")
	b := p.out.Bytes()
	if block := b[frames.HeaderOctets:]; block[0] != 0x20 || block[1] != 0x3f {
		t.Errorf("the block behind two sizes begins with %x, want an update to 0, and one to 4096", block[:4])
	}
	p.frames() // which x/net's decoder reads
}

// TestLoweredWindow is RFC 9113, Section 6.9.3: what comes before the peer has
// acknowledged a window that is lower than the initial one is taken, and streams
// that it has driven below zero go on.
func TestLoweredWindow(t *testing.T) {
	var all []byte
	o := inline(func(x message.Exchange) {
		_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
			all = append(all, p...)
			if err == message.ErrEnd {
				hello(x)
			}
			return len(p)
		})
	})
	o.ContentWindowOctets = 1000
	s := NewService(o).NewServer(nil)
	p := serveWithoutAck(t, s)
	p.ask(false, asking("POST", "/")...)
	p.say(func(fr *http2.Framer) {
		for range 6 {
			_ = fr.WriteData(1, false, make([]byte, 10_000))
		}
	})
	if p.wantOpen("60,000 octets are within 65,535"); len(all) != 60_000 {
		t.Errorf("%d octets have come", len(all))
	}
	stream := s.conn.find(1)
	p.say(func(fr *http2.Framer) { _ = fr.WriteSettingsAck() })
	if stream.receiveWindow != 1000-stream.owed {
		t.Errorf("the window is %d, %d are owed", stream.receiveWindow, stream.owed)
	}
	p.say(func(fr *http2.Framer) { _ = fr.WriteData(1, true, make([]byte, stream.receiveWindow)) })
	p.wantLast("the stream has gone on", `DATA 1 END_STREAM "hello"`)

	p.ask(false, asking("POST", "/")...) // and from now on the window holds
	p.say(func(fr *http2.Framer) { _ = fr.WriteData(3, false, make([]byte, 1001)) })
	p.want("one octet too many", "RST_STREAM 3 FLOW_CONTROL_ERROR")
}

// What nobody consumes before the acknowledgement leaves the stream below zero, and
// it goes on when it is consumed.
func TestWindowBelowZero(t *testing.T) {
	var x message.Exchange
	o := inline(func(y message.Exchange) { x = y.Detach() })
	o.ContentWindowOctets = 1000
	s := NewService(o).NewServer(nil)
	p := serveWithoutAck(t, s)
	p.kept = 3
	p.ask(false, asking("POST", "/")...)
	p.say(func(fr *http2.Framer) {
		_ = fr.WriteData(1, false, make([]byte, 10_000))
		_ = fr.WriteSettingsAck()
	})
	if w := s.conn.find(1).receiveWindow; w != -9000 {
		t.Errorf("the window is %d", w)
	}
	p.wantOpen("that is no error")
	n, err := x.Read(make([]byte, 20_000))
	p.write()
	p.want("what is consumed is credit", "WINDOW_UPDATE 1 10000")
	if n != 10_000 || err != nil {
		t.Errorf("%d octets were read, %v", n, err)
	}
	p.say(func(fr *http2.Framer) { _ = fr.WriteData(1, true, make([]byte, 1000)) })
	_ = x.Respond(200, nil, nil)
	p.write()
	p.want("which is enough again", "HEADERS 1 END_STREAM :status=200 content-length=0")
}
