package h1

import (
	"testing"

	"github.com/specht-http/specht/message"
)

// An idle exchange, and an idle connection, hold no buffer for what isn't
// sent.
func TestNothingSentHoldsNoBuffer(t *testing.T) {
	one := func(f func(x message.Exchange)) Options { return inline(func(x message.Exchange) { x.Detach(); f(x) }) }
	refused := []message.Field{{Name: "a b", Value: ""}}
	for name, test := range map[string]struct {
		request string
		begin   func(x message.Exchange)
		then    func(x message.Exchange) // nothing is appended by it
	}{
		"End, fixed": {
			get, func(x message.Exchange) { _ = x.Start(200, nil, 2); _, _ = x.Write([]byte("ab")) },
			func(x message.Exchange) { _ = x.End() },
		},
		"End, none": {
			"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", func(x message.Exchange) { _ = x.Start(200, nil, -1) },
			func(x message.Exchange) { _, _ = x.Write([]byte("ab")); _ = x.End() },
		},
		"End, too early": {
			get, func(x message.Exchange) { _ = x.Start(200, nil, 2) },
			func(x message.Exchange) { _ = x.End() },
		},
		"Write, too much": {
			get, func(x message.Exchange) { _ = x.Start(200, nil, 2) },
			func(x message.Exchange) { _, _ = x.Write([]byte("abc")) },
		},
		"Write, nothing": {
			get, func(x message.Exchange) { _ = x.Start(200, nil, -1) },
			func(x message.Exchange) { _, _ = x.Write(nil) },
		},
		"Respond, refused": {get, func(message.Exchange) {}, func(x message.Exchange) { _ = x.Respond(200, refused, nil) }},
		"Start, refused":   {get, func(message.Exchange) {}, func(x message.Exchange) { _ = x.Start(200, refused, -1) }},
	} {
		var x message.Exchange
		c := newTestConn(t, one(func(y message.Exchange) { x = y; test.begin(y) })).feed(test.request)
		c.h.Lock()
		before := c.h.got
		test.then(x)
		after := c.h.got
		c.h.Unlock()
		if after != before {
			t.Errorf("%s: %d buffers are out, before that %d", name, after, before)
		}
	}
}
