package h1

import (
	"strings"
	"testing"
)

// TestChunkOverhead sends an octet in each chunk: as many as one likes with
// short lines, and not for long with lines that are mostly extension.
func TestChunkOverhead(t *testing.T) {
	limits := DefaultRequestMessageLimits()
	for _, c := range []struct {
		name, chunk string
		chunks      int
		refused     bool
	}{
		{"short lines", "1\r\na\r\n", 100_000, false},
		{"some extension", "1;a=b;c=d;e\r\na\r\n", 100_000, false},
		{"long extensions, a few", "1;" + strings.Repeat("x", 200) + "\r\na\r\n", 80, false},
		{"long extensions", "1;" + strings.Repeat("x", 200) + "\r\na\r\n", 100, true},
		{"long extensions, paid for with data", "100;" + strings.Repeat("x", 200) + "\r\n" + strings.Repeat("a", 256) + "\r\n", 1000, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := []byte("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat(c.chunk, c.chunks) + "0\r\n\r\n")
			var m RequestMessage
			for {
				n, event := m.Next(b, 1<<20, &limits)
				b = b[n:]
				switch event {
				case RequestMessageEnd:
					if c.refused {
						t.Error("read to the end")
					}
					return
				case RequestMessageFailed:
					if f := m.Fault(&limits); !c.refused || f.Limit != "ChunkOverheadOctets" || f.Status != 400 {
						t.Error(f)
					}
					return
				case RequestMessageMore:
					if n == 0 {
						t.Fatal("more octets wanted")
					}
				}
			}
		})
	}
}
