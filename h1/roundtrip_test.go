package h1

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// plannedResponse is a response that a seed decides on, and how it is sent.
type plannedResponse struct {
	method   string
	version  string // with what it asks of the connection
	status   message.Status
	fields   []message.Field
	content  []byte
	declares bool // its length
	way      int  // to send it
	piece    int  // octets of a Write
	interims int  // with the same fields
	trailers []message.Field
}

const (
	wayRespond = iota
	wayWrite
	wayLend
	ways
)

var roundtripVersions = []string{"HTTP/1.1\r\nHost: a\r\n", "HTTP/1.1\r\nHost: a\r\n", "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", "HTTP/1.0\r\n", "HTTP/1.0\r\nConnection: keep-alive\r\n"}

func planResponse(r *rand.Rand) *plannedResponse {
	p := &plannedResponse{
		method:  []string{"GET", "GET", "HEAD", "POST", "OPTIONS", "BREW"}[r.IntN(6)],
		version: roundtripVersions[r.IntN(len(roundtripVersions))],
		status:  message.Status(200 + r.IntN(400)), declares: r.IntN(2) == 0, way: r.IntN(ways), piece: 1 + r.IntN(300),
	}
	if r.IntN(3) == 0 {
		p.status = []message.Status{200, 204, 205, 304, 206}[r.IntN(5)]
	}
	for range r.IntN(5) {
		p.fields = append(p.fields, randomField(r))
	}
	if !isEmpty(statusClass(p.status)) {
		p.content = make([]byte, r.IntN(4)*r.IntN(700))
		const octets = "\r\n0123456789abcdef;:\x00\xffHTTP/1.1 200 OK"
		for i := range p.content {
			p.content[i] = octets[r.IntN(len(octets))]
		}
	}
	if r.IntN(3) == 0 && strings.HasPrefix(p.version, "HTTP/1.1") {
		p.interims = r.IntN(4)
	}
	if p.way != wayRespond && !p.declares && p.status != message.StatusNotModified && !isEmpty(statusClass(p.status)) && strings.HasPrefix(p.version, "HTTP/1.1") {
		for range r.IntN(4) {
			p.trailers = append(p.trailers, randomField(r))
		}
	}
	return p
}

// randomField is a field that can be sent.
func randomField(r *rand.Rand) message.Field {
	const tchar = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	name := []byte("X")
	for range r.IntN(12) {
		name = append(name, tchar[r.IntN(len(tchar))])
	}
	var value []byte
	for range r.IntN(20) {
		switch c := byte(r.IntN(256)); {
		case c == 0x7F || c < ' ' && c != '\t':
		default:
			value = append(value, c)
		}
	}
	return message.Field{Name: string(name), Value: strings.Trim(string(value), " \t")}
}

// send sends the response in its way.
func (p *plannedResponse) send(x message.Exchange) error {
	for range p.interims {
		if err := x.Interim(message.StatusEarlyHints, p.fields); err != nil {
			return err
		}
	}
	if p.way == wayRespond {
		return x.Respond(p.status, p.fields, p.content)
	}
	length := int64(-1)
	if p.declares {
		length = int64(len(p.content))
	}
	if err := x.Start(p.status, p.fields, length); err != nil {
		return err
	}
	for piece := range slices.Chunk(p.content, p.piece) {
		var err error
		if p.way == wayLend {
			err = x.WriteLent(piece, func(err error) {})
		} else {
			_, err = x.Write(piece)
		}
		if err == message.ErrNoContent {
			break
		}
		if err != nil {
			return err
		}
	}
	return x.End(p.trailers...)
}

// hasContent says whether the content of the response is sent.
func (p *plannedResponse) hasContent() bool {
	return p.method != "HEAD" && p.status != message.StatusNotModified && !isEmpty(statusClass(p.status))
}

// wantLength is the length that the head declares, or -1: RFC 9110,
// Section 8.6.
func (p *plannedResponse) wantLength() int {
	switch {
	case p.status == message.StatusNoContent:
		return -1
	case p.status == message.StatusResetContent:
		return 0
	case p.way == wayRespond:
		if p.status == message.StatusNotModified && len(p.content) == 0 {
			return -1
		}
		return len(p.content)
	case p.declares:
		return len(p.content)
	}
	return -1
}

// closes says whether the connection closes behind the response.
func (p *plannedResponse) closes() bool {
	if strings.HasPrefix(p.version, "HTTP/1.0") {
		return !strings.Contains(p.version, "keep-alive") || p.hasContent() && p.wantLength() < 0
	}
	return strings.Contains(p.version, "close")
}

// runPlans sends the responses of some plans on one connection, to requests
// that arrive at once or in parts, through a flow that takes most octets at a
// time; and is what the peer received.
func runPlans(t *testing.T, r *rand.Rand, plans []*plannedResponse) []byte {
	t.Helper()
	next := 0
	c := newTestConn(t, inline(func(x message.Exchange) {
		p := plans[next]
		next++
		if err := p.send(x); err != nil {
			t.Errorf("%d %s: %v", p.status, p.method, err)
		}
	}))
	c.most = []int{0, 1, 2, 7, 1000}[r.IntN(5)]
	var in []byte
	for i, p := range plans {
		in = fmt.Appendf(in, "%s /%d %s\r\n", p.method, i, p.version)
	}
	for piece := range slices.Chunk(in, 1+r.IntN(len(in))) {
		c.feed(string(piece))
	}
	c.end().wantClosed("all is answered")
	return c.out
}

// What is sent is what was given: read back by net/http, as many responses as
// there were requests before the connection closed, and nothing behind them.
func TestRoundtrip(t *testing.T) {
	seeds := uint64(4000)
	if testing.Short() {
		seeds = 400
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 2))
		var plans []*plannedResponse
		for range 1 + r.IntN(5) {
			plans = append(plans, planResponse(r))
		}
		out := runPlans(t, r, plans)
		b := bufio.NewReader(bytes.NewReader(out))
		for i, p := range plans {
			if why := readPlanned(b, p); why != "" {
				t.Fatalf("seed %d, response %d, %+v: %s, in\n%q", seed, i, p, why, out)
			}
			if p.closes() {
				break
			}
		}
		if rest, _ := io.ReadAll(b); len(rest) > 0 || t.Failed() {
			t.Fatalf("seed %d: %q is left over of\n%q", seed, rest, out)
		}
	}
}

// readPlanned reads a response by net/http, and says how it differs from what
// was given, if it does.
func readPlanned(b *bufio.Reader, p *plannedResponse) string {
	for range p.interims {
		interim, err := http.ReadResponse(b, &http.Request{Method: p.method})
		if err != nil || interim.StatusCode != 103 || interim.ContentLength > 0 {
			return fmt.Sprintf("no 103: %+v, %v", interim, err)
		}
		if why := differFrom(p.fields, interim.Header); why != "" {
			return "in 103, " + why
		}
	}
	response, err := http.ReadResponse(b, &http.Request{Method: p.method})
	if err != nil {
		return err.Error()
	}
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	want := p.content
	if !p.hasContent() {
		want = nil
	}
	length := response.Header.Get("Content-Length")
	wantLength := ""
	if n := p.wantLength(); n >= 0 {
		wantLength = fmt.Sprint(n)
	}
	switch {
	case response.StatusCode != int(p.status):
		return fmt.Sprintf("status %d", response.StatusCode)
	case response.Status != p.status.String() && p.status.Reason() != "":
		return fmt.Sprintf("reason phrase in %q", response.Status)
	case !bytes.Equal(content, want):
		return fmt.Sprintf("content %q", content)
	case length != wantLength:
		return fmt.Sprintf("Content-Length %q, want %q", length, wantLength)
	case response.Header.Get("Date") == "":
		return "no Date"
	case response.Close != p.closes():
		return fmt.Sprintf("persistence: net/http would close: %v", response.Close)
	}
	trailers := p.trailers
	if !p.hasContent() {
		trailers = nil
	}
	if why := differFrom(trailers, response.Trailer); why != "" {
		return "in the trailers, " + why
	}
	return differFrom(p.fields, response.Header)
}

// differFrom says how fields differ from those that were given.
func differFrom(fields []message.Field, got http.Header) string {
	want := http.Header{}
	for _, f := range fields {
		want.Add(f.Name, f.Value)
	}
	for name := range got {
		if name[0] == 'X' && want[name] == nil {
			return fmt.Sprintf("a field %s", name)
		}
	}
	for name, values := range want {
		if !slices.Equal(got[name], values) {
			return fmt.Sprintf("%s is %q", name, got[name])
		}
	}
	return ""
}

// Content that isn't as long as declared is an error of the call, and nothing
// beyond the declared length is ever sent.
func TestRoundtripOfLengths(t *testing.T) {
	for declared := range 6 {
		for written := range 9 {
			for piece := 1; piece <= 4; piece++ {
				var short, long *message.LengthError
				c := newTestConn(t, inline(func(x message.Exchange) {
					_ = x.Start(200, nil, int64(declared))
					content := []byte("012345678")[:written]
					for p := range slices.Chunk(content, piece) {
						if _, err := x.Write(p); err != nil && !errors.As(err, &long) {
							t.Errorf("Write: %v", err)
						}
					}
					if err := x.End(); err != nil && !errors.As(err, &short) {
						t.Errorf("End: %v", err)
					}
				})).feed(get)
				_, content, _ := strings.Cut(string(c.out), "\r\n\r\n")
				if len(content) > declared || !strings.HasPrefix("012345678", content) && long == nil {
					t.Fatalf("declared %d, wrote %d by %d: sent %q", declared, written, piece, content)
				}
				if (long != nil) != (written > declared) || (short != nil) != (len(content) < declared) {
					t.Fatalf("declared %d, wrote %d by %d: sent %q; %v, %v", declared, written, piece, content, long, short)
				}
				if c.ended != (len(content) < declared) {
					t.Fatalf("declared %d, wrote %d by %d: sent %q; the connection is cut: %v", declared, written, piece, content, c.ended)
				}
			}
		}
	}
}
