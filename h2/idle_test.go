//go:build !race

package h2_test

import (
	"bytes"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// What an idle connection costs the program in memory of Go's, its flow and its
// engine included, after a request of a browser, whose fields the peer's table
// keeps.
func TestIdleConnectionIsSmall(t *testing.T) {
	if h2.Invariants {
		t.Skip("with the tag invariants windows are copied")
	}
	service := h2.NewService(h2.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, []message.Field{{Name: "Content-Type", Value: "text/plain"}}, []byte("hello"))
	}))})
	for _, s := range looptest.Setups() {
		if s.Name == "poll/tcp" {
			s.WantIdle(t, func(any) engine.Engine { return service.NewServer(nil) }, browsing(), 3600)
		}
	}
}

// browsing is what a browser sends first, with its first request.
func browsing() []byte {
	var b, block bytes.Buffer
	b.WriteString(h2.Preface)
	fr := http2.NewFramer(&b, nil)
	_ = fr.WriteSettings()
	_ = fr.WriteSettingsAck()
	e := hpack.NewEncoder(&block)
	for _, f := range [][2]string{
		{":method", "GET"},
		{":scheme", "http"},
		{":path", "/"},
		{":authority", "www.example.org"},
		{"user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
		{"accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
		{"accept-language", "en-US,en;q=0.5"},
		{"accept-encoding", "gzip, deflate, br, zstd"},
	} {
		_ = e.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]})
	}
	_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: true})
	return b.Bytes()
}
