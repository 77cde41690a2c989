package message

import (
	"strings"
	"testing"
)

// TestLookupFieldName looks up every known name in three spellings, and with
// each of its octets changed to every other.
func TestLookupFieldName(t *testing.T) {
	n := 0
	for id := FieldNameOther + 1; id.String() != "unknown"; id++ {
		n++
		word := id.String()
		for _, text := range []string{word, strings.ToLower(word), strings.ToUpper(word)} {
			if got := LookupFieldName([]byte(text)); got != id {
				t.Errorf("%q is %v, expected %v", text, got, id)
			}
		}
		b := []byte(word)
		for i, old := range b {
			for o := range 256 {
				b[i] = byte(o)
				same := strings.EqualFold(string(b), word) && o < 0x80
				if got := LookupFieldName(b); (got == id) != same {
					t.Errorf("%q is %v", b, got)
				}
			}
			b[i] = old
		}
	}
	if n < 50 {
		t.Errorf("%d known names", n)
	}
	if id := LookupFieldName([]byte(strings.Repeat("a", 1000))); id != FieldNameOther {
		t.Error(id)
	}
}
