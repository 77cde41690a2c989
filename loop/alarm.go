package loop

import "time"

// alarm goes off at the time of a deadline, or before.
type alarm struct {
	timer *time.Timer // made by the first deadline
	armed int64       // when it goes off; 0 if it doesn't
}

// set makes the alarm go off after d, which is at the time due.
func (a *alarm) set(due int64, d time.Duration, r *runner) {
	a.armed = due
	if a.timer == nil {
		a.timer = time.AfterFunc(d, func() { r.request(requestExpire) })
		return
	}
	a.timer.Reset(d)
}

// stop makes it never go off.
func (a *alarm) stop() {
	if a.timer != nil {
		a.timer.Stop()
	}
}
