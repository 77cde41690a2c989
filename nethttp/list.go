package nethttp

import (
	"iter"
	"net/textproto"
	"strings"
)

// elements are those of a list (RFC 9110, Section 5.6.1), without the empty
// ones.
func elements(value string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for element := range strings.SplitSeq(value, ",") {
			if element = textproto.TrimString(element); element != "" && !yield(element) {
				return
			}
		}
	}
}
