package h1

import (
	"testing"

	"github.com/specht-http/specht/message"
)

// TestNothingBehindAKnownName: once, NULs between a known field name and its
// colon were taken for nothing where names are compared as whole words, and
// "Content-Length\x00: 5" framed a message. Every octet is tried, behind every
// known name, with and without room for the quick way.
func TestNothingBehindAKnownName(t *testing.T) {
	limits := DefaultRequestHeadLimits()
	for id := message.FieldNameOther + 1; id.String() != "unknown"; id++ {
		for o := range 256 {
			name := id.String() + string([]byte{byte(o)})
			for _, rest := range []string{": 5\r\n\r\n", ": 5\r\nSome-More: of it, so that there is room\r\n\r\n"} {
				var m RequestHead
				_, p := m.Consume([]byte("GET / HTTP/1.1\r\n"+name+rest), &limits)
				switch isToken := message.LookupFieldName([]byte(name)) == message.FieldNameOther && tchar(byte(o)); {
				case o == ':':
					if p != message.Done {
						t.Errorf("%q: %v", name, m.Fault(&limits))
					}
				case isToken:
					if p != message.Done || m.Fields[0].NameID != message.FieldNameOther {
						t.Errorf("%q: %v, id %v", name, p, m.Fields[0].NameID)
					}
				case p != message.Failed && !tchar(byte(o)):
					t.Errorf("%q is accepted", name+rest)
				}
			}
		}
	}
}

// tchar is the rule of RFC 9110, Section 5.6.2, written again.
func tchar(c byte) bool {
	switch {
	case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'z':
		return true
	}
	for _, d := range []byte("!#$%&'*+-.^_`|~") {
		if c == d {
			return true
		}
	}
	return false
}
