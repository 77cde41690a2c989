package alpn

// Wanted is the version of HTTP that a request is to be sent by.
type Wanted uint8

const (
	// WantAny is whatever the ends agree on, and HTTP/1.1 if they don't.
	WantAny Wanted = iota
	// WantHTTP1 is HTTP/1.1.
	WantHTTP1
	// WantHTTP2 is HTTP/2; on a clear flow it is spoken without asking, which
	// RFC 9113, Section 3.3, calls prior knowledge.
	WantHTTP2
)

// String is the version's name.
func (w Wanted) String() string {
	switch w {
	case WantAny:
		return "any version"
	case WantHTTP1:
		return "HTTP/1.1"
	case WantHTTP2:
		return "HTTP/2"
	}
	return "an unknown version"
}

// Client chooses the engines of a client's connections. E is what its functions
// make: an engine.Engine, or an interface of the caller's. Its fields aren't
// changed once it is used, and at least one of HTTP1 and HTTP2 isn't nil.
//
//	agreed on            any      HTTP/1.1   HTTP/2
//	http/1.1, http/1.0   HTTP1    HTTP1      an error
//	h2                   HTTP2    an error   HTTP2
//	nothing, clear       HTTP1    HTTP1      HTTP2
//	nothing, encrypted   HTTP1    HTTP1      an error
//	another protocol     an error, whatever is wanted
type Client[E any] struct {
	// HTTP1 makes the engine for a flow over which HTTP/1.1 is spoken; nil if
	// there are none.
	HTTP1 func(f any) E
	// HTTP2 makes the engine for a flow over which HTTP/2 is spoken; nil if
	// there are none.
	HTTP2 func(f any) E
	// Preference is the protocols that are offered for WantAny, the most
	// wanted first; nil for h2 and then http/1.1, as far as there are engines.
	Preference []string
}

// Protocols is what a TLS library is to offer in ALPN, in this order, for a
// connection over which requests are to be sent by w.
func (c *Client[E]) Protocols(w Wanted) []string {
	switch w {
	case WantHTTP1:
		return []string{HTTP11}
	case WantHTTP2:
		return []string{HTTP2}
	}
	return protocols(c.Preference, c.HTTP1 != nil, c.HTTP2 != nil, HTTP11)
}

// Check says what is wrong with the fields: engines are missing for what
// Preference offers.
func (c *Client[E]) Check() error {
	if c.HTTP1 == nil && c.HTTP2 == nil {
		return errNoEngines
	}
	return check(c.Protocols(WantAny), c.HTTP1 != nil, c.HTTP2 != nil)
}

// NewEngine is the engine for f, a flow that is open, over which a request is to
// be sent by w. The error is a *ProtocolError, and f is still the caller's.
func (c *Client[E]) NewEngine(f any, w Wanted) (e E, err error) {
	protocol := agreed(f)
	wrong := func(why string) (E, error) {
		var none E
		return none, &ProtocolError{protocol, why}
	}
	v, why := choose(versionOf(protocol), isSecured(f), w)
	switch {
	case why != "":
		return wrong(why)
	case v == versionOne && c.HTTP1 == nil:
		return wrong("HTTP/1.1 is to be spoken, and Client.HTTP1, which makes its engines, is nil; ask for HTTP/2")
	case v == versionTwo && c.HTTP2 == nil:
		return wrong("HTTP/2 is to be spoken, and Client.HTTP2, which makes its engines, is nil; ask for HTTP/1.1")
	case v == versionOne:
		return c.HTTP1(f), nil
	}
	return c.HTTP2(f), nil
}

// choose is the table of Client: one or two, or why there is neither.
func choose(agreed version, isSecured bool, w Wanted) (v version, why string) {
	switch {
	case w > WantHTTP2:
		return 0, "what is wanted is no version of HTTP; ask for WantAny, WantHTTP1 or WantHTTP2"
	case agreed == versionOther:
		return 0, "no engine of HTTP speaks it; offer only what Protocols gives"
	case agreed == versionTwo && w == WantHTTP1:
		return 0, "that is HTTP/2, and HTTP/1.1 is wanted; don't offer h2, or ask for any version"
	case agreed == versionOne && w == WantHTTP2:
		return 0, "that is HTTP/1, and HTTP/2 is wanted; offer h2 alone to a server that has it, or ask for any version"
	case agreed == versionNone && w == WantHTTP2 && isSecured:
		return 0, "the server chose none, so it speaks HTTP/1.1, and HTTP/2 is wanted (RFC 9113, Section 3.2); offer h2 to a server that has it, or ask for any version"
	case agreed == versionTwo, agreed == versionNone && w == WantHTTP2:
		return versionTwo, ""
	}
	return versionOne, ""
}
