package loop

import (
	"errors"
	"sync"
	"time"

	"github.com/specht-http/specht/flow"
)

// openingFlow is a blocking flow that has to be opened before it is driven.
type openingFlow struct {
	flow flow.Opener

	opened chan error    // what opening it came to; has room for it
	isCut  chan struct{} // closed when it is cut

	mu         sync.Mutex
	isUnderWay bool
	err        error // why it was cut

	// Under the Group's lock:
	isListed      bool
	before, after *runner // those that began to open before and after it
}

// errGoexit is why a flow isn't opened whose Open never returns.
var errGoexit = errors.New("loop: opening the flow has ended its goroutine")

// newOpeningFlow is f, which isn't open.
func newOpeningFlow(f flow.Opener) *openingFlow {
	return &openingFlow{flow: f, opened: make(chan error, 1), isCut: make(chan struct{})}
}

// run opens the flow, on a goroutine of its own: who waits for it needn't wait
// for a callback in it that doesn't return, and a handshake leaves no deep stack
// behind.
func (o *openingFlow) run() {
	err := errGoexit
	defer func() { o.opened <- err }()
	err = o.flow.Open()
}

// open opens the flow, if it has to be opened. One that is cut may go on opening,
// as long as something there takes no notice of that.
func (r *runner) open() error {
	o := r.opening
	if o == nil {
		return nil
	}
	o.mu.Lock()
	o.isUnderWay = true
	err := o.err
	o.mu.Unlock()
	if err != nil {
		return err
	}
	if r.options.OpenTimeout > 0 {
		timer := time.AfterFunc(r.options.OpenTimeout, func() { r.cut(ErrOpenTimeout) })
		defer timer.Stop()
	}
	go o.run()
	select {
	case err = <-o.opened:
	case <-o.isCut:
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.isUnderWay = false
	if o.err != nil {
		return o.err
	}
	return err
}

// cut makes the flow never open because of err, unless it is open already.
func (r *runner) cut(err error) {
	o := r.opening
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return
	}
	o.err = err
	close(o.isCut)
	if o.isUnderWay {
		_ = r.flow.Close() // that unblocks it, and nobody else is left to be told
	}
}

// refuse ends a connection whose flow can't be opened because of err, and
// tells the engine if there is one.
func (r *runner) refuse(err error) {
	r.err = err
	r.mu.Lock()
	if r.engine != nil {
		r.engine.Attach(r)
		r.engine.ReportError(err)
	}
	r.mu.Unlock()
	_ = r.flow.Close() // it is of no use
	r.attendance.finish()
}
