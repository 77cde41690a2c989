package loop

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
)

// Options are what a driver can be told. The zero value is good.
type Options struct {
	// Clock is the driver's time; nil for the system's. With a Clock that
	// doesn't follow the system's, drive a Loop by Step: what waits, waits by
	// the system's time.
	Clock Clock
	// Pool is where buffers come from; nil for one of the driver's own.
	Pool *Pool
	// ReadOctets is the most that one read takes; 0 for 65,536. A Loop has
	// one such buffer for all its connections, a Run begins with a small one
	// and grows it while reads fill it. It is 1 GiB at most.
	ReadOctets int
	// WindowOctetsMax is the most input that an engine can leave unconsumed;
	// 0 for 1 MiB. Engines have smaller limits of their own: an engine that
	// consumes nothing of so much has a bug, and is told so by ReportError. It
	// is 1 GiB at most.
	WindowOctetsMax int
	// TurnsMax is how many reads and writes a Loop does for a connection
	// before it looks after the others; 0 for 16. One that moves more than
	// 4 KiB counts as several.
	TurnsMax int
	// WriteStall is how long the flow may take nothing of what an engine has
	// for it, or too little (WriteOctetsPerSecondMin), before the connection is
	// broken with ErrWriteStalled; 0 for a minute, negative for ever. Where
	// writes block, one of up to 64 KiB has this long.
	WriteStall time.Duration
	// WriteOctetsPerSecondMin is the rate at which the flow must take octets
	// while it is full, measured over stretches of WriteStall: a peer that
	// reads an octet now and then is stalled, too. 0 for 240, negative for
	// none.
	WriteOctetsPerSecondMin int64
	// ConnectionsMax is how many connections a driver may have before its
	// listeners aren't accepted from; it goes on when one ends. A Group then
	// holds one more for each listener, which it doesn't drive yet. 0 for
	// 100,000, negative for no limit. Add isn't refused.
	ConnectionsMax int
	// HeldOctetsMax is how many octets of buffers the connections of a Loop may
	// hold together: input that nobody has taken, what their engines keep, and
	// what their flows do that are layers (flow.Layer), such as TLS.
	// Past it, connections that hold something aren't read from until there is
	// room, and what passes their deadlines meanwhile does; those that hold
	// less than 4 KiB are read up to that. It goes by the sizes of buffers. 0
	// for 256 MiB, negative for no limit. A Group has none.
	HeldOctetsMax int64
	// OpenTimeout is how long a flow may take to open (flow.Opener: a TLS
	// handshake); 0 for 10 s, negative for ever. Then it is closed, and nobody
	// waits for an Open that goes on all the same.
	OpenTimeout time.Duration
	// OpeningMax is how many flows may be opening at once; one more, and the
	// one that has taken longest is closed. 0 for 4,096, negative for no
	// limit.
	OpeningMax int
	// OnOpenError is told of flows that could not be opened, before they are
	// closed: it may be nil. Any goroutine of the driver calls it, and waits
	// for it.
	OnOpenError func(f any, err error)
	// OnPanic is told what the engine of f, a flow, panicked with in a turn, which
	// is a bug of it: the connection is cut, and the others go on. It runs on the
	// goroutine that panicked, so the stack is there, and under the connection's
	// lock. nil logs both. With the tag invariants panics end the process instead.
	OnPanic func(f any, v any)
	// Poller is what a Loop waits with; nil for the system's (NewPoller).
	Poller Poller
	// Helpers are the goroutines with which Run writes while another reads;
	// nil for those that all drivers of the program share. They must not be
	// the handlers' own, for handlers wait for them.
	Helpers engine.Executor
}

const (
	readOctetsDefault      = 64 << 10
	windowOctetsMaxDefault = 1 << 20
	turnsMaxDefault        = 16

	// WriteStallDefault is Options.WriteStall if that is 0.
	WriteStallDefault = time.Minute
	// OpenTimeoutDefault is Options.OpenTimeout if that is 0.
	OpenTimeoutDefault = 10 * time.Second
	// WriteOctetsPerSecondMinDefault is Options.WriteOctetsPerSecondMin if that
	// is 0.
	WriteOctetsPerSecondMinDefault = 240
	// ConnectionsMaxDefault is Options.ConnectionsMax if that is 0.
	ConnectionsMaxDefault = 100_000
	// HeldOctetsMaxDefault is Options.HeldOctetsMax if that is 0.
	HeldOctetsMaxDefault = 256 << 20
	// OpeningMaxDefault is Options.OpeningMax if that is 0.
	OpeningMaxDefault = 4096

	// bufferOctetsMax is the most that ReadOctets and WindowOctetsMax can be:
	// places in a window are counted by 32 bits.
	bufferOctetsMax = 1 << 30
)

// NewEngine makes the engine of a new connection, over f: a flow.Flow or a
// flow.Poll, which is open, and whose optional interfaces tell what is known of
// it: flow.Addressed, flow.Negotiated, flow.Secured. It leaves reading and
// writing to the driver. If it returns nil, f is closed.
type NewEngine func(f any) engine.Engine

// PeerOf is the address of the peer of f, a flow, or the zero AddrPort where
// peers have none.
func PeerOf(f any) netip.AddrPort {
	if a, ok := f.(flow.Addressed); ok {
		return a.Peer()
	}
	return netip.AddrPort{}
}

// ErrClosed is what a driver that has been closed answers, and what engines
// are told by ReportError when their driver is closed under them.
var ErrClosed = errors.New("loop: the driver is closed")

// ErrWriteStalled is what an engine is told by ReportError whose peer doesn't
// read what is written to it (Options.WriteStall).
var ErrWriteStalled = errors.New("loop: the flow has taken no octets for too long, or too few (WriteStall, WriteOctetsPerSecondMin)")

// ErrOpenTimeout is what Options.OnOpenError is told of a flow that hasn't
// opened in time.
var ErrOpenTimeout = errors.New("loop: the flow has not been opened in time (OpenTimeout)")

// ErrOpenCrowded is what Options.OnOpenError is told of a flow that was closed
// because too many others were opening, all of them for a shorter time.
var ErrOpenCrowded = errors.New("loop: too many flows are being opened, and this one has taken longest (OpeningMax)")

// ErrAborted is what an engine is told by ReportError whose NextWrite was Abort.
var ErrAborted = errors.New("loop: the engine has aborted the connection")

// withDefaults is o with its zero fields filled in, but for Poller.
func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = newSystemClock()
	}
	if o.Pool == nil {
		o.Pool = NewPool(0)
	}
	if o.ReadOctets <= 0 {
		o.ReadOctets = readOctetsDefault
	}
	if o.WindowOctetsMax <= 0 {
		o.WindowOctetsMax = windowOctetsMaxDefault
	}
	if o.ReadOctets > bufferOctetsMax || o.WindowOctetsMax > bufferOctetsMax {
		panic(fmt.Sprintf("loop: Options.ReadOctets is %d and WindowOctetsMax is %d: neither can be more than %d", o.ReadOctets, o.WindowOctetsMax, bufferOctetsMax))
	}
	if o.TurnsMax <= 0 {
		o.TurnsMax = turnsMaxDefault
	}
	if o.WriteStall == 0 {
		o.WriteStall = WriteStallDefault
	}
	if o.WriteOctetsPerSecondMin == 0 {
		o.WriteOctetsPerSecondMin = WriteOctetsPerSecondMinDefault
	}
	if o.ConnectionsMax == 0 {
		o.ConnectionsMax = ConnectionsMaxDefault
	}
	if o.HeldOctetsMax == 0 {
		o.HeldOctetsMax = HeldOctetsMaxDefault
	}
	if o.OpenTimeout == 0 {
		o.OpenTimeout = OpenTimeoutDefault
	}
	if o.OpeningMax == 0 {
		o.OpeningMax = OpeningMaxDefault
	}
	if o.OnOpenError == nil {
		o.OnOpenError = func(any, error) {}
	}
	if o.Helpers == nil {
		o.Helpers = sharedHelpers()
	}
	return o
}
