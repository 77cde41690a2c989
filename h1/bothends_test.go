package h1

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// plannedRequest is a request that a seed decides on, and how it is sent.
type plannedRequest struct {
	head    message.RequestHead
	content []byte
	trailer []message.Field
	way     int
	piece   int
}

func planRequest(r *rand.Rand) *plannedRequest {
	p := &plannedRequest{way: r.IntN(2), piece: 1 + r.IntN(300)}
	p.head = message.RequestHead{
		Method: []string{"", "GET", "HEAD", "POST", "PUT", "OPTIONS", "BREW"}[r.IntN(7)],
		Target: []string{"", "/", "/a?b", "/%20/x/../y;z"}[r.IntN(4)], Authority: []string{"a", "example.org:8080", "[::1]:80"}[r.IntN(3)],
	}
	for range r.IntN(5) {
		p.head.Fields = append(p.head.Fields, randomField(r))
	}
	if r.IntN(2) == 0 {
		return p
	}
	p.content = bytes.Repeat([]byte("GET / HTTP/1.1\r\n\r\n0\r\n\r\n"), r.IntN(3)*r.IntN(30))
	p.head.ContentLength = int64(len(p.content))
	if r.IntN(2) == 0 {
		p.head.ContentLength = -1
		for range r.IntN(3) {
			p.trailer = append(p.trailer, randomField(r))
		}
	}
	return p
}

// send begins the request and sends its content, in a turn.
func (p *plannedRequest) send(c *Client) (message.ClientExchange, error) {
	x, err := c.BeginInTurn(&p.head)
	if err != nil || p.head.ContentLength == 0 {
		return x, err
	}
	for piece := range slices.Chunk(p.content, p.piece) {
		if p.way == 0 {
			_, err = x.Write(piece)
		} else {
			err = x.WriteLent(piece, func(error) {})
		}
		if err != nil {
			return x, err
		}
	}
	return x, x.End(p.trailer...)
}

// ends are a client and a server, and what each was told.
type ends struct {
	t         *testing.T
	rand      *rand.Rand
	client    *testClient
	server    *testConn
	requests  []*plannedRequest
	responses []*plannedResponse
	served    int
	answered  int
}

func newEnds(t *testing.T, seed uint64) *ends {
	r := rand.New(rand.NewPCG(seed, 3))
	e := &ends{t: t, rand: r}
	for range 1 + r.IntN(6) {
		request, response := planRequest(r), planResponse(r)
		response.method, response.version = request.head.Method, "HTTP/1.1"
		e.requests, e.responses = append(e.requests, request), append(e.responses, response)
	}
	e.client = newTestClient(t, ClientOptions{PipelinedMax: 1 + r.IntN(4)})
	o := inline(e.serve)
	o.PipelinedMax = 1 + r.IntN(3)
	e.server = newTestConn(t, o)
	e.client.most, e.server.most = []int{0, 1, 100}[r.IntN(3)], []int{0, 1, 100}[r.IntN(3)]
	return e
}

// serve is the server's handler. It reads all content, then answers as planned.
func (e *ends) serve(x message.Exchange) {
	request, response := e.requests[e.served], e.responses[e.served]
	e.served++
	e.wantHead(request, x)
	var content []byte
	_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
		if content = append(content, p...); err == nil {
			return len(p)
		}
		if err != message.ErrEnd || !bytes.Equal(content, request.content) {
			e.t.Errorf("the server got content %q, %v, want %q", content, err, request.content)
		}
		e.wantFields("trailers of the request", x.Trailers(), request.trailer)
		if err := response.send(x); err != nil {
			e.t.Errorf("the response: %v", err)
		}
		return 0
	})
}

func (e *ends) wantHead(p *plannedRequest, x message.Exchange) {
	method, target := p.head.Method, p.head.Target
	if method == "" {
		method = "GET"
	}
	if target == "" {
		target = "/"
	}
	if string(x.Method()) != method || string(x.Target()) != target || string(x.Authority()) != p.head.Authority {
		e.t.Errorf("the server got %s %s at %s, want %+v", x.Method(), x.Target(), x.Authority(), p.head)
	}
	e.wantFields("fields of the request", x.Fields(), p.head.Fields)
}

// wantFields compares the fields whose names begin with X, as all have that a
// plan brings: in order, in their case, octet for octet.
func (e *ends) wantFields(what string, got message.Fields, want []message.Field) {
	var fs []message.Field
	for name, value := range got.All() {
		if name[0] == 'X' {
			fs = append(fs, message.Field{Name: string(name), Value: string(value)})
		}
	}
	if !slices.Equal(fs, want) {
		e.t.Errorf("%s are %+v, want %+v", what, fs, want)
	}
}

// begin begins a request, whose response must be as planned.
func (e *ends) begin(n int) {
	request, response := e.requests[n], e.responses[n]
	var content []byte
	interims := 0
	e.client.client.Turn(func() {
		x, err := request.send(e.client.client)
		if err != nil {
			e.t.Errorf("the request: %v", err)
			return
		}
		x.OnInterim(func(_ message.ClientExchange, status message.Status, fields message.Fields) {
			interims++
			e.wantFields("fields of an interim response", fields, response.fields)
		})
		x.OnResponse(func(x message.ClientExchange, err error) {
			if err != nil || x.Status() != response.status || string(x.Reason()) != response.status.Reason() {
				e.t.Errorf("response %d is %d %q, %v, want %d", n, x.Status(), x.Reason(), err, response.status)
				return
			}
			e.wantFields("fields of the response", x.Fields(), response.fields)
			_ = x.OnContent(func(x message.ClientExchange, p []byte, err error) int {
				if content = append(content, p...); err == nil {
					return len(p)
				}
				want := response.content
				if !response.hasContent() {
					want = nil
				}
				if err != message.ErrEnd || !bytes.Equal(content, want) {
					e.t.Errorf("the client got content %q, %v, want %q", content, err, want)
				}
				trailers := response.trailers
				if !response.hasContent() {
					trailers = nil
				}
				e.wantFields("trailers of the response", x.Trailers(), trailers)
				if interims != response.interims {
					e.t.Errorf("the client got %d interim responses, want %d", interims, response.interims)
				}
				e.answered++
				return 0
			})
		})
	})
	e.client.look()
}

// move moves what has been written to the other end, in parts, until nothing
// is under way.
func (e *ends) move() {
	for len(e.client.out)+len(e.server.out) > 0 {
		e.moveTo(e.server, &e.client.out)
		e.moveTo(e.client.testConn, &e.server.out)
	}
}

func (e *ends) moveTo(c *testConn, from *[]byte) {
	octets := string(*from)
	*from = nil
	for len(octets) > 0 {
		n := 1 + e.rand.IntN(len(octets))
		c.feed(octets[:n])
		octets = octets[n:]
	}
}

// What a client sends is what a server is given, and what that answers is what
// the client is given, whatever is sent, however it is cut, and however many
// requests are under way.
func TestBothEnds(t *testing.T) {
	seeds := uint64(3000)
	if testing.Short() {
		seeds = 300
	}
	for seed := range seeds {
		e := newEnds(t, seed)
		for n := range e.requests {
			e.begin(n)
			if e.rand.IntN(2) == 0 {
				e.move()
			}
		}
		e.move()
		if e.served != len(e.requests) || e.answered != len(e.requests) || t.Failed() {
			t.Fatalf("seed %d: %d of %d requests were served and %d answered:\n%s", seed, e.served, len(e.requests), e.answered, e.describe())
		}
		e.client.wantNoBuffers(fmt.Sprintf("seed %d: the client is idle", seed))
		e.server.wantNoBuffers(fmt.Sprintf("seed %d: the server is idle", seed))
	}
}

// describe tells the plans.
func (e *ends) describe() string {
	var out strings.Builder
	for i := range e.requests {
		fmt.Fprintf(&out, "%+v\n\t%+v\n", *e.requests[i], *e.responses[i])
	}
	return out.String()
}
