package h1

// ClientOptions are what a Client can be told. The zero value of each field is
// its default, which is safe; where a limit can be off, a negative value turns
// it off.
type ClientOptions struct {
	// Limits are those of the machines that read responses; nil for
	// DefaultResponseMessageLimits.
	Limits *ResponseMessageLimits
	// Lenient takes what the RFCs let a client take, and what isn't taken
	// otherwise: LF as the end of a line of the head, a status-line that ends
	// with the status code, and folded field lines, whose folds become SP
	// (spec/leniency.md). Default off.
	Lenient bool
	// OnReady is called once, in the turn in which the client gets its driver:
	// from then on requests can be begun, here already by BeginInTurn.
	OnReady func(c *Client)
	// OnPanic is told what a callback panicked with. It runs inside the turn,
	// on the goroutine that panicked, so the stack is there. What it panics
	// with itself is dropped.
	OnPanic func(v any)

	// WaitingMax is how many requests may be begun whose exchanges aren't over.
	// Default 16.
	WaitingMax int
	// PipelinedMax is how many of them may be sent before the first has its
	// response, if their methods are idempotent; one that isn't is sent alone
	// (RFC 9112, Section 9.3.2). Default 1, which is no pipelining.
	PipelinedMax int
	// InterimMax is how many interim responses may precede a final one.
	// Default 16.
	InterimMax int
	// ContentOctets is the most content that a response may have. Default off.
	ContentOctets int64
	// ContentWindowOctets is how much content of a response is kept that
	// nobody has taken; above that, reading stops. Default 64 KiB.
	ContentWindowOctets int
	// WriteWindowOctets is how much is queued before Write waits. Default
	// 64 KiB.
	WriteWindowOctets int
	// DiscardOctets is how much of a response is read and thrown away to keep
	// the connection when nobody wants it. Default 256 KiB; off for none.
	DiscardOctets int64

	// HeadNs is how long the head of a final response may take, in ns, once
	// its request has been sent and the response before it has ended. An
	// interim response begins that time anew. Default 60 s.
	HeadNs int64
	// ContinueNs is how long the content of a request that has Expect:
	// 100-continue waits for 100 (Continue), in ns; then it is sent anyway.
	// Default 1 s; off waits for ever.
	ContinueNs int64
	// IdleNs is how long a connection may be without a request, in ns, before
	// it is closed. Default 60 s.
	IdleNs int64
	// ContentOctetsPerSecondMin is the rate at which content must arrive while
	// it is waited for, measured over stretches of ContentGraceNs. Default
	// off: an event stream may be silent for long.
	ContentOctetsPerSecondMin int64
	// ContentGraceNs is over how long the rate is measured, in ns. Default 5 s.
	ContentGraceNs int64
}

// withDefaults is o with its zero fields filled in.
func (o ClientOptions) withDefaults() ClientOptions {
	if o.Limits == nil {
		limits := DefaultResponseMessageLimits()
		o.Limits = &limits
	}
	fill(&o.WaitingMax, 16)
	fill(&o.PipelinedMax, 1)
	fill(&o.InterimMax, 16)
	fill(&o.ContentOctets, -1)
	fill(&o.ContentWindowOctets, 64<<10)
	fill(&o.WriteWindowOctets, 64<<10)
	fill(&o.DiscardOctets, 256<<10)
	fillNs(&o.HeadNs, 60*second)
	fillNs(&o.ContinueNs, second)
	fillNs(&o.IdleNs, 60*second)
	fill(&o.ContentOctetsPerSecondMin, -1)
	fillNs(&o.ContentGraceNs, 5*second)
	return o
}

// check panics for options that nothing can be done with.
func (o *ClientOptions) check() {
	if o.WaitingMax < 0 || o.PipelinedMax < 0 || o.ContentWindowOctets < 0 || o.WriteWindowOctets < 0 {
		panic("h1: bug: ClientOptions turn a window off, without which nothing moves")
	}
}

// NewClient is the engine of one connection of a client.
func NewClient(o ClientOptions) *Client {
	o.check()
	return &Client{options: o.withDefaults(), version: VersionHTTP11}
}
