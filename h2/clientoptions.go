package h2

import (
	"github.com/specht-http/specht/engine"
)

// ClientOptions are what a Client can be told. The zero value of each field is
// its default, which is safe; where a limit can be off, a negative value turns
// it off.
type ClientOptions struct {
	// Scheme is that of the requests: http (the default) or https.
	Scheme string
	// Executor runs what takes a tunnel (message.ClientExchange.Upgrade); without
	// it there are none.
	Executor engine.Executor
	// OnReady is called once, in the turn in which the client gets its driver:
	// from then on requests can be begun, here already by BeginInTurn.
	OnReady func(c *Client)
	// OnSettings is called when the peer's settings have come, so that ExchangesMax
	// may have changed. It runs inside the turn.
	OnSettings func(c *Client)
	// OnGoAway is called when the peer has said that it takes no further requests
	// (RFC 9113, Section 6.8), each time that it says so. It runs inside the turn.
	OnGoAway func(c *Client)
	// OnPush is told of each request that the server makes for us, and will answer
	// (RFC 9113, Section 8.4). Whoever wants that has taken p.Exchange by Detach
	// or OnResponse when OnPush returns; otherwise it is cancelled. It runs inside
	// the turn. Default none, and then the server may not push.
	OnPush func(p *Push)
	// OnError is told of each connection that fails for what its peer did, and of
	// each stream that is reset for that. It runs inside the turn.
	OnError func(e *Error)
	// OnPanic is told what a callback panicked with. It runs inside the turn, on
	// the goroutine that panicked, so the stack is there. What it panics with
	// itself is dropped.
	OnPanic func(v any)

	// StreamsMax is how many requests may be under way at once, however many the
	// peer lets. Default 256.
	StreamsMax int
	// WaitingMax is how many more may wait for a place. Default 1000.
	WaitingMax int
	// PushesMax is how many pushed responses may be under way at once. Default 16.
	PushesMax int
	// PingsMax is how many pings may be unanswered. Default 16.
	PingsMax int
	// InterimMax is how many interim responses may precede a final one. Default 16.
	InterimMax int
	// ContentOctets is the most content that a response may have; what goes through
	// a tunnel has no limit. Default off.
	ContentOctets int64
	// ContentWindowOctets is how much content of a response may come that nobody
	// has taken; the peer waits above that. Default 256 KiB.
	ContentWindowOctets int
	// ConnectionWindowOctets is that for all responses of a connection together:
	// those that nobody reads hold the others up when they have used it. Default
	// 8 MiB.
	ConnectionWindowOctets int
	// DiscardOctets is how much of a response of known length is read and thrown
	// away when nobody wants it, rather than to reset its stream: peers count
	// resets. Default 64 KiB; off for none.
	DiscardOctets int64
	// WriteWindowOctets is how much of a request is queued before Write waits.
	// Default 64 KiB.
	WriteWindowOctets int

	// HeaderTableOctets is how much of the fields that the peer has sent is
	// remembered for it (SETTINGS_HEADER_TABLE_SIZE). Default 4096; off for none.
	HeaderTableOctets int
	// EncoderTableOctets is how much of the fields that we have sent the peer has
	// to remember, if it lets us. Default 4096; off for none.
	EncoderTableOctets int
	// FieldSectionOctets is how long a field section may be: names and values, and
	// 32 octets for each line (SETTINGS_MAX_HEADER_LIST_SIZE). Default 64 KiB.
	FieldSectionOctets int
	// FieldLines is how many lines it may have. Default 128.
	FieldLines int
	// FieldBlockOctets is how long a field block may be as it is sent. Default
	// 128 KiB.
	FieldBlockOctets int
	// ContinuationsMax is how many CONTINUATION frames it may have. Default 16.
	ContinuationsMax int
	// Credits are what the peer may have us do by small frames. The zero value of
	// each is its default.
	Credits Credits

	// HeadNs is how long the head of a final response may take, in ns, once its
	// request has been sent; then its stream is reset. An interim response begins
	// that time anew. It is also how long a response may take whose content is
	// thrown away, and how long requests wait where the peer lets none: then the
	// connection is closed. Default 60 s.
	HeadNs int64
	// ContinueNs is how long the content of a request that has Expect:
	// 100-continue waits for 100 (Continue), in ns; then it is sent anyway.
	// Default 1 s; off waits for ever.
	ContinueNs int64
	// BlockNs is how long a field block may take, from its first octet to its
	// last, in ns; then the connection fails. Default 10 s.
	BlockNs int64
	// SettingsNs is how long the peer may take to acknowledge our settings, in ns;
	// then the connection fails. Default 10 s.
	SettingsNs int64
	// PingNs is how long a ping may be unanswered, in ns; then the connection
	// fails. Default 15 s.
	PingNs int64
	// IdleNs is how long a connection may be without a request, in ns, before it
	// is closed. Default 60 s.
	IdleNs int64
	// ContentOctetsPerSecondMin is the rate at which content of each response must
	// arrive while there is room for it, measured over stretches of
	// ContentGraceNs. Default off: an event stream may be silent for long.
	ContentOctetsPerSecondMin int64
	// ContentGraceNs is over how long the rate is measured, in ns; off measures
	// none of content that arrives. Default 5 s.
	ContentGraceNs int64
	// WindowNs is how long content of a request may wait for the peer to give
	// credit, in ns, and over how long the rate is measured at which content goes
	// that waits for some: below ContentOctetsPerSecondMin, if that is on, the
	// stream is reset. Default off.
	WindowNs int64
}

// withDefaults is o with its zero fields filled in.
func (o ClientOptions) withDefaults() ClientOptions {
	if o.Scheme == "" {
		o.Scheme = "http"
	}
	fill(&o.StreamsMax, 256)
	fill(&o.WaitingMax, 1000)
	fill(&o.PushesMax, 16)
	fill(&o.PingsMax, 16)
	fill(&o.InterimMax, 16)
	fill(&o.ContentOctets, -1)
	fill(&o.ContentWindowOctets, 256<<10)
	fill(&o.ConnectionWindowOctets, 8<<20)
	fill(&o.DiscardOctets, 64<<10)
	fill(&o.WriteWindowOctets, 64<<10)
	fillTable(&o.HeaderTableOctets)
	fillTable(&o.EncoderTableOctets)
	fill(&o.FieldSectionOctets, 64<<10)
	fill(&o.FieldLines, 128)
	fill(&o.FieldBlockOctets, 128<<10)
	fill(&o.ContinuationsMax, 16)
	o.Credits = o.Credits.withDefaults()
	fillNs(&o.HeadNs, 60*second)
	fillNs(&o.ContinueNs, second)
	fillNs(&o.BlockNs, 10*second)
	fillNs(&o.SettingsNs, 10*second)
	fillNs(&o.PingNs, 15*second)
	fillNs(&o.IdleNs, 60*second)
	fill(&o.ContentOctetsPerSecondMin, -1)
	fillNs(&o.ContentGraceNs, 5*second)
	fillNs(&o.WindowNs, -1)
	return o
}

// check panics for options that nothing can be done with.
func (o *ClientOptions) check() {
	switch {
	case o.Scheme != "" && o.Scheme != "http" && o.Scheme != "https":
		panic("h2: bug: ClientOptions.Scheme is neither http nor https")
	case o.StreamsMax < 0 || o.ContentWindowOctets < 0 || o.ConnectionWindowOctets < 0 || o.WriteWindowOctets < 0:
		panic("h2: bug: ClientOptions turn a window off, without which nothing moves")
	case o.FieldSectionOctets < 0 || o.FieldLines < 0 || o.FieldBlockOctets < 0 || o.ContinuationsMax < 0:
		panic("h2: bug: ClientOptions " + noSections)
	case int64(o.ContentWindowOctets) > windowMax || int64(o.ConnectionWindowOctets) > windowMax:
		panic("h2: bug: ClientOptions have a window above 2^31-1 octets")
	case o.ConnectionWindowOctets != 0 && int64(o.ConnectionWindowOctets) < initialWindow:
		panic("h2: bug: ClientOptions.ConnectionWindowOctets is below 65535, which every connection begins with")
	}
}

// conn is what of o the Conn is told.
func (o *ClientOptions) conn() *ConnOptions {
	return &ConnOptions{
		StreamsMax: max(o.PushesMax, 0), ContentWindowOctets: o.ContentWindowOctets, ConnectionWindowOctets: o.ConnectionWindowOctets,
		HeaderTableOctets: o.HeaderTableOctets, EncoderTableOctets: o.EncoderTableOctets,
		FieldSectionOctets: o.FieldSectionOctets, FieldLines: o.FieldLines, FieldBlockOctets: o.FieldBlockOctets,
		ContinuationsMax: o.ContinuationsMax, Credits: o.Credits, TakesPush: o.OnPush != nil,
	}
}
