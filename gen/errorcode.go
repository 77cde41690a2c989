package gen

import "strings"

// errorCodes are those of RFC 9113, Section 7, in the order of their values.
var errorCodes = []string{
	"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT",
	"STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR",
	"CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
}

// codeName is the name in Go of an error code, in package frames:
// "PROTOCOL_ERROR" is CodeProtocolError, "HTTP_1_1_REQUIRED" CodeHTTP11Required.
func codeName(code string) string {
	var b strings.Builder
	b.WriteString("Code")
	for _, w := range strings.Split(code, "_") {
		if w == "HTTP" {
			b.WriteString(w)
			continue
		}
		b.WriteString(w[:1] + strings.ToLower(w[1:]))
	}
	return b.String()
}
