package h1

import "github.com/specht-http/specht/message"

// Faults that no machine finds, for they aren't in the octets, or in a field
// that has no machine yet. Those of the latter kind say which spec will have
// them.

// faultUnasked is a response that answers no request (RFC 9112, Section 6.3).
func (r *Responses) faultUnasked() *message.Fault {
	offset := int64(0)
	if r.Message != nil {
		offset = r.Message.Offset()
	}
	return &message.Fault{
		Machine: "response-message", Name: "response without a request", Offset: offset, Octet: -1,
		Rule: "HTTP-message", Source: "RFC 9112, Section 6.3",
		Status: int(message.StatusBadGateway), Requirement: "rfc9112#6.3/15",
	}
}

// faultLimit is a message, read by machine, that took more than a limit permits.
func faultLimit(machine, name string, offset int64, status message.Status, limit string, value int64) *message.Fault {
	return &message.Fault{
		Machine: machine, Name: name, Offset: offset, Octet: -1,
		Status: int(status), Limit: limit, Value: uint64(value),
	}
}
