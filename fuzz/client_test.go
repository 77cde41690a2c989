package fuzz

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	fuzzheaders "github.com/AdaLogics/go-fuzz-headers"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// clientDriver calls a client's engine in legal orders. What it is fed are
// responses; what comes of each exchange it keeps.
type clientDriver struct {
	driver
	client *h1.Client
	got    []*fetched
	lent   int // slices that are lent
}

// fetched is what was told of an exchange.
type fetched struct {
	x       message.ClientExchange
	log     []string // of the response
	content []byte
	takes   int // octets that the callback takes each time; 0 for all
	over    int // how often it was over
	end     error
}

func newClientDriver(t *testing.T, in []byte) *clientDriver {
	d := &clientDriver{driver: driver{t: t, h: &host{mono: 1}, in: in}}
	limits := h1.DefaultResponseMessageLimits()
	limits.StatusLineOctets, limits.ResponseFieldSectionOctets, limits.ChunkLineOctets = 200, 400, 40
	d.client = h1.NewClient(h1.ClientOptions{
		Limits: &limits, PipelinedMax: 3, WaitingMax: 6, InterimMax: 3, ContentOctets: 4096, ContentWindowOctets: 64,
		WriteWindowOctets: 256, DiscardOctets: 200, ContentOctetsPerSecondMin: 100, OnPanic: func(any) {},
	})
	d.e = d.client
	d.e.Attach(d.h)
	return d
}

var clientMethods = []string{"GET", "HEAD", "PUT", "POST", "DELETE"}

// begin begins a request whose kind n decides, and watches it.
func (d *clientDriver) begin(n int) {
	h := message.RequestHead{Method: clientMethods[n%len(clientMethods)], Authority: "a"}
	if n/5%2 == 1 {
		h.ContentLength = -1
	}
	if n/10%4 == 3 && h.ContentLength != 0 { // without content there is nothing to wait with
		h.Fields = []message.Field{{Name: "Expect", Value: "100-continue"}}
	}
	x, err := d.client.BeginInTurn(&h)
	if err != nil {
		if !errors.Is(err, message.ErrBusy) && !errors.Is(err, message.ErrClosing) && !errors.Is(err, message.ErrOver) && !strings.Contains(err.Error(), "HTTP/1.0") {
			d.t.Fatalf("begin %v: %v", h, err)
		}
		return
	}
	g := &fetched{x: x, takes: n / 40 % 3}
	d.got = append(d.got, g)
	x.OnInterim(func(_ message.ClientExchange, status message.Status, fields message.Fields) {
		g.log = append(g.log, fmt.Sprint(status, fields.Len()))
	})
	x.OnResponse(func(x message.ClientExchange, err error) { g.answered(d, x, err) })
	x.OnOver(func(x message.ClientExchange, err error) {
		if g.over++; g.over > 1 {
			d.t.Error("an exchange is over twice")
		}
		g.x, g.end = nil, err
		g.log = append(g.log, fmt.Sprintf("trailers %d", x.Trailers().Len()))
	})
}

func (g *fetched) answered(d *clientDriver, x message.ClientExchange, err error) {
	if err != nil {
		var unanswered *message.UnansweredError
		if !errors.As(err, &unanswered) {
			d.t.Errorf("unanswered with %v", err)
		}
		return
	}
	g.log = append(g.log, fmt.Sprintf("%d %q %d %d", x.Status(), x.Reason(), x.Fields().Len(), x.ContentLength()))
	_ = x.OnContent(func(x message.ClientExchange, p []byte, err error) int {
		n := len(p)
		if g.takes > 0 && n > 0 {
			n = min(n, g.takes-1)
		}
		g.content = append(g.content, p[:n]...)
		if err != nil {
			g.log = append(g.log, fmt.Sprintf("end of content: %v", err == message.ErrEnd))
		}
		return n
	})
}

// send sends content, or the end, of the kth request.
func (d *clientDriver) send(k, n int) {
	if len(d.got) == 0 {
		return
	}
	g := d.got[k%len(d.got)]
	switch {
	case g.x == nil:
	case n%8 == 7:
		_ = g.x.End()
	case n%8 == 6:
		d.lent++
		_ = g.x.WriteLent(make([]byte, n), func(error) { d.lent-- })
	default:
		_, _ = g.x.Write(make([]byte, n))
	}
}

// settle gives the calls that are due their turn.
func (d *clientDriver) settle() {
	for due := d.e.Deadline(); due != 0 && due <= d.h.mono+1; due = d.e.Deadline() {
		d.h.mono = due
		d.e.Expire()
	}
}

// turn runs f in a turn, then what it has called.
func (d *clientDriver) turn(f func()) {
	d.client.Turn(f)
	d.settle()
}

// finish ends all requests, takes all content, and ends the input.
func (d *clientDriver) finish() {
	for i := 0; i < 10000+10*len(d.in); i++ {
		before := fmt.Sprint(len(d.in), len(d.window), len(d.out), d.e.NextRead(), d.eof)
		for d.write(1<<20) == engine.Write {
		}
		d.turn(func() {
			for _, g := range d.got {
				if g.x != nil {
					_ = g.x.End()
					g.takes = 0
					g.x.Resume()
				}
			}
		})
		d.read(len(d.in))
		if len(d.in) == 0 && len(d.window) <= d.offer {
			d.end()
		}
		d.settle()
		if before == fmt.Sprint(len(d.in), len(d.window), len(d.out), d.e.NextRead(), d.eof) {
			return
		}
	}
	d.t.Fatalf("no end: NextRead %v, %d octets left", d.e.NextRead(), len(d.in))
}

// check is that all is told, and given back.
func (d *clientDriver) check() {
	for i, g := range d.got {
		if g.over != 1 {
			d.t.Errorf("exchange %d is over %d times", i, g.over)
		}
	}
	if d.lent != 0 {
		d.t.Errorf("%d lent slices didn't come back", d.lent)
	}
	d.checkBuffers()
}

// logs are what came of all exchanges.
func (d *clientDriver) logs() (all []string) {
	for _, g := range d.got {
		all = append(all, fmt.Sprintf("%q %q", g.log, g.content))
	}
	return all
}

// FuzzClient has requests answered by octets in one go, and again by the same
// octets in pieces: both must be told the same, which net/http must agree with
// if it is a whole response. Then a third client is broken off: by errors,
// deadlines, a shutdown, resets, the end of the input.
func FuzzClient(f *testing.F) {
	for i, s := range responseSeeds() {
		f.Add(s, []byte{0, byte(i), 1, 3, 2, 0, 0, 1, byte(i), 2, 5, 16, 3, byte(7 * i), 7, 8})
	}
	// 204 ends with its head, whatever its length says; net/http refuses the
	// length, and the comparison didn't know that class of difference.
	f.Add([]byte("HTTP/1.0 204 \r\nContent-Length:A\r\n\r\n"), []byte("0"))
	// Likewise what only the content shows.
	f.Add([]byte(chunkedResponse+"1\t;a\r\na\r\n0\r\n\r\n"), []byte("0"))
	f.Fuzz(func(t *testing.T, octets, plan []byte) {
		run := func(pieces []byte) *clientDriver {
			d := newClientDriver(t, octets)
			d.turn(func() {
				for i := range min(len(plan), 5) {
					d.begin(int(plan[i]))
				}
			})
			for d.write(1<<20) == engine.Write {
			}
			c := fuzzheaders.NewConsumer(pieces)
			for op, n, ok := next(c); ok; op, n, ok = next(c) {
				switch op % 3 {
				case 0:
					d.read(n)
				case 1:
					d.write(n)
				case 2:
					d.turn(func() {
						for _, g := range d.got {
							if g.x != nil {
								g.x.Resume()
							}
						}
					})
				}
				d.settle()
			}
			d.finish()
			if !d.e.Closed() {
				t.Fatalf("not closed at the end: NextRead %v", d.e.NextRead())
			}
			d.check()
			return d
		}
		whole, pieces := run(nil), run(plan)
		// When requests go out that wait for others, and so whether octets are an
		// answer to them, is a matter of time.
		if len(whole.got) > 0 && !slices.Equal(whole.logs()[:1], pieces.logs()[:1]) {
			t.Errorf("in one go:\n%q\nin pieces:\n%q", whole.logs(), pieces.logs())
		}
		if len(whole.got) > 0 {
			compareResponse(t, octets, clientMethods[int(plan[0])%len(clientMethods)], whole.got[0])
		}
		breakClientOff(t, octets, plan)
	})
}

// next are two numbers of a plan.
func next(c *fuzzheaders.ConsumeFuzzer) (op, n int, ok bool) {
	op, err1 := c.GetInt()
	n, err2 := c.GetInt()
	return op, n, err1 == nil && err2 == nil
}

// compareResponse checks that net/http reads the same, where we have read a
// whole response, but for what it is known to refuse.
func compareResponse(t *testing.T, octets []byte, method string, g *fetched) {
	if !errors.Is(g.end, message.ErrOver) || len(g.log) < 2 || !slices.Contains(g.log, "end of content: true") {
		return
	}
	var unanswered *message.UnansweredError
	if errors.As(g.end, &unanswered) {
		return
	}
	isKnown := func(err error) bool {
		_, ok := byThemOfResponse(err.Error(), firstResponse(octets, message.LookupMethod([]byte(method))).isBodiless)
		return ok
	}
	r := bufio.NewReader(bytes.NewReader(octets))
	for {
		resp, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil && isKnown(err) {
			return
		}
		if err != nil {
			t.Fatalf("net/http can't read the response that we read: %v\n%q\n%q", err, octets, g.log)
		}
		if resp.StatusCode/100 == 1 {
			continue
		}
		content, err := io.ReadAll(resp.Body)
		if err != nil && isKnown(err) {
			return
		}
		if !strings.HasPrefix(g.log[len(g.log)-3], fmt.Sprint(resp.StatusCode)) || !bytes.Equal(content, g.content) || err != nil {
			t.Fatalf("net/http reads %d %q %v, we %q %q", resp.StatusCode, content, err, g.log, g.content)
		}
		return
	}
}

// breakClientOff drives a client and ends it in some way.
func breakClientOff(t *testing.T, octets, plan []byte) {
	d := newClientDriver(t, octets)
	c := fuzzheaders.NewConsumer(plan)
	for op, n, ok := next(c); ok; op, n, ok = next(c) {
		switch op % 10 {
		case 0:
			d.turn(func() { d.begin(n) })
		case 1, 2:
			d.read(n)
		case 3:
			d.write(n)
		case 4:
			d.turn(func() { d.send(op/10, n) })
		case 5:
			d.turn(func() { d.giveUp(op/10, n) })
		case 6:
			d.h.mono += int64(n) * 1e9
			if at := d.e.Deadline(); at != 0 && at <= d.h.mono {
				d.e.Expire()
			}
		case 7:
			if n%16 == 0 {
				d.e.Shutdown()
			}
		case 8:
			if n%8 == 0 {
				d.end()
			}
		case 9:
			if op, _ := d.e.NextWrite(); n%8 == 0 && op == engine.Write {
				d.e.ReportWrite(0, errors.New("fuzz: the flow has failed"))
				d.driver.lent = nil
			}
		}
		d.settle()
	}
	d.e.ReportError(errors.New("fuzz: the flow is broken"))
	d.e.ReportError(nil)
	d.turn(func() {
		for _, g := range d.got {
			if g.takes = 0; g.x != nil {
				g.x.Resume()
			}
		}
	})
	op, _ := d.e.NextWrite()
	if !d.e.Closed() || d.e.NextRead() != engine.Close || op != engine.Close {
		t.Fatalf("after ReportError: Closed %v, NextRead %v, NextWrite %v", d.e.Closed(), d.e.NextRead(), op)
	}
	d.check()
}

// giveUp closes or resets the kth exchange, or has its callback go on.
func (d *clientDriver) giveUp(k, n int) {
	if len(d.got) == 0 {
		return
	}
	g := d.got[k%len(d.got)]
	switch {
	case g.x == nil:
	case n%4 == 0:
		g.x.Close()
	case n%4 == 1:
		g.x.Reset()
	default:
		g.x.Resume()
	}
}

// responseSeeds are responses, and streams of them.
func responseSeeds() [][]byte {
	ok := "HTTP/1.1 200 OK\r\n"
	out := [][]byte{}
	for _, s := range []string{
		ok + "Content-Length: 5\r\n\r\nhello", ok + "\r\nuntil the end", "HTTP/1.1 204 No Content\r\n\r\n",
		ok + "Transfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\nT: v\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\n\r\n", ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno", ok + "Content-Length: 5\r\n\r\nhel", "\r\n\r\n", "SSH-2.0-a\r\n",
	} {
		out = append(out, []byte(s), []byte("HTTP/1.1 100 Continue\r\n\r\n"+s+s), []byte(s+ok+"Content-Length: 5\r\n\r\nhello"))
	}
	return out
}
