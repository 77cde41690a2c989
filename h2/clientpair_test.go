package h2

import (
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// pair is a Client and a Server with nothing but memory between them.
type pair struct {
	t        testing.TB
	h        *clientHost // of both
	c        *Client
	s        *Server
	toServer []byte
	toClient []byte
}

func newPair(t testing.TB, client ClientOptions, server Options) *pair {
	p := &pair{t: t, h: newClientHost(), c: NewClient(client), s: NewService(server).NewServer(nil)}
	p.h.reuse = true
	p.s.Attach(p.h)
	p.c.Attach(p.h)
	p.run()
	return p
}

// run moves octets until there are none.
func (p *pair) run() {
	for {
		isMoved := transfer(p.c, &p.toServer) || transfer(p.s, &p.toClient)
		isMoved = take(p.s, &p.toServer) || isMoved
		isMoved = take(p.c, &p.toClient) || isMoved
		if due := p.c.callbacks.Due; due != 0 {
			p.h.mono = max(p.h.mono, due)
			p.c.Expire()
			isMoved = true
		}
		if !isMoved {
			return
		}
	}
}

// transfer takes what e writes.
func transfer(e engine.Engine, to *[]byte) bool {
	op, v := e.NextWrite()
	if op != engine.Write {
		return false
	}
	n := 0
	for _, b := range v {
		*to = append(*to, b...)
		n += len(b)
	}
	e.ReportWrite(n, nil)
	return true
}

// take offers e what there is for it.
func take(e engine.Engine, from *[]byte) bool {
	if len(*from) == 0 || e.NextRead() != engine.Read {
		return false
	}
	n := e.Read(*from)
	*from = (*from)[:copy(*from, (*from)[n:])]
	return n > 0
}

var pairFields = []message.Field{{Name: "accept", Value: "*/*"}, {Name: "user-agent", Value: "specht"}}

// pairHandler answers when the request has come. It declares no length, and
// neither do requests of these tests: hpack allocates each string that is a
// literal, and what is measured is this package.
var pairHandler = func() message.Handler {
	fields, content := []message.Field{{Name: "content-type", Value: "text/plain"}}, []byte("hello, world")
	respond := func(x message.Exchange) {
		_ = x.Start(200, fields, -1)
		_, _ = x.Write(content)
		_ = x.End()
	}
	onContent := message.ContentFunc(func(x message.Exchange, p []byte, err error) int {
		if err == message.ErrEnd {
			respond(x)
		}
		return len(p)
	})
	return message.Inline(message.HandlerFunc(func(x message.Exchange) {
		if x.ContentLength() == 0 {
			respond(x)
			return
		}
		_ = x.OnContent(onContent)
	}))
}()

func TestClientAllocations(t *testing.T) {
	tests := []struct {
		name    string
		head    message.RequestHead
		content []byte
		times   int
	}{
		{"GET", message.RequestHead{Authority: "example.org", Fields: pairFields}, nil, 1},
		{"many", message.RequestHead{Authority: "example.org", Fields: pairFields}, nil, 16},
		{"POST", message.RequestHead{Method: "POST", Authority: "a", ContentLength: -1}, []byte("hello"), 1},
		{"large", message.RequestHead{Method: "PUT", Authority: "a", ContentLength: -1}, []byte(strings.Repeat("hello", 10000)), 1},
		{"HEAD", message.RequestHead{Method: "HEAD", Authority: "a"}, nil, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if invariants {
				t.Skip("exchanges aren't used again")
			}
			p := newPair(t, ClientOptions{}, Options{Handler: pairHandler})
			over := 0
			onOver := func(_ message.ClientExchange, err error) {
				if err == message.ErrOver {
					over++
				}
			}
			onContent := message.ResponseContentFunc(func(_ message.ClientExchange, p []byte, _ error) int { return len(p) })
			onResponse := func(x message.ClientExchange, _ error) { _ = x.OnContent(onContent) }
			begin := func() {
				for range test.times {
					x, err := p.c.BeginInTurn(&test.head)
					if err != nil {
						t.Fatal(err)
					}
					x.OnResponse(onResponse)
					x.OnOver(onOver)
					if test.content != nil {
						if _, err := x.Write(test.content); err != nil {
							t.Fatal(err)
						}
						_ = x.End()
					}
				}
			}
			one := func() { p.c.Turn(begin); p.run() }
			if n := testing.AllocsPerRun(100, one); n != 0 {
				t.Errorf("%v allocations", n)
			}
			if over != 101*test.times || p.c.first != nil || p.c.isLast {
				t.Errorf("%d exchanges are over", over)
			}
		})
	}
}

func BenchmarkClient(b *testing.B) {
	p := newPair(b, ClientOptions{}, Options{Handler: pairHandler})
	h := message.RequestHead{Authority: "example.org", Fields: pairFields}
	onContent := message.ResponseContentFunc(func(_ message.ClientExchange, p []byte, _ error) int { return len(p) })
	onResponse := func(x message.ClientExchange, _ error) { _ = x.OnContent(onContent) }
	begin := func() {
		x, _ := p.c.BeginInTurn(&h)
		x.OnResponse(onResponse)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.c.Turn(begin)
		p.run()
	}
}
