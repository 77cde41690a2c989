package h2

import (
	"encoding/binary"

	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// pings are those that aren't answered, in order, which is that of the answers.
type pings struct {
	list   []*ping
	serial uint64
}

// ping is one of them, and how it has ended.
type ping struct {
	client *Client
	f      func(roundTripNs int64, err error)
	data   [8]byte
	since  int64 // monotonic ns
	took   int64 // ns
}

// Ping asks the peer to answer, and calls f when it has, with how long that took
// in ns, or with why it never will. f is called inside a turn. Any goroutine may
// call Ping, but no callback of this connection: see PingInTurn. An error is that
// of Err; ErrBusy if PingsMax are unanswered.
func (c *Client) Ping(f func(roundTripNs int64, err error)) error {
	was := c.enter()
	defer c.leave(&was)
	return c.PingInTurn(f)
}

// PingInTurn is Ping for who is in a turn already.
func (c *Client) PingInTurn(f func(roundTripNs int64, err error)) error {
	switch {
	case f == nil:
		panic("h2: bug: Ping without a callback")
	case c.isOver || c.isWriteOver:
		return c.gone()
	case len(c.pings.list) >= c.options.PingsMax:
		return message.ErrBusy
	}
	now, _ := c.host.Now()
	p := &ping{client: c, f: f, since: now}
	c.pings.serial++
	binary.BigEndian.PutUint64(p.data[:], c.pings.serial)
	c.pings.list = append(c.pings.list, p)
	c.conn.Ping(p.data)
	return nil
}

// first is the one that has been unanswered for longest; nil if there is none.
func (l *pings) first() *ping {
	if len(l.list) == 0 {
		return nil
	}
	return l.list[0]
}

// onPong is that the peer has answered. An answer to nothing says nothing.
func (c *Client) onPong(data [8]byte) {
	now, _ := c.host.Now()
	for i, p := range c.pings.list {
		if p.data == data {
			p.took = now - p.since
			c.callbacks.Later(transit.Call{X: p, What: transit.CallDone})
			c.pings.list = append(c.pings.list[:i], c.pings.list[i+1:]...)
			return
		}
	}
}

// fail is that none will be answered.
func (l *pings) fail(c *Client) {
	for _, p := range l.list {
		c.callbacks.Later(transit.Call{X: p, What: transit.CallDone, Err: c.gone()})
	}
	l.list = nil
}

// Run implements transit.Party.
func (p *ping) Run(call transit.Call) {
	p.client.contained(func() { p.f(p.took, call.Err) })
}

// Over implements transit.Party: nothing holds a ping.
func (*ping) Over() {}

// OverErr, IsTaken, IsLost and LostErr implement transit.Party: nobody waits for
// a ping but by its callback.
func (*ping) OverErr() error      { return nil }
func (*ping) IsTaken(uint64) bool { return true }
func (*ping) IsLost() bool        { return false }
func (*ping) LostErr() error      { return nil }
