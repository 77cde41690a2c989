package h1

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// requestPlaces are all where who sends a request brings octets that are sent
// outside of content.
var requestPlaces = []struct {
	name string
	head func(octets string) message.RequestHead
}{
	{"method", func(octets string) message.RequestHead {
		return message.RequestHead{Method: octets, Target: "/", Authority: "a"}
	}},
	{"request-target", func(octets string) message.RequestHead {
		return message.RequestHead{Target: octets, Authority: "a"}
	}},
	{"authority", func(octets string) message.RequestHead {
		return message.RequestHead{Target: "/", Authority: octets}
	}},
	{"field name", func(octets string) message.RequestHead {
		return message.RequestHead{Target: "/", Authority: "a", Fields: fields("A", "b", octets, "c")}
	}},
	{"field value", func(octets string) message.RequestHead {
		return message.RequestHead{Target: "/", Authority: "a", Fields: fields("A", octets, "B", "c")}
	}},
}

// Whatever octets the sender of a request brings: what could be read as
// something else is an error of the call, and nothing of it is sent.
func TestSplittingOfRequests(t *testing.T) {
	more := []string{"\r\nHost: b", " HTTP/1.1\r\nHost: b\r\n\r\nGET /b", "\r\n\r\nGET /b HTTP/1.1\r\nHost: b\r\n\r\n"}
	for _, place := range requestPlaces {
		t.Run(place.name, func(t *testing.T) {
			for _, i := range append(more, injections...) {
				for _, octets := range []string{i, i + "x", "x" + i, "/x" + i + "x"} {
					h := place.head(octets)
					c := newTestClient(t, ClientOptions{})
					c.client.Turn(func() {
						_, err := c.client.BeginInTurn(&h)
						if ofHead, ofField := new(message.RequestError), new(message.FieldError); !errors.As(err, &ofHead) && !errors.As(err, &ofField) {
							t.Errorf("%q: %v, want a RequestError or a FieldError", octets, err)
						}
					})
					c.look().want(fmt.Sprintf("%q", octets), "")
					c.begin(getA)
					c.want("the next request is as it is", "GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n")
				}
			}
		})
	}
}

// Each octet of each place is sent as it is, and read back as that, or refused.
func TestSplittingOfRequestsByOctet(t *testing.T) {
	for _, place := range requestPlaces {
		sent := 0
		for octet := range 256 {
			octets := "x" + string([]byte{byte(octet)}) + "y"
			if place.name == "request-target" {
				octets = "/" + octets
			}
			h := place.head(octets)
			c := newTestClient(t, ClientOptions{})
			var err error
			c.client.Turn(func() { _, err = c.client.BeginInTurn(&h) })
			c.look()
			if err != nil {
				c.want(fmt.Sprintf("%s %q: %v", place.name, octets, err), "")
				continue
			}
			sent++
			if got := readRequests(t, c.out); strings.Contains(got, "refused") || !strings.Contains(got, fmt.Sprintf("%q", octets)) || strings.Count(got, "end, ") != 1 {
				t.Errorf("%s %q is sent as %q and read as\n%s", place.name, octets, c.out, got)
			}
		}
		if sent < 26 {
			t.Errorf("%s: only %d octets can be sent", place.name, sent)
		}
	}
}

// Framing is the engine's, in requests as in responses.
func TestFramingOfRequestsIsTheEngines(t *testing.T) {
	for _, name := range []string{"Content-Length", "content-length", "Transfer-Encoding", "tRANSFER-eNCODING", "Host", "Connection"} {
		h := message.RequestHead{Target: "/", Authority: "a", Fields: fields(name, "5")}
		c := newTestClient(t, ClientOptions{})
		c.client.Turn(func() {
			if _, err := c.client.BeginInTurn(&h); !errors.As(err, new(*message.FieldError)) {
				t.Errorf("%s: %v, want a FieldError", name, err)
			}
		})
		c.look().want(name, "").wantOps("it goes on", engine.Read, false)
	}
}

// Trailers are field lines, and what can't be one isn't sent.
func TestSplittingOfTrailers(t *testing.T) {
	for _, i := range injections {
		for _, f := range []message.Field{{Name: "X" + i, Value: "a"}, {Name: "X", Value: "a" + i + "b"}} {
			c := newTestClient(t, ClientOptions{})
			x := c.begin(message.RequestHead{Method: "POST", Target: "/", Authority: "a", ContentLength: -1})
			c.want("the head", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
			var err error
			c.in(func() { err = x.End(message.Field{Name: "A", Value: "b"}, f) })
			if !errors.As(err, new(*message.FieldError)) {
				t.Errorf("%+v: %v, want a FieldError", f, err)
			}
			c.want(fmt.Sprintf("%+v", f), "")
			c.in(func() { err = x.End(message.Field{Name: "A", Value: "b"}) })
			if c.want("then as it may be", "0\r\nA: b\r\n\r\n"); err != nil {
				t.Error(err)
			}
		}
	}
}
