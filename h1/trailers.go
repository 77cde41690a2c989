package h1

import "github.com/specht-http/specht/message"

// appendTrailers appends the field lines of a trailer section (RFC 9112,
// Section 7.1.2), without the CRLF that ends it.
func appendTrailers(dst []byte, checker *fieldChecker, trailers []message.Field) ([]byte, error) {
	b, err := appendFieldLines(dst, checker, trailers)
	if err != nil || len(trailers) == 0 {
		return dst, err
	}
	for i := range checker.Fields {
		if !isTrailer(checker.Fields[i].NameID) {
			return dst, &message.FieldError{Index: i, Name: trailers[i].Name, Why: "it has no meaning behind the content: send it in the head (RFC 9110, Section 6.5.1)"}
		}
	}
	return b, nil
}

// isTrailer says whether a field may be sent in a trailer section. Those may
// not that framing, routing, authentication, the handling of the message or the
// form of its content depend on (rfc9110#6.5.1/1).
//
// until spec/trailers.md
func isTrailer(id message.FieldName) bool {
	switch id {
	case message.FieldNameContentLength, message.FieldNameTransferEncoding, message.FieldNameConnection,
		message.FieldNameKeepAlive, message.FieldNameProxyConnection, message.FieldNameTE, message.FieldNameTrailer,
		message.FieldNameUpgrade, message.FieldNameHost,
		message.FieldNameExpect, message.FieldNameMaxForwards, message.FieldNameRange, message.FieldNameCacheControl, message.FieldNamePragma,
		message.FieldNameIfMatch, message.FieldNameIfNoneMatch, message.FieldNameIfModifiedSince, message.FieldNameIfUnmodifiedSince, message.FieldNameIfRange,
		message.FieldNameAuthorization, message.FieldNameProxyAuthorization, message.FieldNameWWWAuthenticate, message.FieldNameProxyAuthenticate,
		message.FieldNameCookie, message.FieldNameSetCookie,
		message.FieldNameContentType, message.FieldNameContentEncoding, message.FieldNameContentRange,
		message.FieldNameAge, message.FieldNameExpires, message.FieldNameDate, message.FieldNameLocation, message.FieldNameRetryAfter, message.FieldNameVary:
		return false
	}
	return true
}
