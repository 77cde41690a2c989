package loop

import "math/bits"

// timers is a wheel of wheels: arming, disarming and finding who is due cost the
// same however many members a Loop has. Time is counted in ticks of 1 ms, and
// each of the levels has 64 slots:
//
//	level 0   slots of 1 ms
//	level 1   of 64 ms
//	level 2   of 4.1 s
//	level 3   of 4.4 min
//	level 4   of 4.7 h
//	level 5   of 12.4 d
//
// A member is in the slot that its tick lies in, at the highest level at which
// that isn't the slot of the present. When the present comes to a slot of a
// higher level, those in it move to lower ones: what is due within minutes
// moves three times at most.
//
// A member is in one slot at most. A deadline that moves away is left where it
// is: when it fires, its member looks at its deadline again. So does one that
// is farther away than ticks can be told apart. Nothing else fires early, and
// what fires does so less than a tick after it was due.
//
// Slots are lists of members, linked by their places in the Loop's table:
// nothing is ever allocated, and a member has 12 octets for it.
type timers struct {
	table   *table
	present int64 // the tick up to which slots are empty; the ticks of members are the low 32 bits of such
	used    [levels]uint64
	slots   [levels][slotsEach]link
	fired   link // the members whose tick is the present or has passed

	earliest int64 // the first tick that members are armed for
}

const (
	tickNs    = 1e6
	ticksMax  = 1<<31 - 2 // from the present to a member's tick: almost 25 days
	levels    = 6
	levelBits = 6
	slotsEach = 1 << levelBits
)

// link is a place in the table and 1; 0 for none.
type link = uint32

// begin makes t ready, at the time now.
func (t *timers) begin(of *table, now int64) { t.table, t.present = of, now/tickNs }

// next is when the first member is due, or before it, when some are to move to
// lower levels; 0 for never.
func (t *timers) next() int64 {
	if t.fired != 0 {
		return max(t.present*tickNs, 1)
	}
	_, _, tick := t.upcoming()
	return tick * tickNs
}

// arm makes m due at the time due at the latest; 0 for never.
func (t *timers) arm(m *member, due int64) {
	if due != 0 && (m.due == 0 || due <= (t.tick(m)-1)*tickNs) {
		t.move(m, due)
	}
}

// move makes m due at the time due.
func (t *timers) move(m *member, due int64) {
	t.disarm(m)
	ahead := max(min(max((due-1)/tickNs+1, t.earliest)-t.present, ticksMax), 0)
	m.due = max(uint32(t.present+ahead), 1) // 0 is for none, so one tick in 50 days is late
	t.insert(m)
}

// disarm takes m out.
func (t *timers) disarm(m *member) {
	if m.due == 0 {
		return
	}
	if m.after != 0 {
		t.at(m.after).before = m.before
	}
	if m.before != 0 {
		t.at(m.before).after = m.after
	} else if level, slot := t.place(m); level < 0 {
		t.fired = m.after
	} else if t.slots[level][slot] = m.after; m.after == 0 {
		t.used[level] &^= 1 << slot
	}
	m.due, m.before, m.after = 0, 0, 0
}

// pop takes out a member that is due at the time now, or returns nil.
func (t *timers) pop(now int64) *member {
	until := now / tickNs
	for t.fired == 0 {
		level, slot, tick := t.upcoming()
		if tick == 0 || tick > until {
			t.present = max(t.present, until)
			return nil
		}
		t.enter(level, slot, tick)
	}
	m := t.at(t.fired)
	t.disarm(m)
	return m
}

// at is the member that l leads to.
func (t *timers) at(l link) *member { return t.table.slots[l-1] }

// tick is m's tick in full.
func (t *timers) tick(m *member) int64 { return t.present + int64(int32(m.due-uint32(t.present))) }

// insert puts m, which is armed, where it belongs.
func (t *timers) insert(m *member) {
	first := &t.fired
	if level, slot := t.place(m); level >= 0 {
		first = &t.slots[level][slot]
		t.used[level] |= 1 << slot
	}
	m.before, m.after = 0, *first
	*first = m.slot + 1
	if m.after != 0 {
		t.at(m.after).before = *first
	}
}

// place is the slot where m belongs; its level is negative if m has fired. It
// stays the same until the present comes to that slot.
func (t *timers) place(m *member) (level, slot int) {
	tick := t.tick(m)
	if tick <= t.present {
		return -1, 0
	}
	level = min((bits.Len64(uint64(tick^t.present))-1)/levelBits, levels-1)
	return level, int(tick>>(level*levelBits)) % slotsEach
}

// upcoming is the first slot with members, and the tick at which it begins, or 0
// if there is none. The slots of a level all come before those of the next.
func (t *timers) upcoming() (level, slot int, tick int64) {
	for level, used := range t.used {
		if used != 0 {
			here := t.present >> (level * levelBits)
			ahead := bits.TrailingZeros64(bits.RotateLeft64(used, -int(here%slotsEach)))
			tick = here + int64(ahead)
			return level, int(tick % slotsEach), tick << (level * levelBits)
		}
	}
	return 0, 0, 0
}

// enter makes tick, at which a slot begins, the present: its members fire or
// move.
func (t *timers) enter(level, slot int, tick int64) {
	l := t.slots[level][slot]
	t.slots[level][slot] = 0
	t.used[level] &^= 1 << slot
	t.present = tick
	if level == 0 {
		t.fired = l
		return
	}
	for l != 0 {
		m := t.at(l)
		l = m.after
		t.insert(m)
	}
}
