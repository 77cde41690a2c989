package h1

import "github.com/specht-http/specht/message"

// framing is how the end of content is found (RFC 9112, Section 6.3).
type framing = ResponseFraming

const (
	framingNone       = ResponseFramingNone       // there is no content on the wire
	framingFixed      = ResponseFramingFixed      // by Content-Length
	framingChunked    = ResponseFramingChunked    // by the chunked coding
	framingUntilClose = ResponseFramingUntilClose // by the end of the connection
)

// statusClass is what framing depends on of a status, of any number.
func statusClass(status message.Status) StatusClass {
	return DecideStatusClass(uint64(min(status, 999)))
}

// known says whether a length is known; -1 is one that isn't.
func known(length int64) Length {
	if length < 0 {
		return LengthUnknown
	}
	return LengthKnown
}

// decideFraming says how the content of a response is framed, for the method
// and version of its request; length is in octets, -1 if it isn't known.
func decideFraming(method message.Method, v Version, class StatusClass, length int64) framing {
	content, _ := DecideResponseContent(classOf(method), UpgradeOfferMade, class)
	return DecideResponseFraming(content, v, known(length))
}

// isWithoutContent says whether a status has no content, whatever the method.
func isWithoutContent(class StatusClass) bool {
	c := DecideStatusContent(class)
	return c == StatusContentNone || c == StatusContentOmitted
}

// isEmpty says whether a final response of a status has no content and nothing
// to declare about it.
func isEmpty(class StatusClass) bool {
	c := DecideStatusContent(class)
	return c == StatusContentNone || c == StatusContentEmpty
}

// mayDeclareLength says whether a response may have Content-Length.
func mayDeclareLength(class StatusClass) bool {
	return DecideLengthField(class, LengthKnown) == LengthFieldPresent
}
