package h1

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// incoming is the content of a message on its way to the application, of a
// request at a server or of a response at a client: by Read out of the store,
// or by the callback straight out of the window. What the callback doesn't take
// goes to the store, too.
type incoming struct {
	store     store
	onContent any   // the callback, as recipient.call knows it; nil if there is none
	lack      error // why there is no more content, while it is thrown away
	discarded int64 // octets of content that nobody wanted

	isDiscarding bool // content is thrown away
	isPaused     bool // onContent has taken less than it was given
	isResumed    bool // Resume has been called since it was called last
}

// recipient is an exchange whose content is incoming.
type recipient interface {
	// call calls the callback, and lets no panic through.
	call(p []byte, err error) (n int)
	// contentErr is why no content comes after what is stored; nil if some may.
	contentErr() error
	// laterContent has the callback given what is stored at the end of the
	// turn, laterEnd has it called for the last time.
	laterContent()
	laterEnd(err error)
	// contentOver is that the callback has been called for the last time.
	contentOver()
}

// arrive takes content in, which is valid during the call. window is how much
// is kept at most.
func (c *incoming) arrive(h engine.Host, x recipient, p []byte, window int) {
	if c.isDiscarding {
		c.discarded += int64(len(p))
		return
	}
	if c.onContent != nil && !c.isPaused && c.store.size() == 0 {
		n := c.deliver(x, p)
		if c.isDiscarding { // it was given up meanwhile
			return
		}
		p = p[n:]
	}
	c.store.add(h, p, window)
}

// deliver gives content to the callback, and returns how much it took.
func (c *incoming) deliver(x recipient, p []byte) int {
	c.isResumed = false
	n := x.call(p, nil)
	if n < 0 || n > len(p) {
		panic("h1: bug: OnContent's callback took octets that it wasn't given")
	}
	if c.isPaused = n < len(p); c.isPaused && c.isResumed { // by the call itself
		x.laterContent()
	}
	return n
}

// deliverStored gives the callback what is stored, then the end.
func (c *incoming) deliverStored(h engine.Host, x recipient) {
	for c.onContent != nil && !c.isPaused && c.store.size() > 0 {
		n := c.deliver(x, c.store.octets())
		if c.store.size() > 0 { // it isn't discarded meanwhile
			c.store.take(h, n)
		}
	}
	if c.onContent != nil && !c.isPaused {
		if err := x.contentErr(); err != nil {
			c.notifyEnd(x, err)
		}
	}
}

// notifyEnd calls the callback for the last time.
func (c *incoming) notifyEnd(x recipient, err error) {
	if c.onContent != nil {
		x.call(nil, err)
		c.onContent = nil
		x.contentOver()
	}
}

// read is Read in a turn.
func (c *incoming) read(h engine.Host, x recipient, p []byte) (int, error) {
	if c.onContent != nil {
		return 0, &message.MisuseError{Call: "Read", Rule: "content goes to OnContent's callback"}
	}
	if n := copy(p, c.store.octets()); n > 0 {
		c.store.take(h, n)
		return n, nil
	}
	if err := x.contentErr(); err != nil || len(p) == 0 {
		return 0, err
	}
	return 0, message.ErrWouldBlock
}

// resume is Resume in a turn. Called by the callback itself, it is kept until
// that has returned.
func (c *incoming) resume(x recipient) {
	if c.isPaused && !c.isResumed {
		x.laterContent()
	}
	c.isResumed = true
}

// discard throws away what is stored, and what comes. err is why, which whoever
// still reads is told.
func (c *incoming) discard(h engine.Host, x recipient, err error) {
	c.isDiscarding, c.lack = true, err
	c.discarded += int64(c.store.size())
	c.store.clear(h)
	if c.onContent != nil {
		x.laterEnd(err)
	}
}
