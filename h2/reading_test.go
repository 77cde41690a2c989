package h2

import (
	"io"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// setups are all drivers and kinds of flow, in clear and encrypted.
func setups() []looptest.Setup { return append(looptest.Setups(), looptest.TLS()...) }

// goes is an Executor that runs each task on a goroutine of its own.
type goes struct{}

func (goes) Execute(t engine.Task) bool { go t.Run(); return true }

// wanted reads frames until one is as want begins, and gives what there was.
func wanted(t *testing.T, fr *http2.Framer, want string) (before []string) {
	t.Helper()
	for {
		f, err := fr.ReadFrame()
		if err != nil {
			t.Fatalf("waiting for %s: %v, behind %q", want, err, before)
		}
		text := frameText(f)
		if strings.HasPrefix(text, want) {
			return before
		}
		before = append(before, text)
	}
}

// framerOver is the framer of a peer on c.
func framerOver(c io.ReadWriter) *http2.Framer {
	fr := http2.NewFramer(c, c)
	fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	return fr
}

// Frames are read as they come, whatever the application does: a handler that
// blocks and takes nothing of its content, and a response that no window lets go,
// hold neither pings nor the window that they wait for back (RFC 9113, Section
// 5.2.2).
func TestFramesAreReadAtOnce(t *testing.T) {
	for _, s := range setups() {
		t.Run(s.Name, func(t *testing.T) {
			release := make(chan struct{})
			service := NewService(Options{
				Executor: goes{}, OnPanic: func(v any) { t.Errorf("panic: %v", v) }, ContentWindowOctets: 500,
				Handler: message.HandlerFunc(func(x message.Exchange) {
					if string(x.Target()) == "/blocks" {
						<-release
					}
					_ = x.Respond(200, nil, make([]byte, 300))
				}),
			})
			server := s.Serve(t, func(any) engine.Engine { return service.NewServer(nil) }, loop.Options{})
			c := server.Dial()
			_, _ = io.WriteString(c, Preface)
			fr := framerOver(c)
			p := &serverPeer{t: t, fr: fr}
			p.enc = hpack.NewEncoder(&p.head)
			_ = fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			wanted(t, fr, "SETTINGS ACK")
			_ = fr.WriteSettingsAck()
			p.write1(false, asking("POST", "/blocks")...)
			_ = fr.WriteData(1, false, make([]byte, 500))
			_ = fr.WritePing(false, [8]byte{1})
			wanted(t, fr, "PING true 01")
			p.write1(true, asking("GET", "/waits")...)
			wanted(t, fr, "HEADERS 3 ")
			_ = fr.WritePing(false, [8]byte{2})
			if before := wanted(t, fr, "PING true 02"); len(before) > 0 {
				t.Errorf("before the second ping is answered there come %q", before)
			}
			_ = fr.WriteWindowUpdate(3, 1000)
			wanted(t, fr, "DATA 3 END_STREAM 300 octets")
			close(release)
			wanted(t, fr, "HEADERS 1 ")
		})
	}
}

// So does a client whose responses nobody reads.
func TestClientReadsAtOnce(t *testing.T) {
	for _, s := range setups() {
		t.Run(s.Name, func(t *testing.T) {
			ready := make(chan struct{})
			c := NewClient(ClientOptions{
				ContentWindowOctets: 500, OnPanic: func(v any) { t.Errorf("panic: %v", v) }, OnReady: func(*Client) { close(ready) },
			})
			far := s.Start(t, c)
			fr := framerOver(far)
			if _, err := io.ReadFull(far, make([]byte, len(Preface))); err != nil {
				t.Fatal(err)
			}
			<-ready
			_ = fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			wanted(t, fr, "SETTINGS ACK")
			_ = fr.WriteSettingsAck()
			read, err := c.Begin(&message.RequestHead{Authority: "a.example"})
			if err != nil {
				t.Fatal(err)
			}
			sent, err := c.Begin(&message.RequestHead{Method: "POST", Authority: "a.example", ContentLength: -1})
			if err != nil {
				t.Fatal(err)
			}
			_, _ = sent.Write(make([]byte, 300))
			_ = sent.End()
			wanted(t, fr, "HEADERS 3 ")
			k := &clientTalk{}
			k.enc = hpack.NewEncoder(&k.head)
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: k.block(":status", "200"), EndHeaders: true})
			_ = fr.WriteData(1, false, make([]byte, 500)) // all that the window lets, and nobody takes it
			_ = fr.WritePing(false, [8]byte{1})
			if before := wanted(t, fr, "PING true 01"); len(before) > 0 {
				t.Errorf("before the ping is answered there come %q", before)
			}
			_ = fr.WriteWindowUpdate(3, 1000)
			wanted(t, fr, "DATA 3 END_STREAM 300 octets")
			read.Close()
			sent.Close()
			far.Close()
		})
	}
}
