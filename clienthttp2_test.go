package specht_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	specht "github.com/specht-http/specht"
	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// Many requests share one connection, in clear by prior knowledge, and over TLS
// by what was agreed on.
func TestClientHTTP2(t *testing.T) {
	s, url := serveSite(t)
	config, dial := secureSite(t)
	for _, test := range []struct {
		url string
		c   *specht.Client
	}{
		{url, &specht.Client{Version: alpn.WantHTTP2}},
		{"https://specht.test", &specht.Client{TLS: config, Dial: dial}},
	} {
		c := closed(t, test.c)
		var wg sync.WaitGroup
		for i := range 32 {
			wg.Go(func() {
				for j := range 10 {
					path := fmt.Sprintf("/%d/%d", i, j)
					if j%2 == 0 {
						content := path + strings.Repeat("x", j*5000)
						want(t, c, &specht.Request{Method: "POST", URL: test.url + "/echo", Content: strings.NewReader(content)}, 200, fmt.Sprintf("POST %d 0 %s", len(content), content))
						continue
					}
					if r := want(t, c, &specht.Request{URL: test.url + path}, 200, "hello "+path); r.Version != message.HTTP2 {
						t.Errorf("the version is %v", r.Version)
					}
				}
			})
		}
		wg.Wait()
		if n := c.Stats(); n.Connections != 1 || n.Idle != 1 {
			t.Errorf("there are %+v", n)
		}
		r := want(t, c, &specht.Request{URL: test.url + "/trailers"}, 200, "content")
		if r.Trailers().Len() == 0 {
			t.Error("the trailers are missing")
		}
	}
	if n := s.Stats().Accepted; n != 1 {
		t.Errorf("%d connections in clear", n)
	}
}

// A context ends its request, and the connection goes on for the others.
func TestClientHTTP2Cancels(t *testing.T) {
	s, url := serveSite(t)
	c := closed(t, &specht.Client{Version: alpn.WantHTTP2})
	want(t, c, &specht.Request{URL: url + "/a"}, 200, "hello /a") // which connects: who is cancelled meanwhile takes the connection along
	enough := errors.New("enough")
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			ctx, cancel := context.WithCancelCause(t.Context())
			go cancel(enough)
			if _, err := c.Get(ctx, url+"/wait"); !errors.Is(err, enough) {
				t.Errorf("%d: %v", i, err)
			}
			want(t, c, &specht.Request{URL: url + "/a"}, 200, "hello /a")
		})
	}
	wg.Wait()
	if n := s.Stats().Accepted; n != 1 {
		t.Errorf("%d connections", n)
	}
}

// Requests above what the peer lets on one connection wait for it, unless there may
// be several (RFC 9113, Section 9.1).
func TestClientHTTP2Limit(t *testing.T) {
	for shared, connections := range map[int]int{0: 1, 1: 1, 2: 2, -1: 3} {
		g := newGate()
		s := newServer(t, specht.ServerOptions{Handler: g, HTTP2: h2.Options{StreamsMax: 2}})
		url := start(t, s, specht.Service{}).URL()
		c := closed(t, &specht.Client{Version: alpn.WantHTTP2, ConnectionsPerHostMax: 3, SharedPerHostMax: shared})
		first := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			want(t, c, &specht.Request{URL: url + "/first"}, 200, "hello /first")
			close(first)
		})
		<-g.begun
		g.opens <- struct{}{}
		<-first // so that the limit is known
		for i := range 6 {
			wg.Go(func() {
				want(t, c, &specht.Request{URL: fmt.Sprintf("%s/%d", url, i)}, 200, fmt.Sprintf("hello /%d", i))
			})
		}
		for range 2 * connections {
			<-g.begun
		}
		looptest.Eventually(t, "the others wait", func() bool { return c.Stats().Waiting == 6-2*connections })
		if n := c.Stats(); n.Connections != connections {
			t.Errorf("there are %+v", n)
		}
		close(g.opens)
		wg.Wait()
		if n := s.Stats().Accepted; int(n) != connections {
			t.Errorf("%d connections were opened, want %d", n, connections)
		}
	}
}

// A connection whose peer takes no further requests is replaced, though it is full
// and what is under way on it goes on.
func TestClientHTTP2Replaces(t *testing.T) {
	url := scriptedHTTP2(t, func(fr *http2.Framer, conn int, id uint32, respond func(string)) {
		if conn == 0 {
			_ = fr.WriteGoAway(id, http2.ErrCodeNo, nil)
			return
		}
		respond("204")
	})
	c := closed(t, &specht.Client{Version: alpn.WantHTTP2, HTTP2: h2.ClientOptions{StreamsMax: 1}})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	begun := make(chan struct{})
	wg.Go(func() {
		_, err := c.Do(ctx, &specht.Request{URL: url, OnConnection: func(specht.Conn, bool) { close(begun) }})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the first has ended: %v", err)
		}
	})
	<-begun
	want(t, c, &specht.Request{URL: url}, 204, "")
	want(t, c, &specht.Request{URL: url}, 204, "")
	if n := c.Stats(); n.Connections != 2 {
		t.Errorf("there are %+v", n)
	}
	cancel()
	wg.Wait()
}

// scriptedHTTP2 is a server whose connections are spoken for by f, one after the
// other: it is told the number of the connection, from 0, and each request on it,
// from stream 1.
func scriptedHTTP2(t *testing.T, f func(fr *http2.Framer, conn int, id uint32, respond func(status string))) (url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				_, _ = io.ReadFull(c, make([]byte, len(http2.ClientPreface)))
				fr := http2.NewFramer(c, c)
				_ = fr.WriteSettings()
				for {
					frame, err := fr.ReadFrame()
					if err != nil {
						return
					}
					switch frame := frame.(type) {
					case *http2.SettingsFrame:
						if !frame.IsAck() {
							_ = fr.WriteSettingsAck()
						}
					case *http2.HeadersFrame:
						f(fr, n, frame.StreamID, func(status string) {
							var block bytes.Buffer
							_ = hpack.NewEncoder(&block).WriteField(hpack.HeaderField{Name: ":status", Value: status})
							_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: frame.StreamID, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true})
						})
					}
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return "http://" + l.Addr().String()
}

// What the peer hasn't done anything with is sent again, whatever its method, and
// what it may have done isn't.
func TestClientHTTP2Retries(t *testing.T) {
	for _, test := range []struct {
		name   string
		script func(fr *http2.Framer, conn int, id uint32, respond func(string))
		want   string // of the error; empty for none
	}{
		{"refused", func(fr *http2.Framer, conn int, id uint32, respond func(string)) {
			if id == 1 {
				_ = fr.WriteRSTStream(id, http2.ErrCodeRefusedStream)
				return
			}
			respond("204")
		}, ""},
		{"GOAWAY", func(fr *http2.Framer, conn int, id uint32, respond func(string)) {
			if conn == 0 {
				_ = fr.WriteGoAway(0, http2.ErrCodeNo, nil)
				return
			}
			respond("204")
		}, ""},
		{"refused for ever", func(fr *http2.Framer, conn int, id uint32, respond func(string)) {
			_ = fr.WriteRSTStream(id, http2.ErrCodeRefusedStream)
		}, "REFUSED_STREAM"},
		{"reset", func(fr *http2.Framer, conn int, id uint32, respond func(string)) {
			if id == 1 {
				_ = fr.WriteRSTStream(id, http2.ErrCodeInternal)
				return
			}
			respond("204")
		}, "INTERNAL_ERROR"},
	} {
		t.Run(test.name, func(t *testing.T) {
			url := scriptedHTTP2(t, test.script)
			c := closed(t, &specht.Client{Version: alpn.WantHTTP2})
			r, err := c.Do(t.Context(), &specht.Request{Method: "POST", URL: url})
			if err == nil {
				r.Close()
			}
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
			c.Close()
		})
	}
}

// CONNECT gives a stream, and leaves its connection to the others.
func TestClientHTTP2Tunnel(t *testing.T) {
	s := newServer(t, specht.ServerOptions{Handler: message.HandlerFunc(func(x message.Exchange) {
		if x.MethodID() != message.MethodConnect {
			hello(x)
			return
		}
		if err := x.Upgrade(200, nil, func(s message.Stream, rest []byte) {
			defer s.Close()
			if _, err := io.Copy(s, s); err != nil {
				t.Errorf("at the end of a tunnel: %v", err)
			}
		}); err != nil {
			t.Error(err)
		}
	})})
	url := start(t, s, specht.Service{}).URL()
	c := closed(t, &specht.Client{Version: alpn.WantHTTP2})
	r, err := c.Do(t.Context(), &specht.Request{Method: "CONNECT", URL: url, Target: "a.example:443"})
	if err != nil {
		t.Fatal(err)
	}
	stream, err := r.Upgrade()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"hello", "again"} {
		_, _ = io.WriteString(stream, text)
		p := make([]byte, len(text))
		if _, err := io.ReadFull(stream, p); err != nil || string(p) != text {
			t.Errorf("got %q, %v", p, err)
		}
		want(t, c, &specht.Request{URL: url + "/a"}, 200, "hello /a")
	}
	if err := stream.CloseWrite(); err != nil {
		t.Error(err)
	}
	if rest, err := io.ReadAll(stream); len(rest) > 0 || err != nil {
		t.Errorf("at the end: %q, %v", rest, err)
	}
	_ = stream.Close()
	if n := s.Stats().Accepted; n != 1 {
		t.Errorf("%d connections", n)
	}
}

// One connection is opened for all who wait; if it can't be, they don't fail one
// after the other.
func TestClientHTTP2CantConnect(t *testing.T) {
	begun, opens := make(chan struct{}, 8), make(chan struct{})
	down := errors.New("down")
	c := closed(t, &specht.Client{Version: alpn.WantHTTP2, Dial: func(context.Context, specht.Address) (flow.Flow, error) {
		begun <- struct{}{}
		<-opens
		return nil, down
	}})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := c.Get(t.Context(), "http://a.example/"); !errors.Is(err, down) {
				t.Error(err)
			}
		})
	}
	<-begun
	looptest.Eventually(t, "the others wait", func() bool { return c.Stats() == specht.ClientStats{Connections: 1, Waiting: 7} })
	opens <- struct{}{}
	for range 7 {
		<-begun
	}
	close(opens)
	wg.Wait()
}
