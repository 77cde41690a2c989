package specht

import (
	"sync/atomic"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/message"
)

// carrier2 is the carrier of HTTP/2: as many exchanges at once as the peer lets,
// and each ends on its own.
type carrier2 struct {
	*h2.Client
	isReady  chan struct{}
	most     atomic.Int64 // exchanges; 0 as long as the peer hasn't said
	leaves   atomic.Bool
	onChange func()
}

// newCarrier2 is one over f, which says by which scheme.
func newCarrier2(o h2.ClientOptions, f any) *carrier2 {
	c := &carrier2{isReady: make(chan struct{})}
	if _, is := f.(flow.Secured); is {
		o.Scheme = "https"
	}
	o.Executor = goroutines{}
	o.OnReady = func(*h2.Client) { close(c.isReady) }
	o.OnSettings = func(client *h2.Client) {
		// At least one: a peer that lets none for now lets some later.
		if most := int64(max(1, client.ExchangesMaxInTurn())); c.most.Swap(most) != most {
			c.onChange()
		}
	}
	o.OnGoAway = func(*h2.Client) {
		if !c.leaves.Swap(true) {
			c.onChange()
		}
	}
	c.Client = h2.NewClient(o)
	return c
}

// exchangesMax is one until the peer has said it: whoever is given a place that there
// isn't would wait for it, while another connection could be opened.
func (c *carrier2) exchangesMax() int      { return int(max(1, c.most.Load())) }
func (c *carrier2) isShared() bool         { return true }
func (c *carrier2) isSettled() bool        { return c.most.Load() > 0 }
func (c *carrier2) isLeaving() bool        { return c.leaves.Load() }
func (c *carrier2) isGood(error) bool      { return c.ErrInTurn() == nil }
func (c *carrier2) use(onChange func())    { c.onChange = onChange }
func (c *carrier2) turn(f func())          { c.Turn(f) }
func (c *carrier2) ready() <-chan struct{} { return c.isReady }

func (c *carrier2) begin(h *message.RequestHead, set func(message.ClientExchange)) (err error) {
	c.Turn(func() {
		var x message.ClientExchange
		if x, err = c.BeginInTurn(h); err == nil {
			set(x)
		}
	})
	return err
}

// goroutines runs each task on a goroutine of its own: here that is what takes a
// tunnel, of which there are no more than exchanges.
type goroutines struct{}

// Execute implements engine.Executor.
func (goroutines) Execute(t engine.Task) bool {
	go t.Run()
	return true
}
