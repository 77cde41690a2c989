package h2

import (
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// A pushed response is taken by whoever wants it, and cancelled otherwise; for
// another authority, or unasked, it is refused.
func TestClientPush(t *testing.T) {
	l := &logged{t: t}
	k := talk(t, ClientOptions{OnPush: func(p *Push) {
		l.add("promise %s %s %s of %d", p.Method, p.Authority, p.Target, p.Of.Status())
		if string(p.Target) != "/unwanted" {
			l.watch("pushed", p.Exchange)
		}
	}})
	k.begin(l, "a", message.RequestHead{})
	k.frames()
	promise := func(fr *http2.Framer, id uint32, target, authority string) {
		_ = fr.WritePushPromise(http2.PushPromiseParam{
			StreamID: 1, PromiseID: id, EndHeaders: true,
			BlockFragment: k.block(":method", "GET", ":scheme", "http", ":authority", authority, ":path", target),
		})
	}
	k.peer(func(fr *http2.Framer) {
		promise(fr, 2, "/wanted", "a.example")
		promise(fr, 4, "/unwanted", "a.example")
		promise(fr, 6, "/elsewhere", "b.example")
		k.headers(fr, 2, false, ":status", "200")
		_ = fr.WriteData(2, true, []byte("here"))
		k.headers(fr, 1, true, ":status", "204")
	})
	l.want("told", "promise GET a.example /wanted of 0", "promise GET a.example /unwanted of 0",
		"pushed response 200", `pushed content "here"`, "pushed end: message: end of content", "a response 204", "a end: message: end of content",
		"pushed over: "+message.ErrOver.Error(), "a over: "+message.ErrOver.Error())
	k.want("refused", "RST_STREAM 4 CANCEL", "RST_STREAM 6 PROTOCOL_ERROR")

	k = talk(t, ClientOptions{OnPush: func(*Push) {}, Credits: Credits{Resets: 3}})
	k.begin(&logged{t: t}, "b", message.RequestHead{})
	k.frames()
	k.peer(func(fr *http2.Framer) {
		for i := range 20 {
			promise(fr, uint32(2+2*i), "/flood", "a.example")
		}
	})
	if got := strings.Join(k.frames(), " "); !strings.Contains(got, "GOAWAY 8 ENHANCE_YOUR_CALM") {
		t.Errorf("a flood of promises: %s", got)
	}

	k = talk(t, ClientOptions{})
	k.begin(l, "b", message.RequestHead{})
	k.frames()
	k.peer(func(fr *http2.Framer) { promise(fr, 2, "/", "a.example") })
	k.want("unasked", "GOAWAY 0 PROTOCOL_ERROR")
}

// tasks runs tasks when the test says so.
type tasks []engine.Task

func (l *tasks) Execute(t engine.Task) bool { *l = append(*l, t); return true }

// CONNECT makes a tunnel of a stream, and extended CONNECT does where the peer
// takes it.
func TestClientTunnel(t *testing.T) {
	for _, protocol := range []string{"", "websocket"} {
		var later tasks
		k := talk(t, ClientOptions{Executor: &later, ContentOctets: 3}, http2.Setting{ID: http2.SettingEnableConnectProtocol, Val: 1})
		var x message.ClientExchange
		h := message.RequestHead{Method: "CONNECT", Target: "b.example:443", ContentLength: 0}
		want := "HEADERS 1 :method=CONNECT :authority=b.example:443"
		if protocol != "" {
			h.Target, h.Authority, h.Protocol = "/chat", "a.example", protocol
			want = "HEADERS 1 :method=CONNECT :scheme=http :authority=a.example :path=/chat :protocol=websocket"
		}
		k.turn(func() {
			y, err := k.c.BeginInTurn(&h)
			if err != nil {
				t.Fatal(err)
			}
			x = y.Detach()
			if _, err := y.Write([]byte("x")); err == nil {
				t.Error("content before there is a tunnel")
			}
		})
		k.want("CONNECT", want)
		k.peer(func(fr *http2.Framer) {
			k.headers(fr, 1, false, ":status", "200", "content-length", "2") // which is ignored
			_ = fr.WriteData(1, false, []byte("hello"))
		})
		var got []byte
		if err := x.Upgrade(func(s message.Stream, rest []byte) {
			p := make([]byte, 9)
			n, _ := s.Read(p)
			got = p[:n]
			_, _ = s.Write([]byte("bye"))
			_ = s.(interface{ CloseWrite() error }).CloseWrite()
			k.write()
			k.peer(func(fr *http2.Framer) { _ = fr.WriteData(1, true, nil) })
			if _, err := s.Read(p); err != io.EOF {
				t.Errorf("at its end: %v", err)
			}
			_ = s.Close()
		}); err != nil {
			t.Fatal(err)
		}
		later[0].Run()
		k.want("through the tunnel", `DATA 1 "bye"`, `DATA 1 END_STREAM ""`)
		if string(got) != "hello" || x.Err() != message.ErrOver || k.c.first != nil {
			t.Errorf("got %q, %v", got, x.Err())
		}
		x.Close()
	}
	k, l := talk(t, ClientOptions{}), &logged{t: t}
	k.begin(l, "over", message.RequestHead{Method: "CONNECT", Target: "b.example:443"})
	k.frames()
	k.peer(func(fr *http2.Framer) { k.headers(fr, 1, true, ":status", "200", "content-length", "2") })
	l.want("a tunnel that ends at once", "over response 200 content-length=2", "over end: "+message.ErrEnd.Error(), "over over: "+message.ErrDiscarded.Error())
	k, l = talk(t, ClientOptions{}), &logged{t: t}
	k.turn(func() {
		var e *message.RequestError
		if _, err := k.c.BeginInTurn(&message.RequestHead{Method: "CONNECT", Target: "/", Authority: "a", Protocol: "websocket"}); !errors.As(err, &e) || e.Part != "protocol" {
			t.Errorf("a peer that takes no extended CONNECT: %v", err)
		}
	})
	k.begin(l, "x", message.RequestHead{Method: "CONNECT", Target: "b.example:443"})
	k.peer(func(fr *http2.Framer) { k.headers(fr, 1, true, ":status", "403") })
	k.want("refused", "HEADERS 1 :method=CONNECT :authority=b.example:443", `DATA 1 END_STREAM ""`)
	l.want("refused", "x response 403", "x end: message: end of content", "x over: "+message.ErrOver.Error())
}

// A tunnel carries content and nothing else: neither trailers nor promises, in either
// direction.
func TestClientTunnelHasNoFields(t *testing.T) {
	for name, test := range map[string]struct {
		f    func(k *clientTalk, fr *http2.Framer)
		want []string
	}{
		"trailers": {func(k *clientTalk, fr *http2.Framer) { k.headers(fr, 1, true, "a", "b") }, []string{"RST_STREAM 1 PROTOCOL_ERROR"}},
		"a promise": {func(k *clientTalk, fr *http2.Framer) {
			_ = fr.WritePushPromise(http2.PushPromiseParam{
				StreamID: 1, PromiseID: 2, EndHeaders: true,
				BlockFragment: k.block(":method", "GET", ":scheme", "http", ":authority", "b.example:443", ":path", "/"),
			})
			k.headers(fr, 2, true, ":status", "200") // on its way
		}, []string{"RST_STREAM 2 CANCEL", "RST_STREAM 1 PROTOCOL_ERROR"}},
	} {
		t.Run(name, func(t *testing.T) {
			var later tasks
			k := talk(t, ClientOptions{Executor: &later, OnPush: func(*Push) { t.Error("it is promised") }})
			var x message.ClientExchange
			k.turn(func() {
				y, err := k.c.BeginInTurn(&message.RequestHead{Method: "CONNECT", Target: "b.example:443"})
				if err != nil {
					t.Fatal(err)
				}
				y.OnResponse(func(x message.ClientExchange, err error) {
					_ = x.Upgrade(func(s message.Stream, _ []byte) { _ = s.Close() })
				})
				x = y.Detach()
			})
			k.frames()
			k.peer(func(fr *http2.Framer) { k.headers(fr, 1, false, ":status", "200") })
			var e *message.MisuseError
			if err := x.End(message.Field{Name: "a", Value: "b"}); !errors.As(err, &e) {
				t.Errorf("End with trailers: %v", err)
			}
			k.peer(func(fr *http2.Framer) { test.f(k, fr) })
			k.want("it is reset", test.want...)
			later[0].Run()
		})
	}
}
