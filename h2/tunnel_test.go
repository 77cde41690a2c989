package h2

import (
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// tunnelled is a conversation in a tunnel, which f has on the server's side.
func tunnelled(t *testing.T, f func(p *serverPeer, s message.Stream)) *serverPeer {
	t.Helper()
	return tunnelledWith(t, 0, f)
}

// tunnelledWith is tunnelled with a limit of content.
func tunnelledWith(t *testing.T, contentOctets int64, f func(p *serverPeer, s message.Stream)) *serverPeer {
	t.Helper()
	var later tasks
	o := inline(func(x message.Exchange) {
		if err := x.Upgrade(200, nil, func(s message.Stream, _ []byte) {}); err != nil {
			t.Error(err)
		}
	})
	o.Executor, o.ContentOctets = &later, contentOctets
	p := serve(t, o)
	p.kept = 2
	p.ask(false, ":method", "CONNECT", ":authority", "a.example:1")
	p.want("a tunnel", "HEADERS 1 :status=200")
	task := later[0].(*tunnelTask)
	task.take = func(s message.Stream, _ []byte) { f(p, s) }
	task.Run()
	p.write()
	return p
}

// data has the peer send content.
func (p *serverPeer) data(text string, isEnd bool) {
	p.say(func(fr *http2.Framer) { _ = fr.WriteData(1, isEnd, []byte(text)) })
}

// closeWrite ends the server's direction.
func closeWrite(t *testing.T, p *serverPeer, s message.Stream) {
	t.Helper()
	if err := s.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Error(err)
	}
	p.write()
}

// Each direction of a tunnel ends for itself: what the peer sends behind our end is
// read, and what it has sent when both have ended.
func TestServerTunnelHalfClosed(t *testing.T) {
	p := tunnelled(t, func(p *serverPeer, s message.Stream) {
		_, _ = s.Write([]byte("bye"))
		closeWrite(t, p, s)
		p.want("our end", `DATA 1 "bye"`, `DATA 1 END_STREAM ""`)
		if _, err := s.Write([]byte("x")); err == nil {
			t.Error("it takes more behind its end")
		}
		p.data("hello", false)
		b := make([]byte, 3)
		if n, err := s.Read(b); err != nil || string(b[:n]) != "hel" {
			t.Errorf("behind our end: %q, %v", b[:n], err)
		}
		p.data(", world", true)
		if rest, err := io.ReadAll(s); err != nil || string(rest) != "lo, world" {
			t.Errorf("behind both: %q, %v", rest, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	p.wantOpen("behind the tunnel")
	if p.s.open != 0 || p.s.conn.Open() != 0 {
		t.Errorf("%d exchanges and %d streams are left", p.s.open, p.s.conn.Open())
	}
}

// What goes through a tunnel isn't content of a request, and hasn't its limit.
func TestServerTunnelContent(t *testing.T) {
	tunnelledWith(t, 5, func(p *serverPeer, s message.Stream) {
		p.data("hello", false)
		p.data(", world", true)
		if all, err := io.ReadAll(s); err != nil || string(all) != "hello, world" {
			t.Errorf("it is %q, %v", all, err)
		}
		_ = s.Close()
	})
}

// A tunnel has no promises, whoever makes them.
func TestServerTunnelPromises(t *testing.T) {
	tunnelled(t, func(p *serverPeer, s message.Stream) {
		e := new(message.PushError)
		_, _, _, err := p.s.conn.AppendPromise(nil, p.s.conn.find(1), &message.RequestHead{Authority: "a.example"}, "http")
		if !errors.As(err, &e) || !strings.Contains(err.Error(), "in a tunnel") {
			t.Errorf("AppendPromise: %v", err)
		}
		_ = s.Close()
	})
}

// However a tunnel is closed, what was written is sent, nothing is left, and the
// peer isn't told of an error.
func TestServerTunnelClosed(t *testing.T) {
	long := strings.Repeat("x", 70_000) // more than the window
	for name, test := range map[string]struct {
		f    func(t *testing.T, p *serverPeer, s message.Stream)
		want string
	}{
		"at once":               {func(*testing.T, *serverPeer, message.Stream) {}, `DATA 1 END_STREAM ""`},
		"behind our end":        {func(t *testing.T, p *serverPeer, s message.Stream) { closeWrite(t, p, s) }, `DATA 1 END_STREAM ""`},
		"behind the peer's end": {func(_ *testing.T, p *serverPeer, _ message.Stream) { p.data("", true) }, `DATA 1 END_STREAM ""`},
		"with content unread":   {func(_ *testing.T, p *serverPeer, _ message.Stream) { p.data("hello", true) }, `DATA 1 END_STREAM ""`},
		"behind both, unread": {func(t *testing.T, p *serverPeer, s message.Stream) {
			closeWrite(t, p, s)
			p.data("hello", true)
		}, `DATA 1 END_STREAM ""`},
		"twice": {func(_ *testing.T, _ *serverPeer, s message.Stream) { _ = s.Close() }, `DATA 1 END_STREAM ""`},
		"before the window opens": {func(t *testing.T, p *serverPeer, s message.Stream) {
			_, _ = s.Write([]byte(long[:40_000]))
			_, _ = s.Write([]byte(long[40_000:]))
		}, "DATA 1 END_STREAM 4465 octets"},
		"before the window opens, behind our end": {func(t *testing.T, p *serverPeer, s message.Stream) {
			_, _ = s.Write([]byte(long[:40_000]))
			_, _ = s.Write([]byte(long[40_000:]))
			closeWrite(t, p, s)
		}, "DATA 1 END_STREAM 4465 octets"},
		"behind a reset": {func(_ *testing.T, p *serverPeer, _ message.Stream) {
			p.say(func(fr *http2.Framer) { _ = fr.WriteRSTStream(1, http2.ErrCodeCancel) })
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := tunnelled(t, func(p *serverPeer, s message.Stream) {
				test.f(t, p, s)
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				if _, err := s.Read(make([]byte, 1)); err == nil {
					t.Error("it is read on")
				}
			})
			p.say(func(fr *http2.Framer) {
				_ = fr.WriteWindowUpdate(0, 10_000)
				_ = fr.WriteWindowUpdate(1, 10_000)
			})
			if all := p.frames(); test.want != "" && (len(all) == 0 || all[len(all)-1] != test.want) {
				t.Errorf("the server has sent %q, want %q last", all, test.want)
			}
			p.pass(10 * second)
			for _, f := range p.frames() {
				if f != "RST_STREAM 1 NO_ERROR" {
					t.Error(f)
				}
			}
			if p.s.open != 0 || p.s.conn.Open() != 0 || p.s.orphans != 0 {
				t.Errorf("%d exchanges and %d streams are left, %d of them orphans", p.s.open, p.s.conn.Open(), p.s.orphans)
			}
		})
	}
}
