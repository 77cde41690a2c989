package h2

import "github.com/specht-http/specht/message"

// What a field section comes to when it is whole: the tables of requestfields.md
// and responsefields.md are asked in their order, and the first one that refuses
// is the fault.

// end is that the section is whole. The fault is why it is malformed, which is a
// stream error (RFC 9113, Section 8.1.1); or, if isTooLarge is set, why it can't
// be taken, which its status is an answer to.
func (s *FieldSection) end() *message.Fault {
	v := &s.values
	s.Method, s.Target, s.Scheme, s.Authority, s.Protocol = v.MethodAt, v.PathAt, v.SchemeAt, v.AuthorityAt, v.ProtocolAt
	if s.fault != nil {
		return s.fault
	}
	switch s.kind {
	case sectionRequest:
		s.endRequest()
	case sectionPromise:
		if s.endRequest() {
			s.endPromise()
		}
	case sectionResponse:
		s.endResponse()
	}
	if s.cookies > 1 {
		s.joinCookies()
	}
	return s.fault
}

// endRequest decides over a request (RFC 9113, Section 8.3.1). It is false if it
// is refused.
func (s *FieldSection) endRequest() bool {
	v := &s.values
	if _, r := DecideMethodPresent(v.Method.Outcome); r != RefusalNone {
		return s.refuse("method-present", r, &v.Method)
	}
	form, r := DecideRequestForm(s.MethodID, v.Protocol.Outcome, s.limits.connectProtocol)
	if r != RefusalNone {
		return s.refuse("request-form", r, &v.Protocol)
	}
	scheme, r := DecideSchemeOfRequest(form, v.Scheme.Outcome)
	if r != RefusalNone {
		return s.refuse("scheme-of-request", r, &v.Scheme)
	}
	if _, r = DecidePathOfRequest(form, s.MethodID, v.Path.Outcome); r != RefusalNone {
		return s.refuse("path-of-request", r, &v.Path)
	}
	return s.endAuthority(form, scheme) && s.endLength() && s.endRequestFields()
}

// endAuthority decides for whom a request is, and writes that into the Host line.
func (s *FieldSection) endAuthority(form RequestForm, scheme SchemeOfRequest) bool {
	v := &s.values
	if form == RequestFormTunnel {
		s.authorityForm.Consume(s.Authority.Of(s.Arena))
	}
	agreement := AgreementDifferent
	if v.Authority.Outcome == AuthorityGivenOne && v.Host.Outcome == message.HostOne && s.isAgreed(scheme) {
		agreement = AgreementSame
	}
	from, r := DecideAuthorityOfRequest(form, v.Authority.Outcome, s.authorityForm.Outcome, v.Host.Outcome, agreement)
	if r != RefusalNone {
		return s.refuse("authority-of-request", r, &v.Authority)
	}
	if _, r := DecideAddressOfRequest(v.HostAddress.Outcome); r != RefusalNone {
		return s.refuse("address-of-request", r, &v.HostAddress)
	}
	if from == AuthorityOfRequestHost {
		s.Authority = v.HostAt
	}
	s.Lines[0].Value = s.Authority
	return true
}

// isAgreed says whether :authority and Host say the same, normalized by scheme
// (RFC 9113, Section 8.3.1).
func (s *FieldSection) isAgreed(scheme SchemeOfRequest) bool {
	v := &s.values
	a, h := s.Authority.Of(s.Arena), v.HostAt.Of(s.Arena)
	own := ""
	switch scheme {
	case SchemeOfRequestHttp:
		own = "80"
	case SchemeOfRequestHttps:
		own = "443"
	}
	return isSameFold(v.Authority.Name.Of(a), v.Host.Name.Of(h)) &&
		portOr(v.Authority.Port.Of(a), own) == portOr(v.Host.Port.Of(h), own)
}

// portOr is a port, or the scheme's own if there is none.
func portOr(port []byte, own string) string {
	if len(port) == 0 {
		return own
	}
	return string(port)
}

// isSameFold compares names of hosts, which have no case (RFC 3986,
// Section 6.2.2.1).
func isSameFold(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if lowerOctet(a[i]) != lowerOctet(b[i]) {
			return false
		}
	}
	return true
}

// lowerOctet is c in lower case.
func lowerOctet(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// endLength decides over content-length.
func (s *FieldSection) endLength() bool {
	v := &s.values
	declared, r := DecideDeclaredLength(v.ContentLength.Outcome)
	if r != RefusalNone {
		return s.refuse("declared-length", r, &v.ContentLength)
	}
	if declared == DeclaredLengthDeclared {
		s.ContentLength = int64(v.ContentLength.Length)
	}
	if s.HasPriority = v.PriorityAt.End > 0; s.HasPriority {
		s.Priority = wishes[v.Priority.Outcome]
	}
	return true
}

// endRequestFields decides over the other fields that the engine acts on.
func (s *FieldSection) endRequestFields() bool {
	v := &s.values
	trailers, r := DecideTakesTrailers(v.TeTrailers.Outcome)
	if r != RefusalNone {
		return s.refuse("takes-trailers", r, &v.TeTrailers)
	}
	s.WantsTrailers = trailers == TakesTrailersYes
	expects, r := DecideExpectsContinue(v.Expect.Outcome)
	if r != RefusalNone {
		return s.refuse("expects-continue", r, &v.Expect)
	}
	s.IsExpecting = expects == ExpectsContinueYes
	return true
}

// endPromise decides over a promised request (RFC 9113, Section 8.4).
func (s *FieldSection) endPromise() {
	content := PromisedContentNone
	if s.ContentLength > 0 {
		content = PromisedContentSome
	}
	if _, r := DecidePromisedRequest(s.MethodID, content); r != RefusalNone {
		s.refuse("promised-request", r, nil)
	}
}

// endResponse decides over a response (RFC 9113, Section 8.3.2).
func (s *FieldSection) endResponse() {
	v := &s.values
	if _, r := DecideStatusOfResponse(v.Status.Outcome, v.Status.Status); r != RefusalNone {
		s.refuse("status-of-response", r, &v.Status)
		return
	}
	s.Status = message.Status(v.Status.Status)
	s.endLength()
}

// joinCookies makes one line of several (RFC 9113, Section 8.2.3), where the
// first one stands.
func (s *FieldSection) joinCookies() {
	first, kept := -1, 0
	start := len(s.Arena)
	for _, line := range s.Lines {
		if line.NameID == message.FieldNameCookie {
			if first >= 0 {
				s.Arena = append(s.Arena, "; "...)
				s.Arena = append(s.Arena, line.Value.Of(s.Arena)...)
				s.Lines[first].IsSensitive = s.Lines[first].IsSensitive || line.IsSensitive
				continue
			}
			first = kept
			s.Arena = append(s.Arena, line.Value.Of(s.Arena)...)
		}
		s.Lines[kept] = line
		kept++
	}
	s.Lines = s.Lines[:kept]
	s.Lines[first].Value = message.Span{Start: uint32(start), End: uint32(len(s.Arena))}
}

// faulty is a machine that knows what was wrong with its last value.
type faulty interface{ Fault() *message.Fault }

// refuse is that a table refuses the section, because of what m found, if that
// isn't nil. It is false.
func (s *FieldSection) refuse(by string, r Refusal, m faulty) bool {
	f := &message.Fault{
		Machine: by, Name: r.String(), Offset: int64(len(s.Arena)), Octet: -1, Rule: by,
		Source: r.Source(), Requirement: r.Requirement(), Status: r.Status(),
	}
	if m != nil {
		if cause := m.Fault(); cause != nil {
			f.Name += ": " + cause.Name
			f.Offset, f.Octet, f.Rule, f.Want = cause.Offset, cause.Octet, cause.Rule, cause.Want
		}
	}
	s.refuseBy(f, by)
	return false
}

// refuseBy refuses the section with a fault. Nobody answers a response: there its
// status is what a gateway would answer with (RFC 9110, Section 15.6.3).
func (s *FieldSection) refuseBy(f *message.Fault, by string) {
	f.Machine = by
	if s.isTooLarge = f.Status != int(message.StatusBadRequest); s.kind == sectionResponse {
		s.isTooLarge, f.Status = false, int(message.StatusBadGateway)
	}
	s.fault = f
}

// refuseLimit refuses the section for its size.
func (s *FieldSection) refuseLimit(name, limit string, value int) {
	s.refuseBy(&message.Fault{
		Name: name, Offset: int64(s.octets), Octet: -1, Rule: "field section", Source: "RFC 9113, Section 10.5.1",
		Status: int(message.StatusRequestHeaderFieldsTooLarge), Limit: limit, Value: uint64(value),
		Requirement: "rfc9110#5.4/1",
	}, "field-section")
}
