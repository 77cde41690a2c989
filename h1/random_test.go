package h1

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/specht-http/specht/message"
)

// conversation is a run of requests and handlers that a seed decides on. Each
// request says by its target what its handler does:
//
//	/N/KIND
//
// Answers come back in order, each lent slice once, and each buffer.
type conversation struct {
	rand     *rand.Rand
	input    []byte
	kinds    []string
	lent     atomic.Int64
	detached atomic.Int64
}

// kinds of handlers. Behind one that cuts, nothing is answered.
var conversationKinds = []string{
	"respond", "read", "some", "stream", "slow", "lend", "detach", "callback", "early", "panic", "nothing", "cut", "reset",
}

func newConversation(seed uint64) *conversation {
	v := &conversation{rand: rand.New(rand.NewPCG(seed, 1))}
	for n := range 1 + v.rand.IntN(12) {
		kind := conversationKinds[v.rand.IntN(len(conversationKinds))]
		v.kinds = append(v.kinds, kind)
		content := strings.Repeat("0123456789", v.rand.IntN(30))
		head := fmt.Sprintf(" /%d/%s HTTP/1.1\r\nHost: a\r\n", n, kind)
		switch v.rand.IntN(3) {
		case 0:
			v.input = fmt.Appendf(v.input, "GET%s\r\n", head)
		case 1:
			v.input = fmt.Appendf(v.input, "POST%sContent-Length: %d\r\n\r\n%s", head, len(content), content)
		case 2:
			v.input = fmt.Appendf(v.input, "POST%sTransfer-Encoding: chunked\r\n\r\n", head)
			for len(content) > 0 {
				k := 1 + v.rand.IntN(len(content))
				v.input = fmt.Appendf(v.input, "%x\r\n%s\r\n", k, content[:k])
				content = content[k:]
			}
			v.input = append(v.input, "0\r\nx: y\r\n\r\n"...)
		}
	}
	return v
}

func (v *conversation) lend(x message.Exchange) {
	v.lent.Add(1)
	called := false
	_ = x.WriteLent([]byte("lent"), func(error) {
		if called {
			panic("done was called twice")
		}
		called = true
		v.lent.Add(-1)
	})
}

func (v *conversation) serve(x message.Exchange) {
	target := string(x.Target())
	_, kind, _ := strings.Cut(target[1:], "/")
	fs := []message.Field{{Name: "X-Target", Value: target}}
	var p [17]byte
	switch kind {
	case "respond":
		_ = x.Respond(200, fs, []byte("hello"))
	case "read", "some", "early":
		if kind == "early" {
			_ = x.Respond(200, fs, nil)
		}
		for err := error(nil); err == nil && kind != "some"; {
			_, err = x.Read(p[:])
		}
		_, _ = x.Read(p[:])
		_ = x.Respond(200, fs, []byte("read"))
	case "stream", "slow", "lend", "cut", "reset":
		_ = x.Start(200, fs, -1)
		for range 5 {
			_, _ = x.Write(make([]byte, 50))
			if kind == "slow" {
				_ = x.Flush()
			}
			if kind == "lend" {
				v.lend(x)
			}
		}
		if kind == "cut" {
			panic("cut")
		}
		if kind == "reset" {
			x.Reset()
		}
		_ = x.End()
	case "detach":
		v.detached.Add(1)
		done := make(chan struct{})
		go func(x message.Exchange) {
			defer close(done)
			_, _ = x.Read(p[:])
			_ = x.Respond(200, fs, nil)
			_ = x.Wait()
		}(x.Detach())
		if x.ContentLength() == 0 {
			<-done
		}
	case "callback":
		_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
			if err != nil {
				_ = x.Respond(200, fs, nil)
			}
			return len(p)
		})
	case "panic":
		panic("oh")
	}
}

// run has the conversation, and is what was written.
func (v *conversation) run(t *testing.T) []byte {
	g := new(goroutines)
	c := newTestConn(t, Options{
		Handler: message.HandlerFunc(v.serve), Executor: g,
		ContentWindowOctets: 1 + v.rand.IntN(100), WriteWindowOctets: 1 + v.rand.IntN(100), PipelinedMax: 1 + v.rand.IntN(5),
	})
	c.most = v.rand.IntN(3) * v.rand.IntN(100)
	for len(v.input) > 0 {
		n := 1 + v.rand.IntN(len(v.input))
		c.feed(string(v.input[:n]))
		v.input = v.input[n:]
	}
	if v.rand.IntN(8) == 0 { // the flow breaks anywhere
		c.h.Lock()
		c.s.ReportError(io.ErrUnexpectedEOF)
		c.h.Unlock()
	}
	c.until(func() bool { return c.s.first == nil && len(c.in) == 0 || c.s.isReadOver })
	c.end()
	c.until(func() bool { return c.s.Closed() })
	g.wg.Wait()
	c.wantOps("closed", 3, true)
	if n := int64(c.h.got); n < 0 || n > 2*v.detached.Load() {
		t.Errorf("%d buffers are out, and %d exchanges were detached", n, v.detached.Load())
	}
	if n := v.lent.Load(); n != 0 {
		t.Errorf("%d lent slices didn't come back", n)
	}
	return c.out
}

func TestConversations(t *testing.T) {
	seeds := uint64(1500)
	if testing.Short() {
		seeds = 200
	}
	answers, requests := 0, 0
	for seed := range seeds {
		v := newConversation(seed)
		out := v.run(t)
		if t.Failed() {
			t.Fatalf("seed %d: %v", seed, v.kinds)
		}
		answers += checkAnswers(t, seed, v, out)
		requests += len(v.kinds)
	}
	if answers*3 < requests { // after a cut nothing is answered
		t.Errorf("%d answers to %d requests", answers, requests)
	}
}

// checkAnswers holds that the answers are in order, whole, and at most as many
// as there were requests.
func checkAnswers(t *testing.T, seed uint64, v *conversation, out []byte) (answers int) {
	b := bufio.NewReader(bytes.NewReader(out))
	for n := 0; ; n++ {
		response, err := http.ReadResponse(b, nil)
		if err != nil {
			if err != io.EOF && err != io.ErrUnexpectedEOF {
				t.Fatalf("seed %d: %v: answer %d: %v\n%q", seed, v.kinds, n, err, out)
			}
			return n
		}
		want := "/" + strconv.Itoa(n) + "/" + v.kinds[n]
		if got := response.Header.Get("X-Target"); got != want && response.StatusCode != 500 {
			t.Fatalf("seed %d: %v: answer %d is %s to %q, want %q", seed, v.kinds, n, response.Status, got, want)
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return n // cut
		}
	}
}
