package loop

import "sync/atomic"

// attendance counts the goroutines that attend to a runner: that will look
// again at what there is to do before they block. It is why no Wake is lost:
// while somebody attends, a Wake leaves a mark that nobody leaves without
// seeing; while nobody does, it brings somebody.
//
// One word holds everything, so that each step is one exchange:
//
//	bit 0        woken: a Wake has come since somebody looked
//	bit 1        parked: the main goroutine waits on parking
//	bit 2        finished: the connection has ended
//	bits 8-31    goroutines that attend
//	bits 32-55   helpers: goroutines but the main one, attending or blocked
type attendance struct {
	word    atomic.Uint64
	parking chan struct{} // made by the main goroutine
}

const (
	isWoken    = 1 << 0
	isParked   = 1 << 1
	isFinished = 1 << 2
	oneAttends = 1 << 8
	oneHelps   = 1 << 32

	attendMask = (1<<24 - 1) * oneAttends
	helpMask   = (1<<24 - 1) * oneHelps
)

// begin is where the main goroutine begins.
func (a *attendance) begin() {
	a.parking = make(chan struct{}, 1)
	a.word.Store(oneAttends)
}

// wake makes sure that somebody looks. It is true if the caller must start a
// helper, which counts already.
func (a *attendance) wake() (mustStart bool) {
	for {
		was := a.word.Load()
		var now uint64
		switch {
		case was&isFinished != 0:
			return false
		case was&attendMask != 0:
			now = was | isWoken
		case was&isParked != 0:
			now = was&^isParked + oneAttends
		default:
			now = was + oneAttends + oneHelps
		}
		if !a.word.CompareAndSwap(was, now) {
			continue
		}
		if was&attendMask != 0 {
			return false
		}
		if was&isParked != 0 {
			a.parking <- struct{}{}
			return false
		}
		return true
	}
}

// leave ends attending before a call that may block. It is false if the
// caller must look again instead.
func (a *attendance) leave() bool {
	for {
		was := a.word.Load()
		if was&isWoken != 0 {
			if a.word.CompareAndSwap(was, was&^isWoken) {
				return false
			}
		} else if a.word.CompareAndSwap(was, was-oneAttends) {
			return true
		}
	}
}

// look is that the caller, who attends, looks again now.
func (a *attendance) look() { a.word.And(^uint64(isWoken)) }

// enter attends again after such a call.
func (a *attendance) enter() { a.word.Add(oneAttends) }

// recall makes the main goroutine attend if it is parked.
func (a *attendance) recall() bool {
	for {
		was := a.word.Load()
		if was&isParked == 0 {
			return false
		}
		if a.word.CompareAndSwap(was, was&^isParked+oneAttends) {
			a.parking <- struct{}{}
			return true
		}
	}
}

// finish says that the connection has ended.
func (a *attendance) finish() {
	a.word.Or(isFinished)
	a.recall()
}

// rest is for who has nothing to do. A helper leaves: true. The main
// goroutine leaves if the connection has ended and it is the last, else it
// parks until it is woken: false.
func (a *attendance) rest(isMain bool) (isOver bool) {
	for {
		was := a.word.Load()
		if was&isWoken != 0 {
			if a.word.CompareAndSwap(was, was&^isWoken) {
				return false
			}
			continue
		}
		if !isMain {
			if now := was - oneAttends - oneHelps; a.word.CompareAndSwap(was, now) {
				if now&isFinished != 0 && now&helpMask == 0 {
					a.recall()
				}
				return true
			}
			continue
		}
		if was&isFinished != 0 && was&helpMask == 0 {
			return true
		}
		if a.word.CompareAndSwap(was, was-oneAttends|isParked) {
			<-a.parking
			return false
		}
	}
}
