package fuzz

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	fuzzheaders "github.com/AdaLogics/go-fuzz-headers"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// FuzzResponseSplit reads octets as responses, strictly and leniently, in one
// piece and in pieces that the plan says: the events must be the same, and what
// is read strictly must be read leniently in the same way.
func FuzzResponseSplit(f *testing.F) {
	for i, s := range splitSeeds() {
		f.Add(s, []byte{byte(1 + i%7), byte(i), 1, 2, 3}, byte(i))
	}
	f.Fuzz(func(t *testing.T, octets, plan []byte, kind byte) {
		var strict string
		for _, lenient := range []bool{false, true} {
			whole := readResponses(octets, kind, lenient, func(int) int { return len(octets) })
			cuts := fuzzheaders.NewConsumer(plan)
			pieces := readResponses(octets, kind, lenient, func(int) int {
				n, err := cuts.GetInt()
				if err != nil {
					return 1
				}
				return 1 + n
			})
			if whole != pieces {
				t.Errorf("lenient %v, in one piece:\n%s\nin pieces:\n%s", lenient, whole, pieces)
			}
			if drip := readResponses(octets, kind, lenient, func(int) int { return 1 }); whole != drip {
				t.Errorf("lenient %v, in one piece:\n%s\noctet by octet:\n%s", lenient, whole, drip)
			}
			if !lenient {
				strict = whole
			} else if !strings.Contains(strict, "failed") && whole != strict {
				t.Errorf("strictly:\n%s\nleniently:\n%s", strict, whole)
			}
		}
	})
}

// splitSeeds are responses as the cases of h1 have them, in short.
func splitSeeds() (out [][]byte) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, s := range []string{
		ok + "Content-Length: 2\r\n\r\nhi" + ok + "\r\nrest",
		ok + "Transfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n0\r\nT: v\r\n\r\nHTTP/1.1 204 \r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + ok + "Content-Length: 1\r\n\r\na",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\n\r\n\x00\x01",
		"HTTP/1.1 204\n\nHTTP/1.0 200 OK\nConnection: keep-alive\n\n",
		ok + "Content-Length: 1, 1\r\n\r\n",
		ok + "A: b\r\n c\r\n\r\n",
		ok + "A:\n b \r\n\t\r\n c\n \r\nTransfer-Encoding: ,\r\n chunked\r\nConnection: a\n ,close\r\n\r\n0\r\n\r\n",
	} {
		out = append(out, []byte(s))
	}
	return out
}

// readResponses feeds octets to a reader, as many at a time as piece says, and
// writes down what it finds; then the end. kind says what is answered.
func readResponses(octets []byte, kind byte, lenient bool, piece func(at int) int) string {
	var log strings.Builder
	limits := h1.DefaultResponseMessageLimits()
	limits.StatusLineOctets, limits.ResponseFieldLineOctets, limits.ResponseFieldSectionOctets, limits.ResponseFieldLines = 60, 150, 400, 12
	limits.ChunkLineOctets, limits.TrailerLineOctets, limits.TrailerSectionOctets, limits.TrailerFieldLines = 40, 50, 80, 4
	r := h1.NewResponses(&limits)
	r.Lenient = lenient
	methods := []message.Method{message.MethodGet, message.MethodHead, message.MethodConnect, message.MethodPost}
	await := func() { r.Await(methods[kind%4], h1.UpgradeOffer(kind>>2%2)) }
	await()
	content, at, known := 0, 0, 0
	fail := func() string {
		fmt.Fprintf(&log, "content %d\nfailed: %d %+v\n", content, r.Began, *r.Fault())
		return log.String()
	}
	for known < len(octets) {
		known = min(known+piece(known), len(octets))
		for {
			b := bytes.Clone(octets[at:known]) // folds are overwritten
			n, event := r.Next(b, 1<<20)
			at += n
			m := r.Message
			switch event {
			case h1.ResponseMessageContent:
				content += m.Content.Len()
			case h1.ResponseMessageHead:
				fmt.Fprintf(&log, "head up to %d: %d %q %v %v %v\n", at, m.Head.Status, m.Head.Reason.Of(b), m.ResponseBodyLength, m.Reuse, m.ContentLength.Length)
				for _, l := range m.Head.Fields {
					fmt.Fprintf(&log, "  %v %q: %q\n", l.NameID, l.Name.Of(b), l.Value.Of(b))
				}
			case h1.ResponseMessageTrailers:
				for _, l := range m.Trailers.Fields {
					fmt.Fprintf(&log, "  trailer %q: %q\n", l.Name.Of(b), l.Value.Of(b))
				}
			case h1.ResponseMessageEnd:
				fmt.Fprintf(&log, "content %d, end at %d\n", content, at)
				content = 0
				if r.IsTunnel() {
					return log.String()
				}
				await()
			case h1.ResponseMessageFailed:
				return fail()
			}
			if event == h1.ResponseMessageMore && (n == 0 || at == known) {
				break
			}
		}
	}
	if r.End(octets[at:]) == h1.ResponseMessageFailed {
		return fail()
	}
	fmt.Fprintf(&log, "content %d, ended\n", content)
	return log.String()
}
