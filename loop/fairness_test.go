package loop_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// endless is a flow that always has something to read, first and then more for
// ever, and takes whatever is written.
type endless struct {
	first, more string
	used        int // octets of what comes next
	operations  *int
}

func (f *endless) TryRead(b []byte) (n int, err error) {
	*f.operations++
	for n < len(b) {
		k := copy(b[n:], f.first[f.used:])
		n += k
		if f.used += k; f.used == len(f.first) {
			f.first, f.used = f.more, 0
		}
	}
	return n, nil
}

func (f *endless) TryWrite(v [][]byte) (n int, err error) {
	*f.operations++
	for _, b := range v {
		n += len(b)
	}
	return n, nil
}

func (f *endless) CloseWrite() error { return nil }
func (f *endless) Close() error      { return nil }

func (f *endless) Announce(to flow.Notifier, token uint64) {
	if to != nil {
		to.Ready(token, flow.Readable)
	}
}

// timed is a flow that says when it is written to.
type timed struct {
	*mem.Poll
	written func()
}

func (f *timed) TryWrite(v [][]byte) (int, error) {
	f.written()
	return f.Poll.TryWrite(v)
}

// However much busy connections have to do, one that was idle is answered
// before any of them has had more than its budget.
func TestIdleConnectionWaitsForOneBudget(t *testing.T) {
	const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	const post = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	pipelined := func(o *int) *endless { return &endless{first: get, more: get, operations: o} }
	upload := func(o *int) *endless {
		return &endless{first: post, more: "400\r\n" + strings.Repeat("x", 1024) + "\r\n", operations: o}
	}
	for _, test := range []struct {
		name string
		busy []func(*int) *endless
	}{
		{"endless requests", []func(*int) *endless{pipelined}},
		{"an endless upload", []func(*int) *endless{upload}},
		{"many of both", []func(*int) *endless{pipelined, upload, pipelined, upload, pipelined, upload}},
	} {
		for _, budget := range []int{2, 4, 16} {
			t.Run(fmt.Sprintf("%s, a budget of %d", test.name, budget), func(t *testing.T) {
				operations, until := 0, 0
				service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
					if x.ContentLength() == 0 {
						_ = x.Respond(message.StatusOK, nil, []byte("hello"))
						return
					}
					_ = x.OnContent(func(_ message.Exchange, p []byte, _ error) int { return len(p) })
				}))})
				l := newQueueLoop(t, loop.Options{TurnsMax: budget, ReadOctets: 4096})
				client, f := mem.PollPipe(mem.Options{})
				calm := &timed{f, func() { until = operations }}
				if err := l.Add(calm, service.NewServer(nil)); err != nil {
					t.Fatal(err)
				}
				for _, f := range test.busy {
					if err := l.Add(f(&operations), service.NewServer(nil)); err != nil {
						t.Fatal(err)
					}
				}
				for range 20 {
					l.Step()
				}
				if operations < 10*budget {
					t.Fatalf("%d operations: the busy connections aren't busy", operations)
				}
				for range 20 {
					before := operations
					client.TryWrite([][]byte{[]byte(get)})
					answer := make([]byte, 1000)
					n, err := 0, flow.ErrWouldBlock
					for err == flow.ErrWouldBlock {
						l.Step()
						n, err = client.TryRead(answer)
					}
					if !strings.HasSuffix(string(answer[:n]), "hello") {
						t.Fatalf("received %q (%v)", answer[:n], err)
					}
					most := budget * len(test.busy)
					if n := until - before; n > most {
						t.Errorf("%d operations of the busy connections came first, want %d at most", n, most)
					}
				}
			})
		}
	}
}
