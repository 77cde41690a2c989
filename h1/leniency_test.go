package h1

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// What variants take that the strict machines refuse. The log is that of
// what is said strictly, but for the offsets.
var lenientRequests = []struct{ name, octets, log string }{
	{
		"LF ends lines", "GET / HTTP/1.1\nHost: a\n\n",
		"0 head \"GET\" GET, target \"/\", HTTP/1.1, none, persist\n15 field \"Host\" Host, 21 value \"a\"\n24 end, done",
	},
	{
		"LF and CRLF, mixed", "\nGET / HTTP/1.1\r\nHost: a\nX: b\r\n\n",
		"0 head \"GET\" GET, target \"/\", HTTP/1.1, none, persist\n17 field \"Host\" Host, 23 value \"a\"\n25 field \"X\" any other, 28 value \"b\"\n32 end, done",
	},
	{
		"white space in the request-line", "GET \t /a\t HTTP/1.0 \r\n\r\n",
		"0 head \"GET\" GET, target \"/a\", HTTP/1.0, none, close\n23 end, done",
	},
	{
		"a bare LF in chunked content is refused all the same", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1\na\r\n",
		"0 head \"POST\" POST, target \"/\", HTTP/1.1, chunked, persist\n16 field \"Host\" Host, 22 value \"a\"\n24 field \"Transfer-Encoding\" Transfer-Encoding, 43 value \"chunked\"\n53 refused by 400: chunk-line: bare LF in a chunk line at octet 53 (RFC 9112, Section 7.1): found '\\n', expected \";\", CR, HEXDIG, HTAB or SP [rfc9112#2.2/10]",
	},
	{
		"a folded line is refused all the same", "GET / HTTP/1.1\nHost: a\n b\n\n",
		"23 refused by 400: lenient-request-head: line folding, or white space before a field name at octet 23 (RFC 9112, Section 2.1): found ' ', expected CR, LF or tchar [rfc9112#5.2/2, rfc9112#2.2/9]",
	},
}

func TestLenientRequests(t *testing.T) {
	for _, test := range lenientRequests {
		t.Run(test.name, func(t *testing.T) {
			read := func(cuts ...int) string {
				g := &reading{lenient: true}
				g.read(t, []byte(test.octets), cuts...)
				return strings.Join(g.log, "\n")
			}
			if got := read(); got != test.log {
				t.Errorf("got\n%s\nwant\n%s", got, test.log)
			}
			checkSplits(t, test.name, []byte(test.octets), test.log, read)
			if log := readRequests(t, []byte(test.octets)); !strings.Contains(log, "refused") {
				t.Errorf("the strict machine takes it:\n%s", log)
			}
		})
	}
}

func TestLenientResponses(t *testing.T) {
	for _, test := range []struct{ name, octets, log string }{
		{
			"no SP without a reason", "HTTP/1.1 204\r\n\r\n",
			"0 head 204 \"\", HTTP/1.1, none, persist\n16 end, done",
		},
		{
			"LF ends lines", "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi",
			"0 head 200 \"OK\", HTTP/1.1, fixed, persist\n16 field \"Content-Length\" Content-Length, 32 value \"2\"\n35 content up to 37\n37 end, done",
		},
		{
			"an interim one, both ways", "HTTP/1.1 100\n\nHTTP/1.1 204 \n\n",
			"0 head 100 \"\", HTTP/1.1, interim, persist\n14 head 204 \"\", HTTP/1.1, none, persist\n29 end, done",
		},
		{
			"folds", "HTTP/1.1 204 \r\nA: b \t\r\n \tc\r\n d\r\nB:\r\n e\r\n \r\nC: \r\n \r\nD: f\n\tg\r\n \r\n\r\n",
			"0 head 204 \"\", HTTP/1.1, none, persist\n" +
				"15 field \"A\" any other, 18 value \"b      c   d\"\n" +
				"32 field \"B\" any other, 37 value \"e\"\n" +
				"43 field \"C\" any other, 49 value \"\"\n" +
				"51 field \"D\" any other, 54 value \"f  g\"\n65 end, done",
		},
		{
			"folded fields that frame", "HTTP/1.1 200 OK\r\nTransfer-Encoding: ,\r\n chunked\r\nConnection:\n\ta\n ,close\r\n\r\n0\r\n\r\n",
			"0 head 200 \"OK\", HTTP/1.1, chunked, close\n17 field \"Transfer-Encoding\" Transfer-Encoding, 36 value \",   chunked\"\n" +
				"49 field \"Connection\" Connection, 62 value \"a  ,close\"\n78 trailers\n80 end, done",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			read := func(cuts ...int) string {
				g := &answering{requests: []string{"GET"}}
				g.lenient = true
				return g.read(t, []byte(test.octets), cuts...)
			}
			if got := read(); got != test.log {
				t.Errorf("got\n%s\nwant\n%s", got, test.log)
			}
			checkSplits(t, test.name, []byte(test.octets), test.log, read)
			if log := readResponses(t, []string{"GET"}, []byte(test.octets)); !strings.Contains(log, "refused") {
				t.Errorf("the strict machine takes it:\n%s", log)
			}
		})
	}
}

// Folds don't let a line grow beyond its limit, however the input is cut, and
// what isn't consumed isn't changed.
func TestLenientFoldsAreLimited(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\n"
	limits := DefaultResponseMessageLimits()
	limits.ResponseFieldLineOctets, limits.ResponseFieldSectionOctets, limits.ResponseFieldLines = 16, 60, 3
	for octets, want := range map[string]string{
		"A: b\r\n c\r\n d\r\n e\r\n f\r\n\r\n":                                                   "33 field line too long in a response",
		"A:\r\n \r\n \r\n \r\n \r\n \r\n \r\n":                                                   "33 field line too long in a response",
		"A: 0123456789abc\r\n \r\n\r\n":                                                          "33 field line too long in a response",
		"A: b\r\n 0123456789\r\n\r\n":                                                            "33 field line too long in a response",
		"A: b\r\n 012345678\r\nB: c\r\n\r\n":                                                     "head",
		"A: 0123456789abc\r\nB: c\r\n\r\n":                                                       "head",
		"A: b\r\n c\r\nB: c\r\n d\r\nC:\r\n e\r\n\r\n":                                           "head",
		"A: b\r\n c\r\nB: c\r\n d\r\nC:\r\n e\r\nD:\r\n\r\n":                                     "49 too many field lines in a response",
		"A: b\r\n 012345678\r\nB: b\r\n 012345678\r\nC: b\r\n 012345678\r\nD: b\r\n 0123456\r\n": "77 field section too large in a response",
	} {
		for cut := range len(head + octets) {
			got := ""
			r := NewResponses(&limits)
			r.Lenient = true
			r.Await(message.MethodGet, UpgradeOfferNone)
			for _, known := range []int{cut, len(head + octets)} {
				b := []byte((head + octets)[:known])
				switch n, event := r.Next(b, 0); event {
				case ResponseMessageHead:
					got = "head"
				case ResponseMessageFailed:
					got = fmt.Sprint(r.Fault().Offset, " ", r.Fault().Name)
				case ResponseMessageMore:
					if n != 0 || string(b) != (head + octets)[:known] {
						t.Errorf("%q: %d octets are consumed of a part of the head, which is now %q", octets, n, b)
					}
					continue
				}
				break
			}
			if got != want {
				t.Errorf("%q, cut at %d: got %q, want %q", octets, cut, got, want)
			}
		}
	}
}

// What the strict machines take, their variants take, to the same end.
func TestLenientIsStrictBesides(t *testing.T) {
	compared := 0
	for _, name := range []string{"requests", "requestlines", "fieldlines", "requestbodies", "responses"} {
		text, err := os.ReadFile("testdata/" + name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, string(text), func(c goldenCase) string {
			var strict, lenient string
			if name == "responses" {
				requests := c.requests
				if requests == nil {
					requests = []string{"GET"}
				}
				g := &answering{requests: requests}
				g.lenient = true
				strict, lenient = readResponses(t, requests, c.octets), g.read(t, c.octets)
			} else {
				g := &reading{lenient: true}
				g.read(t, c.octets)
				strict, lenient = readRequests(t, c.octets), strings.Join(g.log, "\n")
			}
			if strings.Contains(strict, "refused") {
				return ""
			}
			compared++
			if strict != lenient {
				t.Errorf("%s:\n strict\n%s\n lenient\n%s", c.heading, strict, lenient)
			}
			return ""
		})
	}
	if compared < 20 {
		t.Errorf("only %d cases are compared", compared)
	}
}

// A Server and a Client read as their options say.
func TestLenientServer(t *testing.T) {
	for _, lenient := range []bool{false, true} {
		e := &echo{}
		c := newTestConn(t, Options{Handler: inline(e.serve).Handler, Lenient: lenient})
		c.feed("GET / HTTP/1.1\nHost: a\n\n")
		if ok := strings.HasPrefix(string(c.look().out), "HTTP/1.1 200"); ok != lenient {
			t.Errorf("lenient %v: answered %q", lenient, c.out)
		}
	}
}

// A Client gives values without folds; what begins with white space before the
// first field line continues nothing, and is refused.
func TestLenientClientUnfolds(t *testing.T) {
	for octets, want := range map[string]string{
		"HTTP/1.1 204 No\r\nA: b\r\n c\r\n\r\n": "204 No A=b   c content=",
		"HTTP/1.1 204 No\r\n A: b\r\n\r\n":      "line folding, or white space before a field name",
	} {
		if got := newTestClient(t, ClientOptions{Lenient: true}).receiveOne(octets); got != want {
			t.Errorf("%q: got %q, want %q", octets, got, want)
		}
	}
}

func TestLenientConns(t *testing.T) {
	requests, responses := DefaultRequestMessageLimits(), DefaultResponseMessageLimits()
	s := NewServerConn(&requests)
	s.ReadLeniently()
	if _, event := s.Receive([]byte("GET / HTTP/1.1\nHost: a\n\n")); event != RequestMessageHead {
		t.Error("ServerConn:", event)
	}
	c := NewClientConn(&responses)
	c.ReadLeniently()
	if _, err := c.AppendHead(nil, &message.RequestHead{Authority: "a"}); err != nil {
		t.Fatal(err)
	}
	if _, event := c.Receive([]byte("HTTP/1.1 204\n\n")); event != ResponseMessageHead {
		t.Error("ClientConn:", event)
	}
}
