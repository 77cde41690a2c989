package main

import (
	"time"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// judgement is what a server makes of a head that is well formed.
type judgement struct {
	scheme, authority string
	fault             *message.Fault // why it refuses it; nil if it doesn't
}

// judge lets a server read a head. What it refuses beyond the grammar (a Host
// that is missing, a form of request-target that the method can't have, an
// expectation that nobody meets) is refused here as there, since it is the same
// engine.
func judge(head []byte) (j judgement) {
	serve := func(x message.Exchange) {
		j.scheme, j.authority = string(x.Scheme()), string(x.Authority())
		_ = x.Respond(message.StatusNoContent, nil, nil) // to nobody
	}
	service := h1.NewService(h1.Options{
		Handler:      message.Inline(message.HandlerFunc(serve)),
		ErrorHandler: func(_ message.Exchange, r *h1.ErrorResponse) { j.fault, _ = r.Cause.(*message.Fault) },
	})
	server := service.NewServer(nil)
	server.Attach(nowhere{})
	server.Read(head)
	return j
}

// nowhere is a host without a driver: the engine that it is given to is asked
// by one goroutine, in one turn.
type nowhere struct{}

// The methods of engine.Host.
func (nowhere) Now() (mono, unix int64) { return 1, time.Now().Unix() }
func (nowhere) Wake()                   {}
func (nowhere) Get(n int) []byte        { return make([]byte, 0, n) }
func (nowhere) Keep(_, _ any)           {}
func (nowhere) Take(any) (any, int64)   { return nil, 1e9 }
func (nowhere) Put([]byte)              {}
func (nowhere) Lock()                   {}
func (nowhere) Unlock()                 {}
func (nowhere) Wait()                   {}
func (nowhere) Signal()                 {}
