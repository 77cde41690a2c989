package h1

import (
	"bytes"

	"github.com/specht-http/specht/message"
)

// aim finds out what a request is for: scheme and authority (RFC 9112,
// Section 3.3). It refuses a request-target that the method can't have, and a
// Host that is missing, repeated or malformed.
//
// until spec/requesttarget.md and spec/host.md
func (x *exchange) aim(scheme []byte) *message.Fault {
	x.request.scheme = scheme
	target := x.Target()
	host, fault := x.host()
	switch {
	case fault != nil:
		return fault
	case x.methodID == message.MethodConnect:
		return faultHead("CONNECT isn't served", x.method.Start, message.StatusNotImplemented, "RFC 9110, Section 9.3.6", "rfc9110#9.1/3")
	case target[0] == '/', string(target) == "*" && x.methodID == message.MethodOptions:
		x.request.authority = host
		return nil
	}
	return x.aimAbsolute(target)
}

// aimAbsolute takes the authority out of a target in absolute-form, which wins
// over Host (RFC 9112, Section 3.2.2).
//
// until spec/requesttarget.md
func (x *exchange) aimAbsolute(target []byte) *message.Fault {
	scheme, rest, found := bytes.Cut(target, []byte("://"))
	scheme = knownScheme(scheme)
	if end := bytes.IndexAny(rest, "/?"); end >= 0 {
		rest = rest[:end]
	}
	if !found || scheme == nil || len(rest) == 0 || !isHost(rest) {
		return faultHead("request-target of no form that the method can have", x.target.Start, message.StatusBadRequest, "RFC 9112, Section 3.2", "rfc9112#3.2/2")
	}
	x.request.scheme, x.request.authority = scheme, rest
	return nil
}

var schemes = [][]byte{[]byte("http"), []byte("https")}

// knownScheme is a scheme in lower case, or nil if it isn't one of HTTP's
// (RFC 9110, Section 4.2).
func knownScheme(b []byte) []byte {
	for _, scheme := range schemes {
		if bytes.EqualFold(b, scheme) {
			return scheme
		}
	}
	return nil
}

// host is the value of Host: one line in HTTP/1.1, one at most in HTTP/1.0
// (RFC 9112, Section 3.2).
//
// until spec/host.md
func (x *exchange) host() ([]byte, *message.Fault) {
	refuse := func(name string, at uint32) ([]byte, *message.Fault) {
		return nil, faultHead(name, at, message.StatusBadRequest, "RFC 9112, Section 3.2", "rfc9112#3.2/6")
	}
	var host []byte
	count := 0
	for i := range x.fields {
		if line := &x.fields[i]; line.NameID == message.FieldNameHost {
			host = line.Value.Of(x.head)
			if count++; count > 1 {
				return refuse("more than one Host", line.Name.Start)
			}
			if !isHost(host) {
				return refuse("malformed Host", line.Value.Start)
			}
		}
	}
	if count == 0 && x.version != VersionHTTP10 {
		return refuse("no Host", uint32(len(x.head)))
	}
	return host, nil
}

// isHost says whether b has only octets that a uri-host and a port may have
// (RFC 3986, Section 3.2.2). Userinfo has no place here.
//
// until spec/host.md
func isHost(b []byte) bool {
	for _, c := range b {
		if notInHost[c/64]>>(c%64)&1 != 0 {
			return false
		}
	}
	return true
}

// notInHost has a bit for each octet that isHost refuses.
var notInHost = func() (set [4]uint64) {
	for c := range 256 {
		if c <= ' ' || c >= 0x7F || bytes.IndexByte([]byte("\"#/<>?@\\^`{|}"), byte(c)) >= 0 {
			set[c/64] |= 1 << (c % 64)
		}
	}
	return set
}()
