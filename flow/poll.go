package flow

import "errors"

// ErrWouldBlock is what a Poll and a PollListener answer instead of blocking:
// nothing failed, and readiness is announced when it is worth trying again.
var ErrWouldBlock = errors.New("flow: the operation would block")

// Poll is a byte stream whose operations never block.
//
// Readiness is announced by edges. A flow is drained when TryRead has
// returned fewer octets than asked for, or ErrWouldBlock; it is full when
// TryWrite has returned ErrWouldBlock. Once drained or full, the flow
// announces when that has changed (also when it ended or broke), and not
// before. How it does so is one of two optional interfaces, of which a Poll
// has at least one: [Described] or [Announcing].
type Poll interface {
	// TryRead reads up to len(b) octets. It returns io.EOF once the peer has
	// finished writing and its octets have been read. n is 0 with an error.
	TryRead(b []byte) (n int, err error)
	// TryWrite writes the slices of v in order, and returns how many octets
	// the flow took from the front. Fewer than all come with an error, which
	// is ErrWouldBlock if the flow is full. Neither v nor its slices are
	// changed.
	TryWrite(v [][]byte) (n int, err error)
	// CloseWrite finishes the writing direction: the peer reads what is under
	// way, then io.EOF.
	CloseWrite() error
	// Close ends both directions and lets the flow's resources go.
	Close() error
}

// PollListener gives a Poll for each connection that a peer opens. Like a
// Poll it is Described or Announcing; it is drained when TryAccept has
// returned ErrWouldBlock.
type PollListener interface {
	// TryAccept returns the next connection, or ErrWouldBlock. Another error
	// concerns one connection, or the shortage of something (EMFILE): the
	// listener is still good.
	TryAccept() (Poll, error)
	// Close stops listening. Connections that wait to be accepted are reset.
	Close() error
	// Addr is where peers reach the listener, in the form that its Listen
	// function takes.
	Addr() string
}

// Described is a Poll or PollListener whose readiness the operating system
// announces, by a file descriptor. The descriptor stays the flow's: who asks
// for it may watch it until Close, and nothing else.
type Described interface {
	Descriptor() int
}

// Announcing is a Poll or PollListener that announces its readiness itself.
type Announcing interface {
	// Announce says whom to tell, and by which token. What is ready already
	// is told at once. A nil Notifier ends it.
	Announce(to Notifier, token uint64)
}

// Blockable is a Poll that can become a Flow: one of the same connection, with
// the octets that haven't been read yet. Before, whoever watches the Poll has
// ended that. Afterwards the Poll is closed, which leaves the connection open.
// With an error it is as before.
type Blockable interface {
	Block() (Flow, error)
}

// Readiness is what can be tried again.
type Readiness uint8

const (
	// Readable means that TryRead or TryAccept is worth trying.
	Readable Readiness = 1 << iota
	// Writable means that TryWrite is worth trying.
	Writable
	// Ended means that the peer has finished writing, or that the flow is
	// broken: what remains to be read ends in io.EOF or an error, and no
	// further edge comes for it, so TryRead is worth trying until then.
	Ended
)

// Notifier is told of readiness. Ready only enqueues: it never blocks and
// never calls the flow back, so a flow may call it from any goroutine, also
// inside TryRead and TryWrite and with its own locks held.
type Notifier interface {
	Ready(token uint64, r Readiness)
}
