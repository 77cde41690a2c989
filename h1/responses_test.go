package h1

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// answering logs the events of Responses, with offsets on the connection.
type answering struct {
	reading
	requests []string // that are not answered yet
}

// readResponses is the log of Responses, for octets that arrive cut at some
// places, then the end. A request is a method, and "upgrade" behind it.
func readResponses(t *testing.T, requests []string, octets []byte, cuts ...int) string {
	t.Helper()
	return (&answering{requests: requests}).read(t, octets, cuts...)
}

func (g *answering) read(t *testing.T, octets []byte, cuts ...int) string {
	t.Helper()
	limits := DefaultResponseMessageLimits()
	r := NewResponses(&limits)
	r.Lenient = g.lenient
	g.await(r)
	at, cuts := 0, append(cuts, len(octets))
	for _, cut := range cuts {
		// A window that moves, with nothing behind it.
		for b := bytes.Clone(octets[at:cut]); ; b = bytes.Clone(octets[at:cut]) {
			n, event := r.Next(b, 1<<30)
			g.event(r, event, b, at)
			at += n
			if event == ResponseMessageFailed {
				if n2, again := r.Next(b, 1); n2 != 0 || again != event {
					t.Errorf("after Failed: %d, %v", n2, again)
				}
				return strings.Join(g.log, "\n")
			}
			if event == ResponseMessageMore && (n == 0 || at == cut) {
				break
			}
		}
	}
	if event := r.End(octets[at:]); event != ResponseMessageMore {
		g.event(r, event, nil, at)
	}
	if at < len(octets) && r.IsTunnel() {
		g.line("%d no HTTP", at)
	}
	return strings.Join(g.log, "\n")
}

// await tells the reader of the next request that is answered.
func (g *answering) await(r *Responses) {
	if len(g.requests) == 0 {
		return
	}
	name, upgrade, _ := strings.Cut(g.requests[0], " ")
	g.requests = g.requests[1:]
	offer := UpgradeOfferNone
	if upgrade != "" {
		offer = UpgradeOfferMade
	}
	r.Await(message.LookupMethod([]byte(name)), offer)
}

func (g *answering) event(r *Responses, event ResponseMessageEvent, b []byte, at int) {
	m := r.Message
	switch event {
	case ResponseMessageHead:
		h := &m.Head
		g.line("%d head %d %q, %v, %v, %v", at, h.Status, h.Reason.Of(b), m.Version, m.ResponseBodyLength, m.Persistence)
		g.fields(h.Fields, b, at)
	case ResponseMessageContent:
		g.contentAt(at+int(m.Content.Start), at+int(m.Content.End))
	case ResponseMessageTrailers:
		g.line("%d trailers", at)
		g.fields(m.Trailers.Fields, b, at)
	case ResponseMessageEnd:
		g.line("%d end, %v", r.Began+m.Offset(), r.Direction)
		if !r.IsTunnel() {
			g.await(r)
		}
	case ResponseMessageFailed:
		f := r.Fault()
		g.line("%d refused, %d: %v [%s]", r.Began+f.Offset, f.Status, f, f.Requirement)
	}
}

// TestGoldenResponses reads files of testdata, and holds the split law over
// them.
func TestGoldenResponses(t *testing.T) {
	for _, name := range []string{"responses", "statuslines", "responsebodies"} {
		t.Run(name, func(t *testing.T) {
			checkGolden(t, "testdata/"+name+".md", func(c goldenCase, cuts ...int) string {
				requests := c.requests
				if requests == nil {
					requests = []string{"GET"}
				}
				return readResponses(t, requests, c.octets, cuts...)
			})
		})
	}
}

func TestAwaitTwicePanics(t *testing.T) {
	limits := DefaultResponseMessageLimits()
	r := NewResponses(&limits)
	r.Await(message.MethodGet, UpgradeOfferNone)
	defer func() {
		if text := fmt.Sprint(recover()); !strings.HasPrefix(text, "h1: bug: Await") {
			t.Error("the panic says", text)
		}
	}()
	r.Await(message.MethodGet, UpgradeOfferNone)
}

// TestResponsesDoNotAllocate reads many responses, after the first one.
func TestResponsesDoNotAllocate(t *testing.T) {
	limits := DefaultResponseMessageLimits()
	r := NewResponses(&limits)
	b := []byte("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: a\r\n\r\nhi")
	read := func() {
		r.Await(message.MethodGet, UpgradeOfferNone)
		for at := 0; ; {
			n, event := r.Next(b[at:], 10)
			at += n
			if event == ResponseMessageEnd {
				return
			}
			if event == ResponseMessageFailed || event == ResponseMessageMore {
				t.Fatal(r.Fault())
			}
		}
	}
	read()
	if n := testing.AllocsPerRun(100, read); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
