package h2

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// pushes is a handler that pushes each target before it answers, and says how many it
// could; what is pushed says what it was asked. In errs is what else came of it.
func pushes(errs *[]error, targets ...string) func(message.Exchange) {
	return func(x message.Exchange) {
		if string(x.Target()) != "/" {
			_ = x.Respond(200, nil, fmt.Appendf(nil, "%s %s %s%s", x.Method(), x.Target(), x.Authority(), fieldsText(x.Fields())))
			return
		}
		n := 0
		for _, target := range targets {
			err := x.Push(&message.RequestHead{Target: target})
			if err == nil {
				n++
			} else if errs != nil {
				*errs = append(*errs, err)
			}
		}
		_ = x.Respond(200, nil, fmt.Append(nil, n))
	}
}

// A handler pushes what its response leads to: the promise goes first, the handler has
// it as any other request, and the number of the stream is the next one.
func TestServerPush(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) {
		if string(x.Target()) == "/" {
			if err := x.Push(&message.RequestHead{Target: "/a?b", Fields: []message.Field{{Name: "Accept", Value: "*/*"}}}); err != nil {
				t.Error(err)
			}
			if err := x.Push(&message.RequestHead{Method: "HEAD", Target: "/c", Authority: "A.example"}); err != nil {
				t.Error(err)
			}
		}
		pushes(nil)(x)
	}))
	p.get("/")
	p.want("pushed", "PUSH_PROMISE 2 of 1 :method=GET :scheme=http :authority=a.example :path=/a?b accept=*/*",
		"PUSH_PROMISE 4 of 1 :method=HEAD :scheme=http :authority=a.example :path=/c",
		"HEADERS 1 :status=200 content-length=1", `DATA 1 END_STREAM "0"`,
		"HEADERS 2 :status=200 content-length=44", `DATA 2 END_STREAM "GET /a?b a.example host=a.example accept=*/*"`,
		"HEADERS 4 END_STREAM :status=200 content-length=32")
	p.get("/again") // HPACK is in step
	p.wantLast("another request", `DATA 3 END_STREAM "GET /again a.example`)
}

// What can't be pushed is told, and nothing is done: neither a stream nor an octet of
// HPACK.
func TestServerPushRefused(t *testing.T) {
	get := func(fields ...message.Field) message.RequestHead {
		return message.RequestHead{Target: "/a", Fields: fields}
	}
	none := http2.Setting{ID: http2.SettingEnablePush}
	for _, test := range []struct {
		name     string
		head     message.RequestHead
		settings []http2.Setting
		do       func(p *serverPeer)
		before   func(x message.Exchange)
		isBad    bool // the head is, and it's no PushError
		want     string
	}{
		{name: "disabled", head: get(), settings: []http2.Setting{none}, want: "the client takes none"},
		{name: "no streams", head: get(), settings: []http2.Setting{{ID: http2.SettingMaxConcurrentStreams}}, want: "as many are under way"},
		{name: "GOAWAY received", head: get(), do: func(p *serverPeer) {
			_ = p.fr.WriteGoAway(0, http2.ErrCodeNo, nil)
		}, want: "about to end"},
		{name: "GOAWAY sent", head: get(), do: func(p *serverPeer) { p.s.Shutdown() }, want: "about to end"},
		{name: "POST", head: message.RequestHead{Method: "POST", Target: "/a"}, isBad: true, want: "promise GET or HEAD"},
		{name: "content", head: message.RequestHead{Target: "/a", ContentLength: 3}, isBad: true, want: "without content"},
		{name: "CONNECT", head: message.RequestHead{Method: "CONNECT", Target: "a.example:1"}, isBad: true, want: "can't be sent"},
		{name: "a tunnel", head: message.RequestHead{Method: "CONNECT", Target: "/", Protocol: "websocket"}, isBad: true, want: "a tunnel isn't promised"},
		{name: "another authority", head: message.RequestHead{Authority: "b.example", Target: "/a"}, isBad: true, want: "known to be ours"},
		{name: "a malformed path", head: message.RequestHead{Target: "a b"}, isBad: true, want: "request-target"},
		{name: "a malformed field", head: get(message.Field{Name: "a", Value: "\n"}), isBad: true, want: "of the value"},
		{name: "a field of the connection", head: get(message.Field{Name: "Connection", Value: "close"}), isBad: true, want: "of HTTP/1.1"},
		{name: "Host", head: get(message.Field{Name: "Host", Value: "b.example"}), isBad: true, want: "Host is made of"},
		{name: "Expect", head: get(message.Field{Name: "Expect", Value: "100-continue"}), isBad: true, want: "nothing to wait with"},
		{name: "behind the response", head: get(), before: hello, isBad: true, want: message.ErrOver.Error()},
		{name: "too much in heads", head: get(message.Field{Name: "a", Value: strings.Repeat("a", 2000)}), want: "HeadsOctets"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var err error
			o := inline(func(x message.Exchange) {
				if test.before != nil {
					test.before(x)
				}
				_ = x.OnContent(func(x message.Exchange, p []byte, end error) int {
					if end != nil {
						err = x.Push(&test.head)
						hello(x)
					}
					return len(p)
				})
				if test.before != nil {
					err = x.Push(&test.head)
				}
			})
			o.HeadsOctets = 1000
			p := serve(t, o, test.settings...)
			p.ask(false, asking("POST", "/")...)
			if test.do != nil {
				p.say(func(*http2.Framer) { test.do(p) })
			}
			p.frames()
			p.say(func(fr *http2.Framer) { _ = fr.WriteData(1, true, nil) })
			e := new(message.PushError)
			if err == nil || !strings.Contains(err.Error(), test.want) || errors.As(err, &e) == test.isBad {
				t.Errorf("Push: %v", err)
			}
			for _, f := range p.frames() {
				if strings.HasPrefix(f, "PUSH_PROMISE") {
					t.Error(f)
				}
			}
			if p.s.conn.lastOurs != 0 || p.s.pushes != 0 {
				t.Errorf("the last stream is %d, %d are pushed", p.s.conn.lastOurs, p.s.pushes)
			}
		})
	}
}

// As many are under way as the client lets, and as PushesMax does; a request of the
// client always has its place.
func TestServerPushesMax(t *testing.T) {
	for _, test := range []struct {
		client uint32
		max    int
		want   string
	}{{2, 0, "2"}, {100, 0, "16"}, {100, 3, "3"}, {100, -1, "0"}} {
		var held []message.Exchange
		var errs []error
		handler := pushes(&errs, strings.Split(strings.Repeat("/a ", 19)+"/a", " ")...)
		o := inline(func(x message.Exchange) {
			if string(x.Target()) == "/a" {
				held = append(held, x.Detach())
				return
			}
			handler(x)
		})
		o.PushesMax, o.StreamsMax = test.max, 1
		p := serve(t, o, http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: test.client})
		p.kept = 40
		p.get("/")
		p.wantLast("pushed", `DATA 1 END_STREAM "`+test.want+`"`)
		if len(errs) != 20-len(held) || fmt.Sprint(len(held)) != test.want {
			t.Errorf("%d of the client, %d of ours: %d are served, %v", test.client, test.max, len(held), errs)
		}
		p.get("/b")
		p.wantLast("a request beside them", `DATA 3 END_STREAM "GET /b`)
		for _, x := range held {
			_ = x.Respond(204, nil, nil)
		}
		p.write()
		held, errs = nil, nil
		p.frames()
		p.get("/")
		p.wantLast("pushed again", `DATA 5 END_STREAM "`+test.want+`"`)
		for _, x := range held {
			x.Reset()
		}
	}
}

// A handler of a pushed response whose client has canceled it counts until it knows.
func TestServerPushOrphans(t *testing.T) {
	var held []message.Exchange
	o := inline(func(x message.Exchange) {
		if string(x.Target()) == "/a" {
			held = append(held, x.Detach())
			return
		}
		pushes(nil, "/a")(x)
	})
	o.PushesMax = 2
	p := serve(t, o)
	p.kept = 3
	for range 5 {
		p.get("/")
		p.say(func(fr *http2.Framer) { _ = fr.WriteRSTStream(p.s.conn.lastOurs, http2.ErrCodeCancel) })
	}
	if len(held) != 2 {
		t.Fatalf("%d are served at once", len(held))
	}
	if held[0].Err() == nil {
		t.Error("it isn't over")
	}
	p.get("/")
	if len(held) != 3 {
		t.Errorf("%d are served once one is told", len(held))
	}
	held[2].Reset()
	_ = held[1].Err()
}

// A client cancels what it doesn't want, before the response and in it; what it has
// canceled before it was served isn't.
func TestServerPushCanceled(t *testing.T) {
	var held message.Exchange
	served := 0
	p := serve(t, inline(func(x message.Exchange) {
		if string(x.Target()) == "/" {
			pushes(nil, "/a")(x)
			return
		}
		served++
		held = x.Detach()
	}))
	p.kept = 2
	p.get("/")
	p.frames()
	p.say(func(fr *http2.Framer) { _ = fr.WriteRSTStream(2, http2.ErrCodeCancel) })
	e := new(ResetError)
	if err := held.Respond(200, nil, nil); !errors.As(err, &e) || !e.IsPeer || e.Code != frames.CodeCancel {
		t.Errorf("Respond: %v", err)
	}
	p.wantOpen("canceled before it was answered")
	p.get("/")
	_ = held.Start(200, nil, -1)
	p.write()
	p.wantLast("begun", "HEADERS 4 :status=200")
	p.say(func(fr *http2.Framer) { _ = fr.WriteRSTStream(4, http2.ErrCodeCancel) })
	if _, err := held.Write([]byte("x")); !errors.As(err, &e) {
		t.Errorf("Write: %v", err)
	}
	p.wantOpen("canceled in its content")
	if served != 2 || p.s.pushes != 0 || p.s.heads != 0 {
		t.Errorf("%d served, %d pushed, %d octets of heads", served, p.s.pushes, p.s.heads)
	}
}

// A client that takes fewer streams than when it was promised has the others canceled;
// one that goes, those that it doesn't name.
func TestServerPushWithdrawn(t *testing.T) {
	var held []message.Exchange
	o := inline(func(x message.Exchange) {
		if string(x.Target()) == "/" {
			pushes(nil, "/a", "/b")(x)
			return
		}
		held = append(held, x.Detach())
	})
	p := serve(t, o)
	p.kept = 4
	p.get("/")
	p.frames()
	p.say(func(fr *http2.Framer) {
		_ = fr.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 1})
	})
	_ = held[0].Start(200, nil, -1)
	e := new(message.PushError)
	if err := held[1].Respond(200, nil, nil); !errors.As(err, &e) {
		t.Errorf("Respond: %v", err)
	}
	if err := held[0].End(); err != nil {
		t.Error(err)
	}
	p.write()
	p.want("fewer", "SETTINGS ACK", "HEADERS 2 :status=200", "RST_STREAM 4 CANCEL", `DATA 2 END_STREAM ""`)

	held = nil
	p = serve(t, o)
	p.kept = 4
	p.get("/")
	p.frames()
	p.say(func(fr *http2.Framer) { _ = fr.WriteGoAway(2, http2.ErrCodeNo, nil) })
	_ = held[0].Respond(204, nil, nil)
	if err := held[1].Respond(204, nil, nil); err == nil {
		t.Error("what the client has left out is answered")
	}
	p.write()
	p.want("gone", "GOAWAY 1 NO_ERROR", "RST_STREAM 4 CANCEL", "HEADERS 2 END_STREAM :status=204")
}

// The reset of a pushed response goes before the head of the one that has its place.
func TestServerPushResetMakesPlace(t *testing.T) {
	var held []*exchange
	p := serve(t, inline(func(x message.Exchange) {
		if string(x.Target()) == "/" {
			pushes(nil, "/a", "/b")(x)
			return
		}
		held = append(held, (*exchange)(x.Detach().(*handle)))
	}))
	p.kept = 2
	p.get("/")
	_ = (*handle)(held[0]).Start(200, nil, -1)
	p.say(func(fr *http2.Framer) {
		_ = fr.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 1})
	})
	p.frames()
	p.h.Lock()
	held[0].reset()
	if err := held[1].respond(204, nil, nil); err != nil {
		t.Error(err)
	}
	p.s.endTurn()
	p.h.Unlock()
	p.write()
	p.want("one at a time", "RST_STREAM 2 INTERNAL_ERROR", "HEADERS 4 END_STREAM :status=204")
}

// What was pushed promises nothing more, and content of it goes by the windows.
func TestServerPushedContent(t *testing.T) {
	var err error
	p := serve(t, inline(func(x message.Exchange) {
		if string(x.Target()) == "/" {
			pushes(nil, "/a")(x)
			return
		}
		err = x.Push(&message.RequestHead{Target: "/b"})
		_ = x.Respond(200, nil, make([]byte, 100))
	}), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10})
	p.get("/")
	e := new(message.PushError)
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "pushed itself") {
		t.Errorf("Push of a pushed one: %v", err)
	}
	p.wantLast("the window", `DATA 2 "`+strings.Repeat(`\x00`, 10)+`"`)
	p.say(func(fr *http2.Framer) {
		_ = fr.WriteRawFrame(0x10, 0, 0, append([]byte{0, 0, 0, 2}, "u=1"...)) // PRIORITY_UPDATE
		_ = fr.WriteWindowUpdate(2, 90)
	})
	p.wantLast("wider", `DATA 2 END_STREAM "`)
}

// A long promise goes on in CONTINUATION, with nothing between.
func TestServerPushLong(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) {
		if string(x.Target()) == "/" {
			if err := x.Push(&message.RequestHead{Target: "/a", Fields: long(40_000)}); err != nil {
				t.Error(err)
			}
		}
		hello(x)
	}))
	p.get("/")
	sent := append([]byte(nil), p.out.Bytes()...)
	p.out.Reset()
	count, longest := checkSent(t, sentFrames(t, sent), 16384)
	if count[frames.TypePushPromise] != 1 || count[frames.TypeContinuation] < 2 || longest != 16384 {
		t.Errorf("there were %v, the longest of %d octets", count, longest)
	}
}

// Handlers on goroutines push as well; one that finds no goroutine isn't pushed.
func TestServerPushOnGoroutines(t *testing.T) {
	var served sync.WaitGroup
	served.Add(2)
	p := serve(t, Options{Executor: goes{}, Handler: message.HandlerFunc(func(x message.Exchange) {
		defer served.Done()
		pushes(nil, "/a")(x)
	})})
	p.get("/")
	served.Wait()
	p.write()
	all := p.frames()
	for _, want := range []string{"PUSH_PROMISE 2 of 1", `DATA 1 END_STREAM "1"`, `DATA 2 END_STREAM "GET /a`} {
		if !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("no %s in %q", want, all)
		}
	}

	var one sync.WaitGroup
	one.Add(1)
	k := &few{left: 1}
	p = serve(t, Options{Executor: k, Handler: message.HandlerFunc(func(x message.Exchange) {
		defer one.Done()
		pushes(nil, "/a")(x)
	})})
	p.get("/")
	one.Wait()
	p.write()
	p.want("overloaded", "PUSH_PROMISE 2 of 1 :method=GET :scheme=http :authority=a.example :path=/a", "RST_STREAM 2 REFUSED_STREAM",
		"HEADERS 1 :status=200 content-length=1", `DATA 1 END_STREAM "1"`)
}

// few is an executor that runs so many tasks.
type few struct {
	mu   sync.Mutex
	left int
}

func (k *few) Execute(t engine.Task) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.left == 0 {
		return false
	}
	k.left--
	go t.Run()
	return true
}

// A panic of a pushed handler is told, and answered.
func TestServerPushPanics(t *testing.T) {
	var told any
	o := inline(func(x message.Exchange) {
		if string(x.Target()) == "/a" {
			panic("pushed")
		}
		pushes(nil, "/a")(x)
	})
	o.OnPanic = func(v any) { told = v }
	p := serve(t, o)
	p.get("/")
	all := strings.Join(p.frames(), "\n")
	if told != "pushed" || !strings.Contains(all, "HEADERS 2 :status=500") {
		t.Errorf("told %v, and %s", told, all)
	}
}

// Our own client takes what our server pushes.
func TestPushPair(t *testing.T) {
	l := &logged{t: t}
	p := newPair(t, ClientOptions{OnPush: func(p *Push) {
		l.add("promise %s %s", p.Method, p.Target)
		l.watch("pushed", p.Exchange)
	}}, inline(pushes(nil, "/a")))
	x, err := p.c.BeginInTurn(&message.RequestHead{Authority: "a.example", Target: "/"})
	if err != nil {
		t.Fatal(err)
	}
	l.watch("asked", x)
	p.run()
	l.want("told", "promise GET /a",
		"asked response 200 date=Sun, 06 Nov 1994 08:49:37 GMT content-length=1", `asked content "1"`, "asked end: "+message.ErrEnd.Error(),
		"pushed response 200 date=Sun, 06 Nov 1994 08:49:37 GMT content-length=31", `pushed content "GET /a a.example host=a.example"`, "pushed end: "+message.ErrEnd.Error(),
		"asked over: "+message.ErrOver.Error(), "pushed over: "+message.ErrOver.Error())
}

// The answer to a HEAD that was promised has no content, whatever it declares.
func TestPushPairHead(t *testing.T) {
	l := &logged{t: t}
	p := newPair(t, ClientOptions{OnPush: func(p *Push) { l.watch("pushed", p.Exchange) }}, inline(func(x message.Exchange) {
		if string(x.Target()) == "/" {
			if err := x.Push(&message.RequestHead{Method: "HEAD", Target: "/a"}); err != nil {
				t.Error(err)
			}
		}
		hello(x)
	}))
	p.c.options.OnError = func(e *Error) { t.Error(e) }
	x, err := p.c.BeginInTurn(&message.RequestHead{Authority: "a.example", Target: "/"})
	if err != nil {
		t.Fatal(err)
	}
	x.OnOver(func(message.ClientExchange, error) {})
	p.run()
	l.want("told", "pushed response 200 date=Sun, 06 Nov 1994 08:49:37 GMT content-length=5", "pushed end: "+message.ErrEnd.Error(), "pushed over: "+message.ErrOver.Error())
}
