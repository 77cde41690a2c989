// Package flow says what a byte stream is.
//
// Nouns: a [Flow] is a byte stream whose operations block; a [Poll] is one
// whose operations never do, and whose readiness is announced. A [Listener]
// and a [PollListener] give such flows, one for each connection that a peer
// opens. The kinds live in packages of their own: flow/tcp, flow/unix and
// flow/mem; flow/pump makes polling flows of blocking ones.
//
// A flow knows no protocol and starts no goroutine. It keeps nothing of a
// slice that it is given once the call has returned (the rule of io.Writer),
// and it changes none that it is given to write.
//
// One goroutine may read while another writes; reads among themselves, and
// writes among themselves, come one at a time. Close, CloseRead, CloseWrite
// and the deadlines may be called by any goroutine at any time, and Close
// unblocks what is blocked.
//
// This package builds on every platform and does nothing by itself.
package flow

import (
	"io"
	"net/netip"
	"time"
)

// Flow is a byte stream whose operations block. Read returns io.EOF once the
// peer has finished writing and its octets have been read. What else a flow
// can do is found by the optional interfaces: [CloseReader], [CloseWriter],
// [VectorWriter], [LateReader], [Deadliner], [Resetter] and [Addressed].
type Flow interface {
	io.ReadWriteCloser
}

// CloseReader is a flow that can finish its reading direction alone: a
// blocked Read returns.
type CloseReader interface {
	CloseRead() error
}

// CloseWriter is a flow that can finish its writing direction alone: the peer
// reads what is under way, then io.EOF.
type CloseWriter interface {
	CloseWrite() error
}

// VectorWriter is a flow that writes several slices in one operation. Unlike
// Write it may take fewer octets than it is given without an error, but at
// least one; n counts those that it took, from the front. Neither v nor its
// slices are changed.
type VectorWriter interface {
	WriteVector(v [][]byte) (n int, err error)
}

// LateReader is a flow that needs no buffer while it waits for octets.
type LateReader interface {
	// ReadLate is Read into a buffer that l lends when there may be something
	// to read. The n octets are in the one that was lent last; if n is 0, that
	// was given back.
	ReadLate(l Lender) (n int, err error)
}

// Lender lends one buffer at a time, on the goroutine that reads.
type Lender interface {
	// Lend is a buffer to read into, of one octet at least.
	Lend() []byte
	// Return gives it back, unused.
	Return()
}

// Deadliner is a flow whose blocked operations end at a given time, with an
// error that matches os.ErrDeadlineExceeded. The zero time is no deadline; a
// time in the past unblocks at once.
type Deadliner interface {
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
}

// Resetter is a flow, blocking or not, that can be closed so that the peer's
// reading fails, and doesn't end: what is under way may be lost. Reset may be
// called as Close may, and instead of it.
type Resetter interface {
	Reset()
}

// Addressed is a flow, blocking or not, that knows the address of its peer.
// It is the zero AddrPort where peers have none, as on a Unix socket.
type Addressed interface {
	Peer() netip.AddrPort
}

// Listener gives a Flow for each connection that a peer opens.
type Listener interface {
	// Accept waits for the next connection. After Close its error matches
	// net.ErrClosed.
	Accept() (Flow, error)
	// Close stops listening and unblocks Accept.
	Close() error
	// Addr is where peers reach the listener, in the form that its Listen
	// function takes.
	Addr() string
}

// AcceptDeadliner is a Listener whose Accept ends at a given time, with an error
// that matches os.ErrDeadlineExceeded. The zero time is no deadline. With a time
// in the past Accept doesn't wait, also one that is under way: it gives what
// waits to be accepted, or that error. So a listener can be emptied before it is
// closed.
type AcceptDeadliner interface {
	SetAcceptDeadline(t time.Time) error
}
