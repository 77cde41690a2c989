package h1

import "github.com/specht-http/specht/message"

// framing is how the end of a response's content is found (RFC 9112,
// Section 6.3).
type framing uint8

const (
	framingNone       framing = iota // there is no content on the wire
	framingFixed                     // by Content-Length
	framingChunked                   // by the chunked coding
	framingUntilClose                // by the end of the connection
)

// decideResponseBodyLength says how the content of a response is framed, for
// the method and version of its request; length is in octets, -1 if it isn't
// known.
//
// until spec/responsebodylength.md
func decideResponseBodyLength(method message.Method, v Version, status message.Status, length int64) framing {
	switch {
	case status.IsInterim(), isWithoutContent(status), method == message.MethodHead:
		return framingNone
	case length >= 0:
		return framingFixed
	case v == VersionHTTP11:
		return framingChunked
	}
	return framingUntilClose
}

// isWithoutContent says whether a status has no content, whatever the method
// (RFC 9110, Sections 15.3.5 and 15.4.5).
//
// until spec/responsebodylength.md
func isWithoutContent(status message.Status) bool {
	return status == message.StatusNoContent || status == message.StatusNotModified
}

// isEmpty says whether a final response of a status has no content and nothing
// to declare about it (RFC 9110, Sections 15.3.5 and 15.3.6).
//
// until spec/responsebodylength.md
func isEmpty(status message.Status) bool {
	return status == message.StatusNoContent || status == message.StatusResetContent
}

// mayDeclareLength says whether a response may have Content-Length (RFC 9110,
// Section 8.6).
//
// until spec/responsebodylength.md
func mayDeclareLength(status message.Status) bool {
	return !status.IsInterim() && status != message.StatusNoContent
}
