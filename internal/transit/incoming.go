package transit

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// Incoming is the content of a message on its way to the application, of a
// request at a server or of a response at a client: by Read out of the store,
// or by the callback straight out of the window. What the callback doesn't take
// goes to the store, too.
type Incoming struct {
	Store     Store
	OnContent any   // the callback, as Recipient.Call knows it; nil if there is none
	Lack      error // why there is no more content, while it is thrown away
	Discarded int64 // octets of content that nobody wanted

	IsDiscarding bool // content is thrown away
	IsPaused     bool // OnContent has taken less than it was given
	isResumed    bool // Resume has been called since it was called last
}

// Recipient is an exchange whose content is incoming.
type Recipient interface {
	// Call calls the callback, and lets no panic through.
	Call(p []byte, err error) (n int)
	// ContentErr is why no content comes after what is stored; nil if some may.
	ContentErr() error
	// LaterContent has the callback given what is stored at the end of the
	// turn, LaterEnd has it called for the last time.
	LaterContent()
	LaterEnd(err error)
	// ContentOver is that the callback has been called for the last time.
	ContentOver()
}

// Arrive takes content in, which is valid during the call. window is how much
// is kept at most.
func (c *Incoming) Arrive(h engine.Host, x Recipient, p []byte, window int) {
	if c.IsDiscarding {
		c.Discarded += int64(len(p))
		return
	}
	if c.OnContent != nil && !c.IsPaused && c.Store.Size() == 0 {
		n := c.deliver(x, p)
		if c.IsDiscarding { // it was given up meanwhile
			return
		}
		p = p[n:]
	}
	c.Store.Add(h, p, window)
}

// deliver gives content to the callback, and returns how much it took.
func (c *Incoming) deliver(x Recipient, p []byte) int {
	c.isResumed = false
	n := x.Call(p, nil)
	if n < 0 || n > len(p) {
		panic("transit: bug: OnContent's callback took octets that it wasn't given")
	}
	if c.IsPaused = n < len(p); c.IsPaused && c.isResumed { // by the call itself
		x.LaterContent()
	}
	return n
}

// DeliverStored gives the callback what is stored, then the end.
func (c *Incoming) DeliverStored(h engine.Host, x Recipient) {
	for c.OnContent != nil && !c.IsPaused && c.Store.Size() > 0 {
		n := c.deliver(x, c.Store.Octets())
		if c.Store.Size() > 0 { // it isn't discarded meanwhile
			c.Store.Take(h, n)
		}
	}
	if c.OnContent != nil && !c.IsPaused {
		if err := x.ContentErr(); err != nil {
			c.NotifyEnd(x, err)
		}
	}
}

// NotifyEnd calls the callback for the last time.
func (c *Incoming) NotifyEnd(x Recipient, err error) {
	if c.OnContent != nil {
		x.Call(nil, err)
		c.OnContent = nil
		x.ContentOver()
	}
}

// Read is Read in a turn.
func (c *Incoming) Read(h engine.Host, x Recipient, p []byte) (int, error) {
	if c.OnContent != nil {
		return 0, &message.MisuseError{Call: "Read", Rule: "content goes to OnContent's callback"}
	}
	if n := copy(p, c.Store.Octets()); n > 0 {
		c.Store.Take(h, n)
		return n, nil
	}
	if err := x.ContentErr(); err != nil || len(p) == 0 {
		return 0, err
	}
	return 0, message.ErrWouldBlock
}

// Resume is Resume in a turn. Called by the callback itself, it is kept until
// that has returned.
func (c *Incoming) Resume(x Recipient) {
	if c.IsPaused && !c.isResumed {
		x.LaterContent()
	}
	c.isResumed = true
}

// Discard throws away what is stored, and what comes. err is why, which whoever
// still reads is told.
func (c *Incoming) Discard(h engine.Host, x Recipient, err error) {
	c.IsDiscarding, c.Lack = true, err
	c.Discarded += int64(c.Store.Size())
	c.Store.Clear(h)
	if c.OnContent != nil {
		x.LaterEnd(err)
	}
}
