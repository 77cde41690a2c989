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

// isHost says whether b is a uri-host and perhaps a port (RFC 9110,
// Section 7.2; RFC 3986, Section 3.2.2), or nothing at all. Userinfo has no
// place here, and a port without a host says nothing (rfc9110#4.2.1/2).
//
// until spec/host.md
func isHost(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	host, port := b, []byte(nil)
	if b[0] == '[' {
		end := bytes.IndexByte(b, ']')
		if end < 0 || !isAddress(b[1:end]) {
			return false
		}
		if port = b[end+1:]; len(port) > 0 && port[0] != ':' {
			return false
		}
		host = nil
	} else if end := bytes.IndexByte(b, ':'); end >= 0 {
		if host, port = b[:end], b[end:]; end == 0 {
			return false
		}
	}
	for i, c := range host {
		if notInHost[c/64]>>(c%64)&1 != 0 || c == '%' && !isEncoded(host[i:]) {
			return false
		}
	}
	for i, c := range port {
		if i > 0 && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// isAddress says whether b, from between brackets, has only octets that an
// IP-literal may have, and some.
//
// until spec/host.md
func isAddress(b []byte) bool {
	isFuture := len(b) > 0 && b[0]|0x20 == 'v'
	for _, c := range b {
		isOfV6 := isHex(c) || c == ':' || c == '.'
		if !isOfV6 && !(isFuture && c != '%' && notInHost[c/64]>>(c%64)&1 == 0) {
			return false
		}
	}
	return len(b) > 0
}

// isEncoded says whether b begins with an octet that is percent-encoded.
func isEncoded(b []byte) bool { return len(b) > 2 && isHex(b[1]) && isHex(b[2]) }

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

// notInHost has a bit for each octet that a reg-name doesn't have. What its
// pct-encoded begins with isn't among them.
var notInHost = func() (set [4]uint64) {
	for c := range 256 {
		if c <= ' ' || c >= 0x7F || bytes.IndexByte([]byte("\"#/:<>?@[\\]^`{|}"), byte(c)) >= 0 {
			set[c/64] |= 1 << (c % 64)
		}
	}
	return set
}()
