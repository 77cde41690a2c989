package h1_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// slowPeers are ways to hold a connection with little effort: what is sent at
// once, what then drips, an octet a second and again from its beginning, when
// that must end at the latest, and what is received until then.
var slowPeers = []struct {
	name, atOnce, drip string
	ends               time.Duration
	want               string // "" for nothing
}{
	{"says nothing", "", "", 60 * time.Second, ""},
	{"begins with half an empty line", "\r", "", 60 * time.Second, ""},
	{"drips a request-line", "GET /", "a", 10 * time.Second, "HTTP/1.1 408 Request Timeout\r\n"},
	{"drips a field line", "GET / HTTP/1.1\r\nHost: a\r\nA: ", "b", 10 * time.Second, "HTTP/1.1 408 Request Timeout\r\n"},
	{"drips field lines", "GET / HTTP/1.1\r\nHost: a\r\n", "A: b\r\n", 10 * time.Second, "HTTP/1.1 408 Request Timeout\r\n"},
	{"never ends its head", "GET / HTTP/1.1\r\nHost: a\r\n\r", "", 10 * time.Second, "HTTP/1.1 408 Request Timeout\r\n"},
	{"drips content", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n", "a", 5 * time.Second, "HTTP/1.1 408 Request Timeout\r\n"},
	{"drips chunks", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n", 5 * time.Second, "HTTP/1.1 408 Request Timeout\r\n"},
	{"drips a chunk-size", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "0", 5 * time.Second, "HTTP/1.1 408 Request Timeout\r\n"},
	{"drips trailers", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n", 5 * time.Second, "HTTP/1.1 408 Request Timeout\r\n"},
	{"drips behind an answer", "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n", "A: b\r\n", 10 * time.Second, "HTTP/1.1 408 Request Timeout\r\n"},
}

// drain is what a connection that closes may take besides.
const drain = 5 * time.Second

// Peers that drip are cut when their time is over, and who asks meanwhile is
// served without waiting. Time passes at once: a second of it is none.
func TestSlowPeers(t *testing.T) {
	const each = 5
	for _, s := range looptest.Mem() {
		if strings.Contains(s.Name, "mem ") {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(answerAtEnd))})
				server := s.Serve(t, func(any) engine.Engine { return service.NewServer(nil) }, loop.Options{})
				var wg sync.WaitGroup
				for i := range slowPeers {
					for range each {
						wg.Go(func() { beSlow(t, server.Dial(), i) })
					}
				}
				wg.Go(func() { askOften(t, server.Dial(), 70) })
				wg.Wait()
				looptest.Eventually(t, "every connection has ended", func() bool { return server.Stats().Connections == 0 })
				server.Close()
			})
		})
	}
}

// answerAtEnd answers when the content has ended.
func answerAtEnd(x message.Exchange) {
	_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
		if err == message.ErrEnd {
			_ = x.Respond(message.StatusOK, nil, []byte("hello"))
		}
		return len(p)
	})
}

// beSlow is a slow peer, until it is cut.
func beSlow(t *testing.T, c looptest.Client, i int) {
	defer c.Close()
	p, began := &slowPeers[i], time.Now()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := io.WriteString(c, p.atOnce)
		for n := 0; err == nil; n++ {
			select {
			case <-stop:
				return
			case <-time.After(time.Second):
				if p.drip != "" {
					_, err = c.Write([]byte{p.drip[n%len(p.drip)]})
				}
			}
		}
	})
	var got bytes.Buffer
	_, err := io.Copy(&got, c)
	took := time.Since(began)
	close(stop)
	wg.Wait()
	answer, ok := strings.CutPrefix(got.String(), "HTTP/1.1 200 OK\r\n")
	if ok {
		_, answer, _ = strings.Cut(answer, "\r\n\r\nhello")
	}
	if err != nil || !strings.HasPrefix(answer, p.want) || (p.want == "") != (answer == "") {
		t.Errorf("a peer that %s received %q, %v, want %q", p.name, got.String(), err, p.want)
	}
	if took > p.ends+drain || took < p.ends-time.Second {
		t.Errorf("a peer that %s was cut after %v, want %v", p.name, took, p.ends)
	}
}

// askOften asks each second, and is answered before any time has passed.
func askOften(t *testing.T, c looptest.Client, times int) {
	defer c.Close()
	for n := range times {
		asked := time.Now()
		if _, err := fmt.Fprintf(c, "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n", n); err != nil {
			t.Errorf("request %d: %v", n, err)
			return
		}
		var got []byte
		for !bytes.HasSuffix(got, []byte("\r\n\r\nhello")) {
			p := make([]byte, 1000)
			k, err := c.Read(p)
			if got = append(got, p[:k]...); err != nil {
				t.Errorf("request %d: %q, %v", n, got, err)
				return
			}
		}
		if waited := time.Since(asked); waited > 0 {
			t.Errorf("request %d was answered after %v, beside slow ones", n, waited)
		}
		<-time.After(time.Second)
	}
}
