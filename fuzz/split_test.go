package fuzz

import (
	"fmt"
	"strings"
	"testing"

	fuzzheaders "github.com/AdaLogics/go-fuzz-headers"

	"github.com/specht-http/specht/h1"
)

// FuzzSplit reads octets in one piece, and in pieces that the plan says: the
// events must be the same, with the same offsets, and so must the fault.
func FuzzSplit(f *testing.F) {
	for i, s := range seeds() {
		f.Add(s, []byte{byte(1 + i%7), byte(i), 1, 2, 3})
	}
	f.Fuzz(func(t *testing.T, octets, plan []byte) {
		whole := read(octets, func(int) int { return len(octets) })
		cuts := fuzzheaders.NewConsumer(plan)
		pieces := read(octets, func(int) int {
			n, err := cuts.GetInt()
			if err != nil {
				return 1
			}
			return 1 + n
		})
		if whole != pieces {
			t.Errorf("in one piece:\n%s\nin pieces:\n%s", whole, pieces)
		}
		if drip := read(octets, func(int) int { return 1 }); whole != drip {
			t.Errorf("in one piece:\n%s\noctet by octet:\n%s", whole, drip)
		}
	})
}

// read feeds octets to a reader, as many at a time as piece says, and writes
// down what it finds. Adjacent content is joined: how it is cut says nothing.
func read(octets []byte, piece func(at int) int) string {
	var log strings.Builder
	var m h1.RequestMessage
	limits := h1.DefaultRequestMessageLimits()
	limits.RequestLineOctets, limits.FieldLineOctets, limits.FieldSectionOctets, limits.FieldLines = 200, 150, 400, 12
	limits.ChunkLineOctets, limits.TrailerLineOctets, limits.TrailerSectionOctets, limits.TrailerFieldLines = 40, 50, 80, 4
	content := 0
	begin, at, known := 0, 0, 0 // of the message; of the octets not consumed; of the octets not given
	flush := func() {
		if content > 0 {
			fmt.Fprintf(&log, "content %d\n", content)
		}
		content = 0
	}
	for known < len(octets) || at == 0 {
		if known == len(octets) {
			break
		}
		known = min(known+piece(known), len(octets))
		for {
			n, event := m.Next(octets[at:known], 1<<20, &limits)
			b := octets[at:known]
			at += n
			switch event {
			case h1.RequestMessageMore:
			case h1.RequestMessageContent:
				content += m.Content.Len()
				continue
			case h1.RequestMessageHead:
				fmt.Fprintf(&log, "head [%d,%d) %q %q %v %v %v %d\n", begin, at-begin, m.Head.Method.Of(b), m.Head.Target.Of(b), m.Version, m.RequestBodyLength, m.Persistence, m.ContentLength.Length)
				for _, l := range m.Head.Fields {
					fmt.Fprintf(&log, "  %v %v %v %q: %q\n", l.NameID, l.Name, l.Value, l.Name.Of(b), l.Value.Of(b))
				}
				continue
			case h1.RequestMessageTrailers:
				flush()
				for _, l := range m.Trailers.Fields {
					fmt.Fprintf(&log, "  trailer %v %q: %q\n", l.NameID, l.Name.Of(b), l.Value.Of(b))
				}
				continue
			case h1.RequestMessageEnd:
				flush()
				fmt.Fprintf(&log, "end at %d\n", at)
				begin = at
				m.Reset()
				if at == known {
					break
				}
				continue
			case h1.RequestMessageFailed:
				flush()
				fmt.Fprintf(&log, "failed: %+v\n", *m.Fault(&limits))
				return log.String()
			}
			if n == 0 || at == known {
				break
			}
		}
	}
	flush()
	fmt.Fprintf(&log, "%d octets left over at %d\n", len(octets)-at, m.Offset())
	return log.String()
}
