package h1

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// heads are request heads of three sizes; with CORPUS set, those in that
// folder, so that a harness can measure other parsers on the same octets.
func heads(b *testing.B, name string) []byte {
	if dir := os.Getenv("CORPUS"); dir != "" {
		d, err := os.ReadFile(dir + "/" + name + ".req")
		if err != nil {
			b.Fatal(err)
		}
		return d
	}
	switch name {
	case "min":
		return []byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	case "browser":
		return []byte("GET /news/2026/11/22/a-page.html HTTP/1.1\r\nHost: www.example.com\r\n" +
			"User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36\r\n" +
			"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n" +
			"Accept-Language: en-US,en;q=0.9,de;q=0.8\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nConnection: keep-alive\r\n" +
			"Cookie: session=" + strings.Repeat("0123456789abcdef", 12) + "; theme=dark; consent=yes\r\n\r\n")
	}
	return []byte("GET /api/items?limit=50 HTTP/1.1\r\nHost: shop.example.com\r\nAuthorization: Bearer " +
		strings.Repeat("abcdefgh", 40) + "\r\nCookie: " + strings.Repeat("name=0123456789abcdef; ", 110) + "end=1\r\n\r\n")
}

// BenchmarkPipelined reads heads that stand behind one another, so that none
// ends where the buffer ends.
func BenchmarkPipelined(b *testing.B) {
	for _, name := range []string{"browser", "min"} {
		b.Run(name, func(b *testing.B) {
			one := heads(b, name)
			d := bytes.Repeat(one, 16)
			limits := DefaultRequestHeadLimits()
			m := RequestHead{Fields: make([]message.FieldLine, 0, 64)}
			b.SetBytes(int64(len(one)))
			i := 0
			for b.Loop() {
				m.Reset()
				if n, p := m.Consume(d[i%15*len(one):], &limits); p != message.Done || n != len(one) {
					b.Fatal(m.Fault(&limits))
				}
				i++
			}
		})
	}
}

func BenchmarkHead(b *testing.B) {
	for _, name := range []string{"browser", "min", "long"} {
		b.Run(name, func(b *testing.B) {
			d := heads(b, name)
			limits := DefaultRequestHeadLimits()
			m := RequestHead{Fields: make([]message.FieldLine, 0, 64)}
			b.SetBytes(int64(len(d)))
			b.ReportAllocs()
			for b.Loop() {
				m.Reset()
				if n, p := m.Consume(d, &limits); p != message.Done || n != len(d) {
					b.Fatal(m.Fault(&limits))
				}
			}
		})
	}
}
