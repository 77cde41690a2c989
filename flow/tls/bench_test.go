package tls_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/flow/tls"
)

// polls is two ends of an open connection.
func polls(tb testing.TB) (server, client *secure.Poll) {
	s, c := pair()
	a, b := mem.PollPipe(mem.Options{BufferOctets: 1 << 20})
	server, client = tls.NewServer(s, tls.Options{}).Poll(a), tls.NewClient(c, tls.Options{}).Poll(b)
	for isOpen := false; !isOpen; runtime.Gosched() {
		s, c := server.Open(), client.Open()
		isOpen = s == nil && c == nil
		_, _ = client.TryWrite(nil) // its last words of the handshake; an error comes again
	}
	tb.Cleanup(func() { client.Close(); server.Close() })
	return server, client
}

// BenchmarkPoll encrypts, moves and decrypts octets, one write after the other.
func BenchmarkPoll(b *testing.B) {
	for _, size := range []int{100, 1000, 16 << 10, 64 << 10} {
		b.Run(sizeName(size), func(b *testing.B) {
			server, client := polls(b)
			v := [][]byte{bytes.Repeat([]byte("x"), size/2), bytes.Repeat([]byte("y"), size-size/2)}
			into := make([]byte, 128<<10)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if n, err := server.TryWrite(v); n != size || err != nil {
					b.Fatal(n, err)
				}
				for left := size; left > 0; {
					n, err := client.TryRead(into)
					left -= n
					if err != nil && err != flow.ErrWouldBlock {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// sizeName is a number of octets for people.
func sizeName(n int) string {
	switch n {
	case 100:
		return "100"
	case 1000:
		return "1000"
	case 16 << 10:
		return "16KiB"
	}
	return "64KiB"
}
