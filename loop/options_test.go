package loop

import (
	"strings"
	"testing"
)

// A window is indexed by 32 bits.
func TestSizesAreBounded(t *testing.T) {
	for _, o := range []Options{{WindowOctetsMax: 1<<30 + 1}, {ReadOctets: 1<<30 + 1}} {
		func() {
			defer func() {
				if s, _ := recover().(string); !strings.HasPrefix(s, "loop: ") {
					t.Errorf("%d, %d: the panic is %q", o.WindowOctetsMax, o.ReadOctets, s)
				}
			}()
			o.withDefaults()
		}()
	}
	o := Options{WindowOctetsMax: 1 << 30, ReadOctets: 1 << 30}
	o.withDefaults()
}
