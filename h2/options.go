package h2

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
	// Executor runs the handler, unless it is message.Inline, and what takes a
	// tunnel. When it is at its cap, the answer is 503.
	Executor engine.Executor
	// Scheme is what the flow makes of requests: http (the default) or https,
	// whichever of the two :scheme says, for an intermediary may have taken the
	// encryption off. A request with any other :scheme is malformed.
	Scheme string

	// ErrorHandler may choose what a response says that the engine makes on its
	// own, by e; x.About() is the peer. It runs inside the turn. Or it answers x
	// itself, by Respond, or by Start, Write and End; it may go on later if it has
	// taken x over by Detach or OnFlushed. If it panics, or doesn't end what it
	// has begun, the answer is e's, or the stream is reset.
	ErrorHandler func(x message.Exchange, e *message.ErrorResponse)
	// OnError is told of each connection that fails for what its peer did, and of
	// each stream that is reset for that. It runs inside the turn.
	OnError func(about any, e *Error)
	// OnPanic is told what a handler or a callback panicked with. It runs inside
	// the turn, on the goroutine that panicked, so the stack is there. What it
	// panics with itself is dropped.
	OnPanic func(v any)
	// OnEnd is told of each exchange when it is over, for logs and counters. x is
	// there for what it says of the request. It runs inside the turn, so it
	// returns soon; what it panics with is told OnPanic.
	OnEnd func(x message.Exchange, s message.Summary)

	// StreamsMax is how many streams a peer may have open at once, and how many
	// handlers of one connection may run, those included whose streams were
	// reset, as long as whoever runs, or has detached the exchange, hasn't been
	// told. As many again may run that have ended their responses. More are
	// refused by REFUSED_STREAM. Default 100.
	StreamsMax int
	// PushesMax is how many pushed responses of a connection may be under way, or
	// fewer as its client lets; above that Push fails, as it does always if this is
	// off. Default 16.
	PushesMax int
	// ContentWindowOctets is how much content of a request may come that nobody
	// has taken; the peer waits above that. Default 256 KiB.
	ContentWindowOctets int
	// ConnectionWindowOctets is that for all requests of a connection together.
	// Default 1 MiB.
	ConnectionWindowOctets int
	// HeaderTableOctets is how much of the fields that a peer has sent is
	// remembered for it (SETTINGS_HEADER_TABLE_SIZE). Default 4096; off for none.
	HeaderTableOctets int
	// EncoderTableOctets is how much of the fields that we have sent the peer has
	// to remember, if it lets us. Default 4096; off for none.
	EncoderTableOctets int
	// FieldSectionOctets is how long a field section may be: names and values, and
	// 32 octets for each line (SETTINGS_MAX_HEADER_LIST_SIZE); a longer head is
	// 431. Default 64 KiB.
	FieldSectionOctets int
	// FieldLines is how many lines it may have; more is 431. Default 128.
	FieldLines int
	// HeadsOctets is how much the field sections of all requests may be together
	// that a connection has under way. A request beyond that is refused by
	// REFUSED_STREAM, and the stream of a trailer section is reset. Default 1 MiB.
	HeadsOctets int
	// FieldBlockOctets is how long a field block may be as it is sent; a longer
	// one fails the connection. Default 128 KiB.
	FieldBlockOctets int
	// ContinuationsMax is how many CONTINUATION frames it may have; more fail the
	// connection. Default 16.
	ContinuationsMax int
	// Credits are what a peer may have us do by small frames. The zero value of
	// each is its default.
	Credits Credits
	// TakesConnectProtocol is that extended CONNECT is taken (RFC 8441). Default
	// off.
	TakesConnectProtocol bool

	// ContentOctets is the most content that a request may have; more is 413. What
	// goes through a tunnel has no limit. Default off.
	ContentOctets int64
	// WriteWindowOctets is how much of a response is queued before Write waits.
	// Default 64 KiB.
	WriteWindowOctets int
	// OutputOctets is how much is queued for a connection before Write waits for
	// all its streams, and before reading stops. Default 1 MiB.
	OutputOctets int

	// HeadNs is how long the preface and a field block may take, from its first
	// octet, in ns; then the connection fails. Default 10 s.
	HeadNs int64
	// SettingsNs is how long the peer may take to acknowledge our settings, in
	// ns; then the connection fails. Default 10 s.
	SettingsNs int64
	// IdleNs is how long a connection may be without a stream, in ns. Default
	// 60 s.
	IdleNs int64
	// ContentOctetsPerSecondMin is the rate at which content of each request must
	// arrive while it is waited for, measured over stretches of ContentGraceNs;
	// below it, the answer is 408. It isn't held once the response has begun, for
	// the two may be a conversation, as gRPC's are. Default 240.
	ContentOctetsPerSecondMin int64
	// ContentGraceNs is over how long the rate is measured, in ns; off measures
	// none of content that arrives. Default 5 s.
	ContentGraceNs int64
	// WindowNs is how long a response may wait for the peer to give credit, in
	// ns, and over how long the rate is measured at which a response goes that
	// waits for some: below ContentOctetsPerSecondMin the stream is reset. Default
	// 60 s.
	WindowNs int64
	// DrainNs is how long a connection that closes is read after its last octet
	// was written, in ns. Default 5 s; off closes it at once.
	DrainNs int64
	// InlineNs is how long an inline handler may run, in ns, in builds tagged
	// invariants, which panic when it takes longer. Default 1 s.
	InlineNs int64
}

const second = int64(1e9)

// withDefaults is o with its zero fields filled in.
func (o Options) withDefaults() Options {
	if o.Scheme == "" {
		o.Scheme = "http"
	}
	fill(&o.StreamsMax, 100)
	fill(&o.PushesMax, 16)
	fill(&o.ContentWindowOctets, 256<<10)
	fill(&o.ConnectionWindowOctets, 1<<20)
	fillTable(&o.HeaderTableOctets)
	fillTable(&o.EncoderTableOctets)
	fill(&o.FieldSectionOctets, 64<<10)
	fill(&o.FieldLines, 128)
	fill(&o.HeadsOctets, 1<<20)
	fill(&o.FieldBlockOctets, 128<<10)
	fill(&o.ContinuationsMax, 16)
	o.Credits = o.Credits.withDefaults()
	fill(&o.ContentOctets, -1)
	fill(&o.WriteWindowOctets, 64<<10)
	fill(&o.OutputOctets, 1<<20)
	fillNs(&o.HeadNs, 10*second)
	fillNs(&o.SettingsNs, 10*second)
	fillNs(&o.IdleNs, 60*second)
	fill(&o.ContentOctetsPerSecondMin, 240)
	fillNs(&o.ContentGraceNs, 5*second)
	fillNs(&o.WindowNs, 60*second)
	fillNs(&o.DrainNs, 5*second)
	fillNs(&o.InlineNs, second)
	return o
}

// withDefaults is k with its zero fields filled in.
func (k Credits) withDefaults() Credits {
	fill(&k.Resets, 1000)
	fill(&k.Settings, 20)
	fill(&k.Pings, 60)
	fill(&k.Priorities, 1000)
	fill(&k.WindowUpdates, 2000)
	fill(&k.Empties, 100)
	fill(&k.Unknowns, 100)
	return k
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

// fillTable sets the size of a table of fields to its default if it is zero, and to
// zero if it is off.
func fillTable(octets *int) {
	fill(octets, 4096)
	*octets = max(*octets, 0)
}

// noSections is what is told of options without a limit of a field section.
const noSections = "have a field section without a limit (FieldSectionOctets, FieldLines, FieldBlockOctets, ContinuationsMax), all of which is kept in memory"

// check panics for options that nothing can be done with.
func (o *Options) check() {
	switch {
	case o.Handler == nil:
		panic("h2: bug: Options without Handler")
	case o.Executor == nil && !message.IsInline(o.Handler):
		panic("h2: bug: Options without Executor: a handler that may block needs one, and message.Inline says that it doesn't")
	case o.Scheme != "" && o.Scheme != "http" && o.Scheme != "https":
		panic("h2: bug: Options.Scheme is neither http nor https")
	case o.StreamsMax < 0 || o.ContentWindowOctets < 0 || o.ConnectionWindowOctets < 0 || o.WriteWindowOctets < 0 || o.OutputOctets < 0:
		panic("h2: bug: Options turn a window off, without which nothing moves")
	case o.FieldSectionOctets < 0 || o.FieldLines < 0 || o.FieldBlockOctets < 0 || o.ContinuationsMax < 0:
		panic("h2: bug: Options " + noSections)
	case int64(o.ContentWindowOctets) > windowMax || int64(o.ConnectionWindowOctets) > windowMax:
		panic("h2: bug: Options have a window above 2^31-1 octets")
	case o.ConnectionWindowOctets != 0 && int64(o.ConnectionWindowOctets) < initialWindow:
		panic("h2: bug: Options.ConnectionWindowOctets is below 65535, which every connection begins with")
	}
}

// Service makes the engines of one service: they share its options.
type Service struct {
	Options
	isInline bool
	conn     ConnOptions
}

// NewService checks o, and completes it. It panics if there is no Handler, or
// one that may block and no Executor.
func NewService(o Options) *Service {
	o.check()
	s := &Service{Options: o.withDefaults(), isInline: message.IsInline(o.Handler)}
	s.conn = ConnOptions{
		StreamsMax: s.StreamsMax, ContentWindowOctets: s.ContentWindowOctets, ConnectionWindowOctets: s.ConnectionWindowOctets,
		HeaderTableOctets: s.HeaderTableOctets, EncoderTableOctets: s.EncoderTableOctets,
		FieldSectionOctets: s.FieldSectionOctets, FieldLines: s.FieldLines, FieldBlockOctets: s.FieldBlockOctets,
		ContinuationsMax: s.ContinuationsMax, Credits: s.Credits, TakesConnectProtocol: s.TakesConnectProtocol,
	}
	return s
}

// NewServer is the engine of a new connection. about is for handlers: what
// Exchange.About answers.
func (s *Service) NewServer(about any) *Server {
	return &Server{service: s, about: about}
}
