package fuzz

import (
	"sync"
	"testing"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// seeds are requests made from the specifications, each of them once: every
// edge of the head's machine, near misses of it, and the same for what follows
// a head that says chunked.
var seeds = sync.OnceValue(func() [][]byte {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		panic(err)
	}
	m, err := gen.Load(set)
	if err != nil {
		panic(err)
	}
	out := [][]byte{
		[]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
		[]byte("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n"),
		[]byte("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n0\r\nT: v\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n"),
		[]byte("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"),
	}
	for _, name := range []string{"Content-Length", "Host", "TE"} { // once taken for the known name
		out = append(out, []byte("POST / HTTP/1.1\r\nHost: a\r\n"+name+"\x00: 5\r\nA: some more octets\r\n\r\nhello"))
	}
	const chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
	before := map[string]string{"request-head": "", "chunk-line": chunked, "chunk-end": chunked + "1\r\na", "trailers": chunked + "0\r\n"}
	fields := map[string]string{"connection": "Connection", "transfer-encoding": "Transfer-Encoding", "content-length": "Content-Length"}
	seen := map[string]bool{}
	for _, ma := range m.Machines {
		for _, in := range append(ma.DFA.Cover(), ma.DFA.NearMisses()...) {
			text := before[ma.Name] + string(in)
			if name, ok := fields[ma.Name]; ok {
				text = "POST / HTTP/1.1\r\nHost: a\r\n" + name + ": " + string(in) + "\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
			}
			if !seen[text] {
				seen[text] = true
				out = append(out, []byte(text))
			}
		}
	}
	return out
})

func TestSeedsAreMany(t *testing.T) {
	if n := len(seeds()); n < 300 {
		t.Errorf("%d seeds, expected some hundreds: does Cover still cover?", n)
	}
}
