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
		if checker.Fields[i].NameID.IsHeadOnly() {
			return dst, &message.FieldError{Index: i, Name: trailers[i].Name, Why: "it has no meaning behind the content: send it in the head (RFC 9110, Section 6.5.1)"}
		}
	}
	return b, nil
}

// isToldOfTrailers says whether the head that m has read says that trailers are
// wanted (spec/te.md).
func (x *exchange) isToldOfTrailers(m *RequestMessage) bool {
	if m.Te.Outcome == TeAbsent { // which is nearly always
		return false
	}
	option := TeOptionMissing
	if x.Fields().HasElement(message.FieldNameConnection, "TE") {
		option = TeOptionNamed
	}
	return DecideTrailersWanted(m.Version, m.Te.Outcome, option) == TrailersWantedYes
}
