package loop

import (
	"errors"
	"fmt"
	"time"

	"github.com/specht-http/specht/flow"
)

// Event is what a Poller has to say: what can be tried again, of whom.
type Event struct {
	Token uint64
	Ready flow.Readiness
}

// Poller is what a Loop waits with. One goroutine, the Loop's, calls all but
// Wake. Flows that announce their own readiness don't pass here: the Loop
// queues them, and is woken.
type Poller interface {
	// Add watches a descriptor: edges of Readable and Ended are reported with
	// the token, the first if it is readable already.
	Add(descriptor int, token uint64) error
	// WatchWrites begins or ends to report edges of Writable too, the first
	// if it is writable already.
	WatchWrites(descriptor int, token uint64, on bool) error
	// Remove ends watching. Closing the descriptor does so too.
	Remove(descriptor int) error
	// Wait waits for events, until timeoutNs have passed (negative: for ever)
	// or Wake is called, and fills in those that there are; events has room
	// for 256. With isShared, other goroutines have had to do with the Loop
	// lately: waiting must leave the processor to them.
	Wait(events []Event, timeoutNs int64, isShared bool) (n int, err error)
	// Wake makes a Wait return, the current or the next. Any goroutine may
	// call it.
	Wake()
	// Close lets the Poller's resources go.
	Close() error
}

// queuePoller watches no descriptors: it only sleeps and is woken.
type queuePoller struct {
	woken chan struct{}
	timer *time.Timer
}

// NewQueue is a Poller for flows that announce their own readiness, such as
// those in memory. It needs nothing of the system, works on every platform,
// and refuses descriptors.
func NewQueue() Poller { return &queuePoller{woken: make(chan struct{}, 1)} }

var errNoDescriptors = fmt.Errorf("loop: this loop waits with a queue and watches no descriptors: make it with the system's Poller: %w", errors.ErrUnsupported)

func (p *queuePoller) Add(int, uint64) error               { return errNoDescriptors }
func (p *queuePoller) WatchWrites(int, uint64, bool) error { return errNoDescriptors }
func (p *queuePoller) Remove(int) error                    { return errNoDescriptors }
func (p *queuePoller) Close() error                        { return nil }

func (p *queuePoller) Wake() {
	select {
	case p.woken <- struct{}{}:
	default:
	}
}

func (p *queuePoller) Wait(_ []Event, timeoutNs int64, _ bool) (int, error) {
	if timeoutNs == 0 {
		return 0, nil
	}
	if timeoutNs < 0 {
		<-p.woken
		return 0, nil
	}
	if p.timer == nil {
		p.timer = time.NewTimer(time.Duration(timeoutNs))
	} else {
		p.timer.Reset(time.Duration(timeoutNs))
	}
	select {
	case <-p.woken:
		p.timer.Stop()
	case <-p.timer.C:
	}
	return 0, nil
}
