package h2

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// Requests share a connection, and responses come in any order, in pieces.
func TestClientManyAtOnce(t *testing.T) {
	k, l := talk(t, ClientOptions{}), &logged{t: t}
	k.begin(l, "a", message.RequestHead{Target: "/a", Fields: []message.Field{{Name: "Accept", Value: "*/*"}}})
	k.begin(l, "b", message.RequestHead{Target: "/b"})
	k.want("both are sent at once",
		"HEADERS 1 END_STREAM :method=GET :scheme=http :authority=a.example :path=/a accept=*/*",
		"HEADERS 3 END_STREAM :method=GET :scheme=http :authority=a.example :path=/b")
	k.peer(func(fr *http2.Framer) {
		k.headers(fr, 3, false, ":status", "200", "x", "b")
		k.headers(fr, 1, false, ":status", "404", "content-length", "4")
		_ = fr.WriteData(3, false, []byte("bb"))
		_ = fr.WriteData(1, false, []byte("no"))
		_ = fr.WriteData(1, true, []byte("ne"))
		k.headers(fr, 3, true, "t", "z")
	})
	l.want("each has its own", "b response 200 x=b", "a response 404 content-length=4", `b content "bb"`, `a content "no"`, `a content "ne"`,
		"a end: message: end of content", "b end: message: end of content t=z", "a over: "+message.ErrOver.Error(), "b over: "+message.ErrOver.Error())
	k.want("there is nothing to say")
}

// However the octets are cut, each exchange is told the same.
func TestClientSplit(t *testing.T) {
	var first []string
	for step := range 40 {
		k, l := talk(t, ClientOptions{}), &logged{t: t}
		k.step = step
		for _, name := range []string{"a", "b", "c"} {
			k.begin(l, name, message.RequestHead{})
		}
		k.frames()
		k.peer(func(fr *http2.Framer) {
			k.headers(fr, 1, false, ":status", "103", "link", "a")
			k.headers(fr, 1, false, ":status", "200", "x", strings.Repeat("y", 30))
			k.headers(fr, 5, true, ":status", "204")
			_ = fr.WriteDataPadded(1, false, nil, make([]byte, 9))
			_ = fr.WritePing(false, [8]byte{1})
			k.headers(fr, 1, true, "trailer", "z")
			_ = fr.WriteRSTStream(3, http2.ErrCodeInternal)
		})
		slices.SortStableFunc(l.list, func(a, b string) int { return strings.Compare(a[:1], b[:1]) })
		if step == 0 {
			first = l.list
			if len(first) != 9 {
				t.Fatalf("told was %q", first)
			}
		} else if l.want(fmt.Sprint("in pieces of ", step), first...); t.Failed() {
			return
		}
		k.want("split", "PING true 0100000000000000")
	}
}

// Not more requests are under way than the peer lets; the others wait, in their
// order, and when too many wait, one more is refused.
func TestClientWaitsForPlaces(t *testing.T) {
	k, l := talk(t, ClientOptions{WaitingMax: 2}, http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 1}), &logged{t: t}
	if n := k.c.ExchangesMax(); n != 1 {
		t.Errorf("ExchangesMax is %d", n)
	}
	k.begin(l, "a", message.RequestHead{Target: "/a"})
	k.begin(l, "b", message.RequestHead{Target: "/b"})
	cancelled := k.begin(l, "c", message.RequestHead{Target: "/c"})
	k.turn(func() {
		if _, err := k.c.BeginInTurn(&message.RequestHead{Authority: "a.example"}); err != message.ErrBusy {
			t.Errorf("above the limit: %v", err)
		}
		cancelled.Reset()
	})
	l.want("the cancelled one wasn't sent",
		"c no response: message: the request wasn't sent: "+message.ErrReset.Error(), "c over: message: the request wasn't sent: "+message.ErrReset.Error())
	k.begin(l, "d", message.RequestHead{Target: "/d"})
	k.want("one is sent", "HEADERS 1 END_STREAM :method=GET :scheme=http :authority=a.example :path=/a")
	k.peer(func(fr *http2.Framer) { k.headers(fr, 1, true, ":status", "204") })
	k.want("and then the next", "HEADERS 3 END_STREAM :method=GET :scheme=http :authority=a.example :path=/b")
	k.peer(func(fr *http2.Framer) {
		_ = fr.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 2})
	})
	k.want("the peer lets one more", "SETTINGS ACK", "HEADERS 5 END_STREAM :method=GET :scheme=http :authority=a.example :path=/d")
}

// Content is sent as far as the peer's windows go, and in turn.
func TestClientSendsWithinWindows(t *testing.T) {
	k, l := talk(t, ClientOptions{}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 10}), &logged{t: t}
	a := k.begin(l, "a", message.RequestHead{Method: "POST", ContentLength: 25})
	b := k.begin(l, "b", message.RequestHead{Method: "POST", ContentLength: -1})
	k.turn(func() {
		if n, err := a.Write([]byte("aaaaaaaaaaaaaaaaaaaaaaaaa")); n != 25 || err != nil {
			t.Error(n, err)
		}
		if err := a.End(); err != nil {
			t.Error(err)
		}
		_, _ = b.Write([]byte("bbbbb"))
		_ = b.End(message.Field{Name: "T", Value: "v"})
	})
	k.want("up to the window",
		"HEADERS 1 :method=POST :scheme=http :authority=a.example :path=/ content-length=25",
		"HEADERS 3 :method=POST :scheme=http :authority=a.example :path=/",
		`DATA 1 "aaaaaaaaaa"`, `DATA 3 "bbbbb"`, "HEADERS 3 END_STREAM t=v")
	k.peer(func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(1, 10) })
	k.want("the window grew", `DATA 1 "aaaaaaaaaa"`)
	k.peer(func(fr *http2.Framer) {
		_ = fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 15})
	})
	k.want("all windows grew", "SETTINGS ACK", `DATA 1 END_STREAM "aaaaa"`)
}

// An end without content needs no window.
func TestClientEndsAtZeroWindow(t *testing.T) {
	k, l := talk(t, ClientOptions{}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 2}), &logged{t: t}
	x := k.begin(l, "x", message.RequestHead{Method: "POST", ContentLength: -1})
	k.turn(func() { _, _ = x.Write([]byte("xx")) })
	k.want("the window is used up", "HEADERS 1 :method=POST :scheme=http :authority=a.example :path=/", `DATA 1 "xx"`)
	k.turn(func() { _ = x.End() })
	k.want("the end needs none", `DATA 1 END_STREAM ""`)
}

// The peer has credit when content is consumed, not before; and for what nobody
// wants.
func TestClientCredit(t *testing.T) {
	k := talk(t, ClientOptions{ContentWindowOctets: 1000, ConnectionWindowOctets: 70000})
	var x message.ClientExchange
	k.turn(func() {
		x, _ = k.c.BeginInTurn(&message.RequestHead{Authority: "a"})
		x = x.Detach()
	})
	k.frames()
	k.peer(func(fr *http2.Framer) {
		k.headers(fr, 1, false, ":status", "200")
		_ = fr.WriteData(1, false, make([]byte, 600))
	})
	k.want("nothing is consumed")
	p := make([]byte, 499)
	if n, err := x.Read(p); n != 499 || err != nil {
		t.Error(n, err)
	}
	k.write()
	k.want("less than half of the window is")
	_, _ = x.Read(p[:1])
	k.write()
	k.want("half is", "WINDOW_UPDATE 1 500")
	for range 3 {
		k.peer(func(fr *http2.Framer) { _ = fr.WriteData(1, false, make([]byte, 300)) })
	}
	k.want("it has used the credit")
	x.Close()
	k.write()
	k.want("nobody wants more", "RST_STREAM 1 CANCEL")
	k.peer(func(fr *http2.Framer) { _ = fr.WriteData(1, true, make([]byte, 100)) }) // it was on its way
	for i := range 34 {
		id := uint32(3 + 2*i)
		k.turn(func() { _, _ = k.c.BeginInTurn(&message.RequestHead{Authority: "a"}) })
		k.peer(func(fr *http2.Framer) {
			k.headers(fr, id, false, ":status", "200")
			_ = fr.WriteData(id, true, make([]byte, 1000))
		})
	}
	if got := strings.Join(k.frames(), "\n"); !strings.Contains(got, "WINDOW_UPDATE 0 35") {
		t.Errorf("the connection's window: %s", got)
	}
}

// What nobody wants is thrown away if it is little, within a time, and is reset
// otherwise.
func TestClientDiscards(t *testing.T) {
	for _, test := range []struct {
		length string
		want   []string
	}{{"10", nil}, {"11", []string{"RST_STREAM 1 CANCEL"}}, {"", []string{"RST_STREAM 1 CANCEL"}}} {
		k := talk(t, ClientOptions{DiscardOctets: 10})
		over := 0
		begin := func() {
			x, _ := k.c.BeginInTurn(&message.RequestHead{Authority: "a"})
			x.OnOver(func(message.ClientExchange, error) { over++ })
		}
		k.turn(begin)
		k.frames()
		fields := []string{":status", "200"}
		if test.length != "" {
			fields = append(fields, "content-length", test.length)
		}
		k.peer(func(fr *http2.Framer) { k.headers(fr, 1, false, fields...) })
		k.want("length "+test.length, test.want...)
		if test.want == nil {
			k.peer(func(fr *http2.Framer) { _ = fr.WriteData(1, true, make([]byte, 10)) })
			k.turn(begin)
			k.frames()
			k.peer(func(fr *http2.Framer) { k.headers(fr, 3, false, fields...) })
			k.want("some time")
			k.expire(60 * second)
			k.want("too long", "RST_STREAM 3 CANCEL")
			over--
		}
		if over != 1 {
			t.Errorf("length %s: %d exchanges are over", test.length, over)
		}
	}
}

// Content above the windows fails the connection.
func TestClientWindowIsHeld(t *testing.T) {
	k, l := talk(t, ClientOptions{ContentWindowOctets: 100}), &logged{t: t}
	k.turn(func() {
		x, _ := k.c.BeginInTurn(&message.RequestHead{Authority: "a"})
		t.Cleanup(x.Detach().Close)
	})
	k.begin(l, "b", message.RequestHead{})
	k.frames()
	k.peer(func(fr *http2.Framer) {
		k.headers(fr, 1, false, ":status", "200")
		_ = fr.WriteData(1, false, make([]byte, 101))
		k.headers(fr, 3, true, ":status", "200")
	})
	got := k.frames()
	if len(got) == 0 || !strings.Contains(strings.Join(got, " "), "FLOW_CONTROL_ERROR") {
		t.Errorf("the client has sent %q", got)
	}
}

// What the peer says of streams ends exchanges, each with what may be done then.
func TestClientResets(t *testing.T) {
	for _, test := range []struct {
		name        string
		method      string
		peer        func(k *clientTalk, fr *http2.Framer)
		isRetryable bool
		want        string
	}{
		{
			"refused", "POST", func(_ *clientTalk, fr *http2.Framer) { _ = fr.WriteRSTStream(1, http2.ErrCodeRefusedStream) }, true,
			"message: the peer has refused the request, and done nothing with it: h2: the peer has reset the stream: REFUSED_STREAM",
		},
		{
			"reset", "GET", func(_ *clientTalk, fr *http2.Framer) { _ = fr.WriteRSTStream(1, http2.ErrCodeInternal) }, false,
			"message: the request is unanswered, and can't be sent again by itself: h2: the peer has reset the stream: INTERNAL_ERROR",
		},
		{
			"GOAWAY below", "POST", func(_ *clientTalk, fr *http2.Framer) { _ = fr.WriteGoAway(0, http2.ErrCodeNo, nil) }, true,
			"message: the peer has refused the request, and done nothing with it: message: the connection has failed: h2: the peer takes no more streams: GOAWAY with NO_ERROR",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := talk(t, ClientOptions{})
			var got error
			k.turn(func() {
				x, err := k.c.BeginInTurn(&message.RequestHead{Method: test.method, Authority: "a"})
				if err != nil {
					t.Fatal(err)
				}
				x.OnResponse(func(_ message.ClientExchange, err error) { got = err })
			})
			k.peer(func(fr *http2.Framer) { test.peer(k, fr) })
			var u *message.UnansweredError
			if !errors.As(got, &u) || u.IsRetryable() != test.isRetryable || u.Error() != test.want {
				t.Errorf("%v", got)
			}
		})
	}
}

// A response that is whole is one, even if the peer doesn't want the request.
func TestClientResponseBeforeRequestEnds(t *testing.T) {
	k, l := talk(t, ClientOptions{}), &logged{t: t}
	x := k.begin(l, "x", message.RequestHead{Method: "POST", ContentLength: -1})
	k.turn(func() { _, _ = x.Write([]byte("some")) })
	k.frames()
	k.peer(func(fr *http2.Framer) {
		k.headers(fr, 1, true, ":status", "413")
		_ = fr.WriteRSTStream(1, http2.ErrCodeNo)
	})
	l.want("it is a response", "x response 413", "x end: message: end of content", "x over: "+message.ErrOver.Error())
	k.want("there is nothing to say")
}

// GOAWAY: lower streams are finished, no request is taken, then the connection
// ends.
func TestClientGoAway(t *testing.T) {
	k, l := talk(t, ClientOptions{}), &logged{t: t}
	k.begin(l, "a", message.RequestHead{})
	k.begin(l, "b", message.RequestHead{})
	k.frames()
	k.peer(func(fr *http2.Framer) { _ = fr.WriteGoAway(1<<31-1, http2.ErrCodeNo, nil) })
	l.want("nothing has ended")
	if err := k.c.Err(); err != message.ErrClosing {
		t.Errorf("Err is %v", err)
	}
	k.peer(func(fr *http2.Framer) {
		_ = fr.WriteGoAway(1, http2.ErrCodeNo, []byte("bye"))
		k.headers(fr, 1, true, ":status", "204")
	})
	refused := `message: the peer has refused the request, and done nothing with it: message: the connection has failed: h2: the peer takes no more streams: GOAWAY with NO_ERROR, and "bye"`
	if len(l.list) != 5 || l.list[4] != "a over: "+message.ErrOver.Error() || !strings.Contains(strings.Join(l.list, "\n"), "b no response: "+refused) || !strings.Contains(strings.Join(l.list, "\n"), "a response 204") {
		t.Errorf("told was %q", l.list)
	}
	k.h.Lock()
	defer k.h.Unlock()
	if !k.c.Closed() {
		t.Error("the connection isn't closed")
	}
}

// Pings are answered, and their callbacks told; those that aren't fail.
func TestClientPing(t *testing.T) {
	k, l := talk(t, ClientOptions{PingsMax: 2}), &logged{t: t}
	f := func(ns int64, err error) { l.add("%d %v", ns, err) }
	for range 2 {
		if err := k.c.Ping(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.c.Ping(f); err != message.ErrBusy {
		t.Errorf("above the limit: %v", err)
	}
	k.write()
	k.want("pings", "PING false 0000000000000001", "PING false 0000000000000002")
	k.h.mono += 7
	k.peer(func(fr *http2.Framer) {
		_ = fr.WritePing(true, [8]byte{7: 2})
		_ = fr.WritePing(true, [8]byte{7: 9})
	})
	l.want("one is answered", "7 <nil>")
	k.expire(15 * second)
	if len(l.list) != 1 || !strings.Contains(l.list[0], "a ping wasn't answered in PingNs") {
		t.Errorf("told was %q", l.list)
	}
}

// Each time limit ends what is late.
func TestClientTimes(t *testing.T) {
	k, l := talk(t, ClientOptions{HeadNs: 3 * second}), &logged{t: t}
	k.begin(l, "x", message.RequestHead{})
	k.frames()
	k.expire(2 * second)
	k.peer(func(fr *http2.Framer) { k.headers(fr, 1, false, ":status", "103") })
	l.want("an interim response", "x interim 103")
	k.expire(2 * second)
	l.want("it has its time anew")
	k.expire(second)
	k.want("no head", "RST_STREAM 1 CANCEL")
	if len(l.list) != 2 || !strings.Contains(l.list[0], "not received in time") {
		t.Errorf("told was %q", l.list)
	}
	k.expire(60 * second)
	k.want("idle", "GOAWAY 0 NO_ERROR")

	k = talk(t, ClientOptions{BlockNs: second})
	k.begin(&logged{t: t}, "x", message.RequestHead{})
	k.frames()
	k.peer(func(fr *http2.Framer) {
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: k.block(":status", "200")})
	})
	k.expire(second)
	k.want("half a field block", "GOAWAY 0 ENHANCE_YOUR_CALM")

	late := quiet(t, ClientOptions{SettingsNs: second})
	late.takePreface()
	late.expire(second)
	late.want("no acknowledgement", "GOAWAY 0 SETTINGS_TIMEOUT")

	k = talk(t, ClientOptions{})
	x := k.begin(&logged{t: t}, "x", message.RequestHead{Method: "PUT", ContentLength: 2, Fields: []message.Field{{Name: "Expect", Value: "100-continue"}}})
	k.turn(func() { _, _ = x.Write([]byte("hi")); _ = x.End() })
	k.want("the content waits", "HEADERS 1 :method=PUT :scheme=http :authority=a.example :path=/ content-length=2 expect=100-continue")
	k.expire(second)
	k.want("long enough", `DATA 1 END_STREAM "hi"`)
}

// Content that comes too slowly, and a peer that gives no credit, are given up.
func TestClientRates(t *testing.T) {
	k, l := talk(t, ClientOptions{ContentOctetsPerSecondMin: 10, ContentGraceNs: second}), &logged{t: t}
	k.begin(l, "x", message.RequestHead{})
	k.frames()
	k.peer(func(fr *http2.Framer) { k.headers(fr, 1, false, ":status", "200") })
	for range 3 {
		k.peer(func(fr *http2.Framer) { _ = fr.WriteData(1, false, make([]byte, 10)) })
		k.expire(second)
		k.want("fast enough")
	}
	k.peer(func(fr *http2.Framer) { _ = fr.WriteData(1, false, make([]byte, 9)) })
	k.expire(second)
	k.want("too slow", "RST_STREAM 1 CANCEL")

	k = talk(t, ClientOptions{WindowNs: 3 * second, ContentGraceNs: -1}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1})
	x := k.begin(l, "y", message.RequestHead{Method: "PUT", ContentLength: -1})
	k.turn(func() { _, _ = x.Write([]byte("ab")) })
	k.frames()
	k.expire(5 * second)
	k.want("it waits")
	k.expire(5 * second)
	k.want("nothing else is measured, and this is", "RST_STREAM 1 CANCEL")

	k = talk(t, ClientOptions{WindowNs: 3 * second, ContentGraceNs: second}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1})
	x = k.begin(l, "y", message.RequestHead{Method: "PUT", ContentLength: -1})
	k.turn(func() { _, _ = x.Write([]byte("ab")) })
	k.frames()
	for range 3 {
		k.expire(second)
		k.want("it waits")
	}
	k.expire(second)
	k.want("long enough", "RST_STREAM 1 CANCEL")
}

// 100 (Continue) lets content go, and a final response that refuses it stops it.
func TestClientContinue(t *testing.T) {
	for _, status := range []string{"100", "417"} {
		k, l := talk(t, ClientOptions{}), &logged{t: t}
		x := k.begin(l, "x", message.RequestHead{Method: "PUT", ContentLength: 2, Fields: []message.Field{{Name: "Expect", Value: "100-continue"}}})
		k.turn(func() { _, _ = x.Write([]byte("hi")); _ = x.End() })
		k.frames()
		k.peer(func(fr *http2.Framer) { k.headers(fr, 1, status == "417", ":status", status) })
		if status == "100" {
			k.want("asked", `DATA 1 END_STREAM "hi"`)
		} else {
			k.want("refused", "RST_STREAM 1 CANCEL")
			l.want("refused", "x response 417", "x end: message: end of content", "x over: "+message.ErrOver.Error())
		}
	}
}

// What is malformed resets its stream, and others go on.
func TestClientMalformed(t *testing.T) {
	for name, f := range map[string]func(k *clientTalk, fr *http2.Framer){
		"no status":             func(k *clientTalk, fr *http2.Framer) { k.headers(fr, 1, true, "x", "y") },
		"connection field":      func(k *clientTalk, fr *http2.Framer) { k.headers(fr, 1, true, ":status", "200", "connection", "close") },
		"upper case":            func(k *clientTalk, fr *http2.Framer) { k.headers(fr, 1, true, ":status", "200", "X", "y") },
		"interim with an end":   func(k *clientTalk, fr *http2.Framer) { k.headers(fr, 1, true, ":status", "103") },
		"content before a head": func(_ *clientTalk, fr *http2.Framer) { _ = fr.WriteData(1, true, []byte("x")) },
		"more than declared": func(k *clientTalk, fr *http2.Framer) {
			k.headers(fr, 1, false, ":status", "200", "content-length", "1")
			_ = fr.WriteData(1, true, []byte("xx"))
		},
		"less than declared": func(k *clientTalk, fr *http2.Framer) {
			k.headers(fr, 1, false, ":status", "200", "content-length", "3")
			_ = fr.WriteData(1, true, []byte("xx"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			k, l := talk(t, ClientOptions{}), &logged{t: t}
			k.begin(l, "a", message.RequestHead{})
			k.begin(l, "b", message.RequestHead{})
			k.frames()
			k.peer(func(fr *http2.Framer) {
				fr.AllowIllegalWrites = true
				f(k, fr)
				k.headers(fr, 3, true, ":status", "204")
			})
			k.want("reset", "RST_STREAM 1 PROTOCOL_ERROR")
			told := strings.Join(l.list, "\n")
			if !strings.Contains(told, "b over: "+message.ErrOver.Error()) || !strings.Contains(told, "PROTOCOL_ERROR") || strings.Contains(told, "a over: "+message.ErrOver.Error()) {
				t.Errorf("told was %s", told)
			}
		})
	}
}

// A frame with more content than was declared tells nothing of it, however it is
// cut: when it came in pieces, what was within the length was told, until fuzzing
// found it.
func TestClientTooMuchInPieces(t *testing.T) {
	for step := range 4 {
		k, l := talk(t, ClientOptions{}), &logged{t: t}
		k.step = step
		k.begin(l, "a", message.RequestHead{})
		k.frames()
		k.peer(func(fr *http2.Framer) {
			k.headers(fr, 1, false, ":status", "200", "content-length", "1")
			_ = fr.WriteData(1, true, []byte("xx"))
		})
		if told := strings.Join(l.list, "\n"); strings.Contains(told, "content \"") || !strings.Contains(told, "more content than declared") {
			t.Errorf("in pieces of %d, told was %s", step, told)
		}
	}
}

// Shutdown finishes what was begun, and takes no more.
func TestClientShutdown(t *testing.T) {
	k, l := talk(t, ClientOptions{}, http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 1}), &logged{t: t}
	k.begin(l, "a", message.RequestHead{})
	k.begin(l, "b", message.RequestHead{})
	k.frames()
	k.h.Lock()
	k.c.Shutdown()
	k.h.Unlock()
	if err := k.c.Err(); err != message.ErrClosing {
		t.Errorf("Err is %v", err)
	}
	k.peer(func(fr *http2.Framer) { k.headers(fr, 1, true, ":status", "204") })
	k.want("the one that waited", "HEADERS 3 END_STREAM :method=GET :scheme=http :authority=a.example :path=/")
	k.peer(func(fr *http2.Framer) { k.headers(fr, 3, true, ":status", "204") })
	k.want("both are over", "GOAWAY 0 NO_ERROR")
	if told := strings.Join(l.list, "\n"); strings.Count(told, "over: "+message.ErrOver.Error()) != 2 {
		t.Errorf("told was %s", told)
	}
}

// Limits of ours end responses that pass them.
func TestClientLimits(t *testing.T) {
	for _, test := range []struct {
		o    ClientOptions
		peer func(k *clientTalk, fr *http2.Framer)
		want string
	}{
		{ClientOptions{InterimMax: 1}, func(k *clientTalk, fr *http2.Framer) {
			k.headers(fr, 1, false, ":status", "103")
			k.headers(fr, 1, false, ":status", "103")
		}, "InterimMax"},
		{ClientOptions{ContentOctets: 3}, func(k *clientTalk, fr *http2.Framer) {
			k.headers(fr, 1, false, ":status", "200")
			_ = fr.WriteData(1, false, []byte("more"))
		}, "ContentOctets"},
		{ClientOptions{ContentOctets: 3}, func(k *clientTalk, fr *http2.Framer) {
			k.headers(fr, 1, false, ":status", "200", "content-length", "4")
		}, "ContentOctets"},
		{ClientOptions{FieldSectionOctets: 100}, func(k *clientTalk, fr *http2.Framer) {
			k.headers(fr, 1, false, ":status", "200", "x", strings.Repeat("y", 100))
		}, ""},
	} {
		k := talk(t, test.o)
		var got error
		k.turn(func() {
			x, _ := k.c.BeginInTurn(&message.RequestHead{Authority: "a"})
			x.OnResponse(func(x message.ClientExchange, _ error) {
				_ = x.OnContent(func(_ message.ClientExchange, p []byte, _ error) int { return len(p) })
			})
			x.OnOver(func(_ message.ClientExchange, err error) { got = err })
		})
		k.frames()
		k.peer(func(fr *http2.Framer) { test.peer(k, fr) })
		sent := strings.Join(k.frames(), " ")
		if got == nil || !strings.Contains(got.Error(), test.want) || !strings.Contains(sent, "RST_STREAM 1") {
			t.Errorf("%s: %v; sent %s", test.want, got, sent)
		}
		if err := k.c.Err(); err != nil {
			t.Errorf("%s: the connection has ended: %v", test.want, err)
		}
	}
}

// A callback that panics resets its stream, and no other.
func TestClientPanics(t *testing.T) {
	panics := 0
	k, l := talk(t, ClientOptions{OnPanic: func(any) { panics++ }}), &logged{t: t}
	k.turn(func() {
		x, _ := k.c.BeginInTurn(&message.RequestHead{Authority: "a"})
		x.OnResponse(func(x message.ClientExchange, _ error) {
			_ = x.OnContent(func(message.ClientExchange, []byte, error) int { panic("content") })
		})
	})
	k.begin(l, "b", message.RequestHead{})
	k.frames()
	k.peer(func(fr *http2.Framer) {
		k.headers(fr, 1, false, ":status", "200")
		_ = fr.WriteData(1, false, []byte("x"))
		k.headers(fr, 3, true, ":status", "204")
	})
	k.want("reset", "RST_STREAM 1 CANCEL")
	if panics != 1 || len(l.list) != 3 {
		t.Errorf("%d panics, told was %q", panics, l.list)
	}
}
