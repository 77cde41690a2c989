package h1

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// Options are what a Service can be told. The zero value of each field is its
// default, which is safe; where a limit can be off, a negative value turns it
// off. Only Handler must be given, and Executor unless the Handler is inline.
type Options struct {
	// Handler answers exchanges.
	Handler message.Handler
	// Executor runs the handler, unless it is message.Inline. When it is at
	// its cap, the answer is 503.
	Executor engine.Executor
	// Limits are those of the machines that read requests; nil for
	// DefaultRequestMessageLimits.
	Limits *RequestMessageLimits
	// Lenient takes what the RFCs let a server take, and what isn't taken
	// otherwise: LF as the end of a line of the head, and any white space in the
	// request-line (spec/leniency.md). What stands before the server must read
	// requests in the same way. Default off.
	Lenient bool
	// Scheme is what the flow makes of requests: http (the default) or https.
	Scheme string

	// ErrorHandler may choose what a response says that the engine makes on
	// its own, by e; x.About() is the peer. It runs inside the turn. Or it
	// answers x itself, by Respond, or by Start, Write and End; it may go on
	// later if it has taken x over by Detach or OnFlushed, unless a handler
	// still has the exchange, as when its request's content turns out
	// malformed. If it panics, or doesn't end what it has begun, the answer is
	// e's, or the connection is cut.
	ErrorHandler func(x message.Exchange, e *ErrorResponse)
	// OnPanic is told what a handler or a callback panicked with. It runs
	// inside the turn, on the goroutine that panicked, so the stack is there.
	// What it panics with itself is dropped.
	OnPanic func(v any)
	// OnEnd is told of each exchange when it is over, in the order of their
	// requests, for logs and counters. x is there for what it says of the
	// request. It runs inside the turn, so it returns soon; what it panics with
	// is told OnPanic.
	OnEnd func(x message.Exchange, s message.Summary)

	// PipelinedMax is how many exchanges of one connection may be under way,
	// if their methods are safe; one that isn't is alone. Above that, reading
	// stops. Default 16.
	PipelinedMax int
	// PipelinedHeadOctets is how long the heads of the exchanges of one
	// connection may be together before no further one is begun. Default
	// 64 KiB.
	PipelinedHeadOctets int
	// ContentOctets is the most content that a request may have; more is 413.
	// Default off.
	ContentOctets int64
	// ContentWindowOctets is how much content of a request is kept that nobody
	// has taken; above that, reading stops. Default 64 KiB.
	ContentWindowOctets int
	// WriteWindowOctets is how much of a response is queued before Write
	// waits, and how much of all responses before no further request is read.
	// Default 64 KiB.
	WriteWindowOctets int
	// DiscardOctets is how much of a request's content is read and thrown away
	// to keep the connection after an early answer, and how much is while a
	// connection closes in stages. Default 256 KiB; off for none.
	DiscardOctets int64

	// HeadNs is how long the head of a request may take, from its first octet,
	// in ns; then the answer is 408. Default 10 s.
	HeadNs int64
	// IdleNs is how long a connection may be without an exchange, in ns.
	// Default 60 s.
	IdleNs int64
	// ContentOctetsPerSecondMin is the rate at which content must arrive while
	// it is waited for, measured over stretches of ContentGraceNs; below it,
	// the answer is 408. Default 240.
	ContentOctetsPerSecondMin int64
	// ContentGraceNs is over how long the rate is measured, in ns. Default 5 s.
	ContentGraceNs int64
	// DrainNs is how long a connection that closes in stages is read after its
	// last octet was written, in ns. Default 5 s; off closes it at once.
	DrainNs int64
	// InlineNs is how long an inline handler may run, in ns, in builds tagged
	// invariants, which panic when it takes longer. Default 1 s.
	InlineNs int64
}

const second = int64(1e9)

// withDefaults is o with its zero fields filled in.
func (o Options) withDefaults() Options {
	if o.Limits == nil {
		limits := DefaultRequestMessageLimits()
		o.Limits = &limits
	}
	if o.Scheme == "" {
		o.Scheme = "http"
	}
	fill(&o.PipelinedMax, 16)
	fill(&o.PipelinedHeadOctets, 64<<10)
	fill(&o.ContentOctets, -1)
	fill(&o.ContentWindowOctets, 64<<10)
	fill(&o.WriteWindowOctets, 64<<10)
	fill(&o.DiscardOctets, 256<<10)
	fillNs(&o.HeadNs, 10*second)
	fillNs(&o.IdleNs, 60*second)
	fill(&o.ContentOctetsPerSecondMin, 240)
	fillNs(&o.ContentGraceNs, 5*second)
	fillNs(&o.DrainNs, 5*second)
	fillNs(&o.InlineNs, second)
	return o
}

// longestNs is the longest time that an option can be, which is 36 years: the sum of
// it and the time of now is a number yet.
const longestNs = 1 << 60

// fillNs is fill for a time.
func fillNs(option *int64, value int64) {
	fill(option, value)
	*option = min(*option, longestNs)
}

// fill sets an option to its default if it is zero.
func fill[T int | int64](option *T, value T) {
	if *option == 0 {
		*option = value
	}
}

// check panics for options that nothing can be done with.
func (o *Options) check() {
	switch {
	case o.Handler == nil:
		panic("h1: bug: Options without Handler")
	case o.Executor == nil && !message.IsInline(o.Handler):
		panic("h1: bug: Options without Executor: a handler that may block needs one, and message.Inline says that it doesn't")
	case o.Scheme != "" && o.Scheme != "http" && o.Scheme != "https":
		panic("h1: bug: Options.Scheme is neither http nor https")
	case o.PipelinedMax < 0 || o.PipelinedHeadOctets < 0 || o.ContentWindowOctets < 0 || o.WriteWindowOctets < 0:
		panic("h1: bug: Options turn a window off, without which nothing moves")
	}
}

// Service makes the engines of one service: they share its options.
type Service struct {
	Options
	isInline bool
	scheme   []byte
}

// NewService checks o, and completes it. It panics if there is no Handler, or
// one that may block and no Executor.
func NewService(o Options) *Service {
	o.check()
	s := &Service{Options: o.withDefaults(), isInline: message.IsInline(o.Handler)}
	s.scheme = []byte(s.Scheme)
	return s
}

// NewServer is the engine of a new connection. about is for handlers: what
// Exchange.About answers.
func (s *Service) NewServer(about any) *Server {
	return &Server{service: s, about: about, requests: Requests{limits: s.Limits, Lenient: s.Lenient}}
}
