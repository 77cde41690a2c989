package fuzz

import (
	"fmt"
	"strings"
	"testing"

	"github.com/specht-http/specht/h1"
)

// TestNothingLeaks reads each seed with a reader that has read something else
// before, to its end: Reset must leave nothing of it.
func TestNothingLeaks(t *testing.T) {
	before := []string{
		"POST /long HTTP/1.0\r\nHost: b\r\nConnection: keep-alive, close\r\nContent-Length: 3\r\n\r\nabc",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1;"+strings.Repeat("x", 35)+"\r\na\r\n", 4) + "0\r\nT: v\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: @\r\n\r\n",
	}
	limits := h1.DefaultRequestMessageLimits()
	limits.ChunkOverheadOctets = 100
	log := func(m *h1.RequestMessage, b []byte) string {
		var out strings.Builder
		for {
			n, event := m.Next(b, 1<<20, &limits)
			fmt.Fprintln(&out, event, n, m.Version, m.RequestBodyLength, m.Persistence, len(m.Head.Fields), len(m.Trailers.Fields))
			b = b[n:]
			switch {
			case event == h1.RequestMessageFailed:
				fmt.Fprintf(&out, "%+v", *m.Fault(&limits))
				return out.String()
			case event == h1.RequestMessageEnd, event == h1.RequestMessageMore && n == 0:
				return out.String()
			}
		}
	}
	more := [][]byte{[]byte("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1;"+strings.Repeat("x", 35)+"\r\na\r\n", 4) + "0\r\n\r\n")}
	for _, s := range append(more, seeds()...) {
		var fresh h1.RequestMessage
		want := log(&fresh, s)
		for _, b := range before {
			var m h1.RequestMessage
			if end := log(&m, []byte(b)); !strings.Contains(end, h1.RequestMessageEnd.String()) {
				t.Fatalf("%q isn't read to its end: %s", b, end)
			}
			m.Reset()
			if got := log(&m, s); got != want {
				t.Fatalf("after %q, %q is read as\n%s\nexpected\n%s", b, s, got, want)
			}
		}
	}
}
