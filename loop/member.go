package loop

import (
	"sync"

	"github.com/specht-http/specht/flow"
)

// member is who has turns on a Loop: a connection or an acceptor.
type member struct {
	loop  *Loop
	owner turner
	slot  uint32 // its place in the table
	age   uint32 // of the slot: tells the slot's owners apart

	due           uint32 // its tick, by timers; 0 for none
	before, after link   // its neighbours there

	pending cause   // why it is queued; under the queue's lock
	next    *member // in the queue; under the queue's lock
}

// turner is what a member is. The Loop's goroutine calls it.
type turner interface {
	// turn does what there is to do.
	turn(why cause)
	// expire is called when the member is due.
	expire(now int64)
	// abandon lets everything go at once.
	abandon()
}

// cause is why a member has a turn.
type cause uint8

const (
	causeReadable = cause(flow.Readable)
	causeWritable = cause(flow.Writable)
	causeEnded    = cause(flow.Ended)
	causeAdded    = cause(1 << 3) // it is new
	causeWoken    = cause(1 << 4) // Host.Wake
	causeAgain    = cause(1 << 5) // it was stopped by its budget
	causeShutdown = cause(1 << 6) // the Loop shuts down
)

// token names m to flows and Pollers.
func (m *member) token() uint64 { return uint64(m.age)<<32 | uint64(m.slot) }

// queue is the members that have something to do, in the order in which that
// came up, each once. Any goroutine may push.
type queue struct {
	mu         sync.Mutex
	head, tail *member
	len        int
	isAsleep   bool // the Loop's goroutine waits, or is about to, and must be woken
	table      table
}

// push queues m, and says whether the Loop's goroutine must be woken.
func (q *queue) push(m *member, why cause) (mustWake bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.pushLocked(m, why)
}

func (q *queue) pushLocked(m *member, why cause) (mustWake bool) {
	if m.pending == 0 {
		if q.tail == nil {
			q.head = m
		} else {
			q.tail.next = m
		}
		q.tail = m
		q.len++
	}
	m.pending |= why
	mustWake, q.isAsleep = q.isAsleep, false
	return mustWake
}

// pop takes the first member out, or returns nil.
func (q *queue) pop() (*member, cause) {
	q.mu.Lock()
	defer q.mu.Unlock()
	m := q.head
	if m == nil {
		return nil, 0
	}
	why := m.pending
	if q.head = m.next; q.head == nil {
		q.tail = nil
	}
	m.next, m.pending = nil, 0
	q.len--
	return m, why
}

// size is how many members are queued.
func (q *queue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.len
}

// sleep says that the Loop's goroutine is about to wait, and is false if it
// must not because something is queued.
func (q *queue) sleep() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.isAsleep = q.len == 0
	return q.isAsleep
}

// rise says that the Loop's goroutine is awake.
func (q *queue) rise() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.isAsleep = false
}

// table finds members by their tokens. It is changed by the Loop's goroutine
// alone, under the queue's lock, so that goroutine reads it without.
type table struct {
	slots []*member
	free  []uint32
	age   uint32
}

// insert gives m a slot.
func (t *table) insert(m *member) {
	t.age++
	m.age = t.age
	if k := len(t.free) - 1; k >= 0 {
		m.slot = t.free[k]
		t.free = t.free[:k]
		t.slots[m.slot] = m
		return
	}
	m.slot = uint32(len(t.slots))
	t.slots = append(t.slots, m)
}

// remove takes m's slot away.
func (t *table) remove(m *member) {
	t.slots[m.slot] = nil
	t.free = append(t.free, m.slot)
}

// isEmpty says whether nobody has a slot.
func (t *table) isEmpty() bool { return len(t.free) == len(t.slots) }

// find is the member with a token, or nil if it has gone.
func (t *table) find(token uint64) *member {
	slot := uint32(token)
	if int(slot) >= len(t.slots) {
		return nil
	}
	m := t.slots[slot]
	if m == nil || m.age != uint32(token>>32) {
		return nil
	}
	return m
}
