package h1

import "github.com/specht-http/specht/message"

// aim finds out what a request is for: the scheme and the authority of its
// target URI (RFC 9112, Section 3.3). That of the request-target wins over that
// of Host. m has read the head, and scheme is what the flow makes of requests.
func (r *request) aim(m *RequestMessage, scheme []byte) {
	r.scheme = scheme
	switch m.Target {
	case TargetAbsoluteForm:
		r.scheme = schemeOf(m.TargetForm.Outcome)
		r.authority = m.TargetForm.Authority.Of(r.Target())
	case TargetAuthorityForm:
		r.authority = r.Target()
	default:
		r.authority = m.HostAt.Of(r.head)
	}
}

var schemeHTTP, schemeHTTPS = []byte("http"), []byte("https")

// schemeOf is the scheme of a target in absolute-form.
func schemeOf(form message.TargetForm) []byte {
	if form == message.TargetFormHttps {
		return schemeHTTPS
	}
	return schemeHTTP
}
