package h2

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"golang.org/x/net/http2/hpack"
)

// corrupted sends values that stand in memory that is used again for each of
// them, and says how many of them arrive as another value.
func corrupted(t *testing.T, how indexing) (wrong int) {
	var e fieldEncoder
	var got fieldList
	var d *hpack.Decoder
	random := rand.New(rand.NewPCG(1, 2))
	memory := make([]byte, len("value-000"))
	for i := range 20000 {
		if i%50 == 0 { // before entries are evicted, where hpack panics
			e = fieldEncoder{}
			e.init(4096)
			d = hpack.NewDecoder(4096, func(f hpack.HeaderField) { got.add(f.Name, f.Value, false) })
		}
		copy(memory, fmt.Sprintf("value-%03d", random.IntN(100)))
		b := e.append(nil, "server", unsafe.String(&memory[0], len(memory)), how)
		got = got[:0]
		if _, err := d.Write(b); err != nil {
			t.Fatal(err)
		}
		if got[0][1] != string(memory) {
			wrong++
		}
	}
	return wrong
}

// A table must not have strings that somebody writes over. Without the copy
// (ownedIndexed says that none is needed) responses carry the values of others:
// this test would see it.
func TestHPACKOwnsWhatItIndexes(t *testing.T) {
	for _, how := range []indexing{indexed, notIndexed, neverIndexed} {
		if n := corrupted(t, how); n != 0 {
			t.Errorf("%d values of 20000 arrive as others, indexing %d", n, how)
		}
	}
	n := corrupted(t, ownedIndexed)
	t.Logf("without the copy %d values of 20000 arrive as others", n)
	if n == 0 {
		t.Error("the test doesn't see what it is for")
	}
}

// Fields are represented as their names ask for (RFC 7541, Section 6.2).
func TestHPACKRepresentations(t *testing.T) {
	var e fieldEncoder
	e.init(4096)
	for _, c := range []struct {
		name, value string
		how         indexing
		want        byte // the first octet's high bits
		mask        byte
	}{
		{"authorization", "Basic YTpi", neverIndexed, 0x10, 0xf0},
		{"location", "/a", notIndexed, 0x00, 0xf0},
		{"server", "specht", indexed, 0x40, 0xc0},
		{"server", "specht", indexed, 0x80, 0x80},
		{"authorization", "Basic YTpi", neverIndexed, 0x10, 0xf0},
		{":status", "200", ownedIndexed, 0x80, 0x80},
		{"accept", fmt.Sprintf("%01500d", 0), indexed, 0x00, 0xf0},
	} {
		if b := e.append(nil, c.name, c.value, c.how); b[0]&c.mask != c.want {
			t.Errorf("%s: the block is %x", c.name, b[:8])
		}
	}
}

// The peer's SETTINGS_HEADER_TABLE_SIZE, from nothing to 4 GiB, and ours.
func TestHPACKTableSizes(t *testing.T) {
	for _, c := range []struct {
		name   string
		most   uint32
		limits []uint32
		want   string // what the block of a field begins with, which is :status 200
	}{
		{"nothing said", 4096, nil, "88"},
		{"as large as it is", 4096, []uint32{4096}, "88"},
		{"4 GiB", 4096, []uint32{1<<32 - 1}, "88"},
		{"4 GiB, and ours is 64 KiB", 1 << 16, []uint32{1<<32 - 1}, "3fe1ff0388"},
		{"none", 4096, []uint32{0}, "2088"},
		{"ours is none", 0, []uint32{4096}, "2088"},
		{"less and more between two blocks", 4096, []uint32{100, 1000}, "3f453fc90788"},
		{"less and as before between two blocks", 4096, []uint32{0, 4096}, "203fe11f88"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e fieldEncoder
			e.init(c.most)
			for _, n := range c.limits {
				e.limit(n)
			}
			if got := fmt.Sprintf("%x", e.append(nil, ":status", "200", ownedIndexed)); got != c.want {
				t.Errorf("the block is %s, want %s", got, c.want)
			}
			if got := fmt.Sprintf("%x", e.append(nil, ":status", "200", ownedIndexed)); got != "88" {
				t.Errorf("the next one is %s", got)
			}
			e.limit(4096)
			// An update that is due goes before a literal, which is none of its octets.
			var got fieldList
			d := hpack.NewDecoder(4096, func(f hpack.HeaderField) { got.add(f.Name, f.Value, false) })
			d.SetAllowedMaxDynamicTableSize(1 << 16)
			if _, err := d.Write(e.append(nil, "location", "/a", notIndexed)); err != nil || got[0][1] != "/a" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}
