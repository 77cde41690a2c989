package h2

import (
	"math/bits"

	"github.com/specht-http/specht/frames"
)

// Credits pay for what a peer can make us do by frames that cost it little: rows
// of the tables say which frame takes one of which (spec/budget.md), and what is
// used up is an ENHANCE_YOUR_CALM. Honest work refills some of them, and time all,
// from nothing to whole in CreditRefillNs. A negative value turns one off.
type Credits struct {
	Resets        int // streams that end before their time, and frames for streams that have ended
	WindowUpdates int // WINDOW_UPDATE, beyond those that our content pays for
	Priorities    int // PRIORITY and PRIORITY_UPDATE
	Settings      int // SETTINGS
	Pings         int // PING
	Empties       int // frames that bring a message no further
	Unknowns      int // frames of unknown types
}

// CreditRefillNs is in what time credit that is used up is whole again, in ns.
const CreditRefillNs = 60 * second

// creditBudgets are the budgets that are credits, creditFirst is the first of
// them by its bit, in the order of the fields of Credits.
const (
	creditBudgets = BudgetResetCredit | BudgetWindowUpdateCredit | BudgetPriorityCredit | BudgetSettingsCredit |
		BudgetPingCredit | BudgetEmptyCredit | BudgetUnknownCredit
	creditCount = 7
)

var creditFirst = bits.TrailingZeros16(uint16(creditBudgets))

// credits are what is left of each.
type credits struct {
	remaining, most [creditCount]int32
	filled          int64 // when time has last refilled them, monotonic ns
}

func (k *credits) fill(o *Credits) {
	k.most = [creditCount]int32{
		int32(o.Resets), int32(o.WindowUpdates), int32(o.Priorities), int32(o.Settings), int32(o.Pings), int32(o.Empties), int32(o.Unknowns),
	}
	k.remaining = k.most
}

// earn is that honest work gives n of a credit back.
func (k *credits) earn(b Budget, n int32) {
	i := bits.TrailingZeros16(uint16(b)) - creditFirst
	k.remaining[i] = min(k.remaining[i]+n, k.most[i])
}

// Refill gives back what time gives: now is monotonic ns.
func (c *Conn) Refill(now int64) {
	k := &c.credits
	if k.filled == 0 {
		k.filled = now
		return
	}
	elapsed := now - k.filled
	if elapsed < CreditRefillNs/64 {
		return
	}
	k.filled = now
	elapsed = min(elapsed, CreditRefillNs)
	for i := range k.remaining {
		k.remaining[i] = min(k.remaining[i]+int32(int64(k.most[i])*(elapsed/1000)/(CreditRefillNs/1000))+1, k.most[i])
	}
}

// pay takes one of each credit in b, for what the frame that is being read makes
// us do. It is EventFailed if there is none left. What else is in b is bounded
// where it is counted.
func (c *Conn) pay(b Budget) Event {
	for b &= creditBudgets; b != 0; b &= b - 1 {
		i := bits.TrailingZeros16(uint16(b)) - creditFirst
		k := &c.credits
		if k.remaining[i]--; k.remaining[i] < 0 && k.most[i] >= 0 {
			limit := (b & -b).Limit()
			return c.fail(frames.CodeEnhanceYourCalm, "more than is paid for: nothing is left of "+limit)
		}
	}
	return EventMore
}
