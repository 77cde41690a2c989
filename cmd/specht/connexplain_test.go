package main

import (
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"
)

// Whatever the octets are, they are explained to their end or to what is refused:
// each event lies in the input, and what is cut says so.
func TestConnExplainerTakesAll(t *testing.T) {
	whole, err := hex.DecodeString(strings.ReplaceAll(
		"000000 04 00 00000000 00000d 01 04 00000001 83 84 86 41 03 612e62 10 01 61 01 62 000002 00 01 00000001 6869 "+
			"000004 08 00 00000000 00000001 000008 06 00 00000000 0102030405060708 000004 03 00 00000001 00000008", " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	explained := func(octets []byte, methods []string) (errors int) {
		last := 0
		e := newConnExplainer(octets, methods, func(v connEvent) {
			if v.Start < 0 || v.Start > v.End || v.End > len(octets) || v.Start < last {
				t.Errorf("%x: the event %+v, behind one at %d", octets, v, last)
			}
			last = v.Start
		})
		e.run()
		return e.errors
	}
	if n := explained(whole, nil); n != 0 {
		t.Fatalf("the whole has %d errors", n)
	}
	for n := 1; n < len(whole); n++ {
		explained(whole[:n], nil)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		octets := append([]byte(nil), whole...)
		for range 1 + r.IntN(4) {
			octets[r.IntN(len(octets))] = byte(r.Uint32())
		}
		explained(octets, nil)
		explained(octets, []string{"GET", "HEAD", "CONNECT"})
	}
}
