//go:build !race

package h1_test

import (
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// What an idle connection costs the program in memory of Go's, its flow and its
// engine included, after a request.
func TestIdleConnectionIsSmall(t *testing.T) {
	if h1.Invariants {
		t.Skip("with the tag invariants windows are copied")
	}
	service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, nil, []byte("hello"))
	}))})
	for _, s := range looptest.Setups() {
		if s.Name == "poll/tcp" {
			s.WantIdle(t, func(any) engine.Engine { return service.NewServer(nil) }, []byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 750)
		}
	}
}
