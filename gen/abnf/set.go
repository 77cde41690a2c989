package abnf

import (
	"fmt"
	"math/bits"
	"strings"
)

// Set is a set of octets.
type Set [4]uint64

// Range is the set of the octets from lo to hi, both included.
func Range(lo, hi byte) (s Set) {
	for c := int(lo); c <= int(hi); c++ {
		s[c>>6] |= 1 << (c & 63)
	}
	return s
}

// Of is the set of the given octets.
func Of(octets ...byte) (s Set) {
	for _, c := range octets {
		s = s.Union(Range(c, c))
	}
	return s
}

// Has says whether c is in the set.
func (s Set) Has(c byte) bool { return s[c>>6]>>(c&63)&1 != 0 }

// Union is the set of the octets in s or t.
func (s Set) Union(t Set) Set { return Set{s[0] | t[0], s[1] | t[1], s[2] | t[2], s[3] | t[3]} }

// Minus is the set of the octets in s and not in t.
func (s Set) Minus(t Set) Set {
	return Set{s[0] &^ t[0], s[1] &^ t[1], s[2] &^ t[2], s[3] &^ t[3]}
}

// Intersect is the set of the octets in s and in t.
func (s Set) Intersect(t Set) Set { return Set{s[0] & t[0], s[1] & t[1], s[2] & t[2], s[3] & t[3]} }

// Empty says whether no octet is in the set.
func (s Set) Empty() bool { return s == Set{} }

// Len is the number of octets in the set.
func (s Set) Len() int {
	return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]) + bits.OnesCount64(s[2]) + bits.OnesCount64(s[3])
}

// First is the least octet in the set, which is not empty.
func (s Set) First() byte {
	for i, w := range s {
		if w != 0 {
			return byte(i<<6 + bits.TrailingZeros64(w))
		}
	}
	panic("abnf: bug: First of an empty set")
}

// Ranges are the runs of adjacent octets in the set, from the least.
func (s Set) Ranges() [][2]byte {
	var out [][2]byte
	for c := 0; c < 256; c++ {
		if !s.Has(byte(c)) {
			continue
		}
		if n := len(out); n > 0 && int(out[n-1][1])+1 == c {
			out[n-1][1] = byte(c)
		} else {
			out = append(out, [2]byte{byte(c), byte(c)})
		}
	}
	return out
}

// String is the set in ABNF's notation, such as "%x09 / %x20-7E".
func (s Set) String() string {
	var parts []string
	for _, r := range s.Ranges() {
		if r[0] == r[1] {
			parts = append(parts, fmt.Sprintf("%%x%02X", r[0]))
		} else {
			parts = append(parts, fmt.Sprintf("%%x%02X-%02X", r[0], r[1]))
		}
	}
	return strings.Join(parts, " / ")
}
