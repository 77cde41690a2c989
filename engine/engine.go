// Package engine is the contract between an engine, which turns octets into
// exchanges and back, and the driver that moves the octets.
//
// Nouns: an [Engine] is one end of one connection of one protocol. A [Host] is
// what its driver offers it. A turn is one call that changes the engine: Read,
// ReadEOF, ReportWrite, Expire, ReportError or Shutdown. After a turn the
// driver asks NextRead, NextWrite and Deadline again.
//
// Turns of one engine are serialised by the driver, which holds the Host's
// lock during each of them and during each question. It never holds that lock
// across an operation on the flow. Code on other goroutines enters with
// Host.Lock, changes the engine, leaves with Host.Unlock and calls Host.Wake.
//
// A connection can leave its engine: Op Upgrade, and [Upgrader].
//
// Nothing in this package does anything: it has no I/O, no clock and no
// imports. The four engines of this module (HTTP/1.1 and HTTP/2, server and
// client) and the drivers in package loop meet here and nowhere else.
package engine

// Op is what an engine can use next in one direction.
type Op uint8

const (
	// Yield means nothing for now. The driver asks again after the next turn
	// and after Host.Wake.
	Yield Op = iota
	// Read means that the engine can use octets from the flow.
	Read
	// Write means that the engine has octets for the flow.
	Write
	// Close means that this direction is finished: nothing more is read from
	// the flow, or nothing more is written to it (the driver half-closes the
	// flow if it can). The two directions finish independently; the driver
	// closes the flow when both have.
	Close
	// Upgrade means that the connection is another protocol's from here on.
	// NextRead and NextWrite both say it, once all output has been written and
	// reported, and the engine, an Upgrader, is asked for nothing else any
	// more: see there. A driver that is still reading then stops, and keeps
	// what it has read.
	Upgrade
	// Abort, of NextWrite alone, means that the output is incomplete, and that
	// a plain end would hide it: the driver resets the flow, if it can be, and
	// closes it otherwise, so that the peer's reading fails instead of ending.
	// Then it tells ReportError. Octets that are lent needn't be written.
	Abort
)

// String is the name of the Op.
func (op Op) String() string {
	switch op {
	case Yield:
		return "Yield"
	case Read:
		return "Read"
	case Write:
		return "Write"
	case Close:
		return "Close"
	case Upgrade:
		return "Upgrade"
	case Abort:
		return "Abort"
	}
	return "an unknown Op"
}

// Engine is one end of one connection. No method blocks, and none allocates in
// steady state.
type Engine interface {
	// Attach gives the engine its host, once, before anything else.
	Attach(Host)

	// NextRead is Read, Yield, Close or Upgrade. It changes nothing.
	NextRead() Op
	// Read offers b: all octets received and not yet consumed, contiguous and
	// never empty. It returns how many of them the engine consumed; the rest
	// is offered again, at the front of the next b: with at least one more
	// octet behind it, or with ReadEOF; or, if NextRead was Yield after this
	// call, as it is, once NextRead is Read again. The engine keeps no slice
	// of b. It may overwrite what it consumes, and changes nothing else of b. It
	// may be called only when NextRead is Read.
	Read(b []byte) (n int)
	// ReadEOF is called once, when the flow has ended and NextRead is Read,
	// with what was left over. NextRead is Close from then on.
	ReadEOF(b []byte) (n int)

	// NextWrite is Write, Yield, Close, Upgrade or Abort, and with Write the octets to write,
	// of which there is at least one.
	// The vector and its slices are lent until the next ReportWrite or
	// ReportError: the driver doesn't change them (so it copies the vector
	// before handing it to anything that does), and the engine may append to
	// what it has not lent, but moves nothing that it has: neither octets nor
	// the vector's elements. Asked again before
	// ReportWrite, it lends the same octets again, perhaps with more behind.
	NextWrite() (Op, [][]byte)
	// ReportWrite says that the flow took the first n octets of those lent (n
	// may be less than all of them), or that it failed with err after n. The
	// driver writes no more after an error, but goes on reading while NextRead
	// is Read: an answer may have arrived before the peer went away. The peer
	// may have the octets before ReportWrite says so.
	ReportWrite(n int, err error)

	// Deadline is the monotonic time in ns, by Host.Now, at which Expire is to
	// be called; 0 for never. The driver reads it after each turn, and may
	// find that it has moved when its timer fires: it then re-arms.
	Deadline() int64
	// Expire says that the deadline has passed.
	Expire()

	// ReportError says that the flow is broken: nothing more can be read or
	// written. Both directions are Close afterwards; or NextWrite is Abort, if
	// the output is cut by that where a plain end would hide it. It is
	// idempotent.
	ReportError(err error)
	// Closed says whether both directions are finished.
	Closed() bool
	// Shutdown asks for a graceful end: what is in flight is finished, nothing
	// new is begun, then both directions are Close.
	Shutdown()
}

// Upgrader is an engine whose connection can become another protocol's.
type Upgrader interface {
	// Upgraded is called once, in a turn, when NextRead and NextWrite are
	// Upgrade. It is the last call that the engine has. The driver calls what
	// it returns outside of turns, on a goroutine where it may block, with the
	// flow, and with a copy of the octets that it has read and the engine has
	// not consumed. Flow and octets aren't the driver's any more: it limits
	// nothing, waits for nothing, and closes nothing.
	Upgraded() func(s Stream, rest []byte)
}

// Stream is a connection that has left its engine. Its type is a literal, so
// that no package has to import another for it.
type Stream = interface {
	Read(p []byte) (n int, err error)
	Write(p []byte) (n int, err error)
	Close() error
}

// Host is what a driver offers to the engine that it drives: one Host for each
// connection.
type Host interface {
	// Now is the driver's clock: monotonic time in ns (its zero is the
	// driver's choice, and it is never 0 itself) and wall-clock time in
	// seconds since 1970 UTC. It may be as old as the driver's last batch of
	// events.
	Now() (mono, unix int64)

	// Wake says that the engine has work that the driver hasn't seen. It only
	// enqueues: it never calls the engine, never blocks, and is never lost. It
	// may be called from any goroutine, with or without the lock.
	Wake()

	// Get is a buffer of n octets or more of capacity, of length 0, from the
	// driver's pool; Put gives one back that Get gave. Both may be called by
	// any goroutine.
	Get(n int) []byte
	Put(b []byte)

	// Keep gives v, memory that the engine doesn't need while its connection is
	// at rest, to the driver, for the engine of any connection that Takes with
	// an equal key: a type of the engine's, so that keys are few. Nothing of what
	// the connection knows is left in v. The driver keeps so many of a key, and
	// lets the others go. Take is one that was kept, or nil, and for how many ns
	// a connection is to have been idle before it gives it back: as soon as that
	// costs this driver little. Both may be called by any goroutine.
	Keep(key, v any)
	Take(key any) (v any, idleNs int64)

	// Lock and Unlock serialise other goroutines with the turns. The driver
	// holds this lock when it calls the engine, so an engine must not take it
	// inside a turn.
	Lock()
	Unlock()
	// Wait gives the lock up, waits until Signal is called (or returns for no
	// reason, as condition variables do), and takes the lock again. It is for
	// goroutines of handlers: never inside a turn.
	Wait()
	// Signal wakes every goroutine in Wait. The lock is held by the caller.
	Signal()
}

// Task is work that may block, such as a handler.
type Task interface{ Run() }

// Executor runs tasks on goroutines that it owns. Engines start no goroutine.
type Executor interface {
	// Execute runs t soon on another goroutine. It doesn't block. It is false,
	// and t will not run, when the executor is at its cap: tasks are never
	// queued behind running ones, for that deadlocks when a task waits for
	// another.
	Execute(t Task) bool
}
