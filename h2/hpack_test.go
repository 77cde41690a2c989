package h2

import (
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"
)

// fieldList is a fieldSink that keeps everything.
type fieldList [][2]string

func (l *fieldList) add(name, value string, _ bool) bool {
	*l = append(*l, [2]string{name, value})
	return true
}

// block is what a test writes for a field block: hexadecimal, with spaces.
func block(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// decodeAll decodes a block in fragments of n octets.
func (d *fieldDecoder) decodeAll(b []byte, n int) error {
	for len(b) > 0 {
		k := min(n, len(b))
		if err := d.decode(b[:k]); err != nil {
			return err
		}
		b = b[k:]
	}
	return d.close()
}

// hpackCases are the wires of fourteen encoders.
type hpackCases struct {
	Stories  map[string][][][2]string
	Encoders map[string]map[string][]struct {
		Wire      string
		TableSize *uint32 `json:"table_size"`
	}
}

func readHPACKCases(t testing.TB) (cases hpackCases) {
	const name = "../../shared/data/hpack_cases.json.gz"
	f, err := os.Open(name)
	if err != nil {
		t.Skipf("the wires of other encoders are not beside the module: %v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(z).Decode(&cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// Whatever an encoder makes of a list of fields, we find the list, in whatever
// fragments it comes.
func TestHPACKCases(t *testing.T) {
	cases := readHPACKCases(t)
	wires := 0
	for encoder, stories := range cases.Encoders {
		for story, list := range stories {
			var d fieldDecoder
			var got fieldList
			d.init(&got, 4096)
			for i, c := range list {
				if c.TableSize != nil {
					d.limit(*c.TableSize)
				}
				got = got[:0]
				if err := d.decodeAll(block(t, c.Wire), 1+i%7*i); err != nil {
					t.Fatalf("%s, %s, %d: %v", encoder, story, i, err)
				}
				if want := cases.Stories[story][i]; fmt.Sprint(got) != fmt.Sprint(want) {
					t.Fatalf("%s, %s, %d: %q, want %q", encoder, story, i, got, want)
				}
				wires++
			}
		}
	}
	t.Logf("%d wires", wires)
}

// What we encode, another decoder finds, with tables of all sizes.
func TestHPACKRoundtrip(t *testing.T) {
	cases := readHPACKCases(t)
	lists := 0
	for _, size := range []uint32{0, 100, 1365, 4096, 1 << 16} {
		for story, list := range cases.Stories {
			var e fieldEncoder
			e.init(4096)
			e.limit(size)
			var got fieldList
			d := hpack.NewDecoder(4096, func(f hpack.HeaderField) { got.add(f.Name, f.Value, false) })
			d.SetAllowedMaxDynamicTableSize(min(size, 4096))
			for i, want := range list {
				var b []byte
				for k, f := range want {
					b = e.append(b, f[0], f[1], indexing((i+k)%4))
				}
				got = got[:0]
				if _, err := d.Write(b); err != nil {
					t.Fatalf("%s, %d: %v", story, i, err)
				}
				if err := d.Close(); err != nil {
					t.Fatalf("%s, %d: %v", story, i, err)
				}
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Fatalf("%s, %d: %q, want %q", story, i, got, want)
				}
				lists++
			}
		}
	}
	t.Logf("%d lists", lists)
}

// Blocks that can't be decoded, one after the other: the last one can't.
func TestHPACKRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		limit  uint32 // acknowledged before the last block, unless it is 4096
		blocks []string
		want   string // of the error; nothing for none
	}{
		{"an index beyond both tables", 4096, []string{"be"}, "invalid indexed representation index 62"},
		{"the index 0", 4096, []string{"80"}, "invalid indexed representation index 0"},
		{"a name beyond both tables", 4096, []string{"7f 0f 01 61"}, "invalid indexed representation"},
		{"an integer too large", 4096, []string{"ff ff ff ff ff ff ff ff ff ff ff 01"}, "varint integer overflow"},
		{"a string that isn't whole", 4096, []string{"00 05 61"}, "truncated"},
		{"padding of more than 7 bits", 4096, []string{"00 01 61 82 1f ff"}, "invalid Huffman"},
		{"padding of zeros", 4096, []string{"00 01 61 81 18"}, "invalid Huffman"},
		{"EOS in a string", 4096, []string{"00 01 61 84 ff ff ff ff"}, "invalid Huffman"},
		{"duplicate entries", 4096, []string{"40 01 61 01 62", "40 01 61 01 62 be bf"}, ""},
		{"an update beyond the limit", 4096, []string{"3f e2 1f"}, "dynamic table size update too large"},
		{"an update behind a field", 4096, []string{"40 01 61 01 62 20"}, "MUST occur at the beginning"},
		{"an update", 4096, []string{"40 01 61 01 62", "3f e1 1e be"}, ""},
		{"two updates", 4096, []string{"40 01 61 01 62", "3f e1 1e 3f e1 1f be"}, ""},
		{"an update to nothing", 4096, []string{"40 01 61 01 62", "20 be"}, "invalid indexed representation index 62"},
		{"nothing, where an update is due", 100, []string{"40 01 61 01 62", "82"}, "doesn't begin with an update"},
		{"the update that is due", 100, []string{"40 01 61 01 62", "3f 45 be"}, ""},
		{"the update that is due, and the next block", 100, []string{"40 01 61 01 62", "3f 45 be", "be"}, ""},
		{"one larger than what is due", 100, []string{"82", "3f 46"}, "dynamic table size update too large"},
		{"no update, for less was used already", 100, []string{"3f 45 40 01 61 01 62", "be"}, ""},
		{"none, for less than one octet of an update is used", 31, []string{"3f 00 82", "82"}, ""},
		{"none, where a little more was used", 99, []string{"3f 45 82", "82"}, "doesn't begin with an update"},
		{"a larger table", 8192, []string{"40 01 61 01 62", "be"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for n := 1; n < 12; n++ {
				var d fieldDecoder
				var got fieldList
				d.init(&got, 4096)
				var err error
				for i, text := range c.blocks {
					if i == 1 && c.limit != 4096 {
						d.limit(c.limit)
					}
					if err != nil {
						t.Fatalf("fragments of %d octets: block %d: %v", n, i-1, err)
					}
					err = d.decodeAll(block(t, text), n)
				}
				if err == nil != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
					t.Errorf("fragments of %d octets: %v, want %q; the fields are %q", n, err, c.want, got)
				}
			}
		})
	}
}

// Past a limit nothing is copied, and the table goes on.
func TestHPACKPastLimit(t *testing.T) {
	var d fieldDecoder
	s := new(FieldSection)
	s.init(sectionLimits{octets: 100, lines: 10})
	d.init(s, 4096)
	s.begin(sectionTrailers)
	long := strings.Repeat("63", 100)
	if err := d.decodeAll(block(t, "00 01 61 64"+long+"00 01 61 64"+long+"40 01 61 01 62"), 50); err != nil {
		t.Fatal(err)
	}
	if f := s.end(); f == nil || f.Limit != "FieldSectionOctets" || !s.isTooLarge || f.Status != 431 {
		t.Errorf("the fault is %v", f)
	}
	if len(s.Arena) != 0 {
		t.Errorf("%d octets of a section that is refused were copied", len(s.Arena))
	}
	s.begin(sectionTrailers)
	if err := d.decodeAll(block(t, "be"), 1); err != nil {
		t.Fatal(err)
	}
	if f := s.end(); f != nil || lines(s) != "a: b\n" {
		t.Errorf("%v, %q", f, lines(s))
	}
}

// What is decoded is copied: who writes into the arena, as builds do that look
// for loans that are over, changes no table.
func TestHPACKCopies(t *testing.T) {
	var d fieldDecoder
	s := new(FieldSection)
	s.init(sectionLimits{octets: 1000, lines: 10})
	d.init(s, 4096)
	for _, text := range []string{"40 01 61 01 62", "be"} {
		s.begin(sectionTrailers)
		if err := d.decodeAll(block(t, text), 100); err != nil {
			t.Fatal(err)
		}
		if got := lines(s); got != "a: b\n" {
			t.Fatalf("%s: %q", text, got)
		}
		clear(s.Arena)
	}
}

// FuzzFieldBlock decodes two blocks, whole and in fragments: the same comes out.
func FuzzFieldBlock(f *testing.F) {
	for _, text := range []string{"82 86 84 41 8c f1 e3 c2 e5 f2 3a 6b a0 ab 90 f4 ff", "40 01 61 01 62 be", "20 3f e1 1f 82", "00 01 61 84 ff ff ff ff", "10 01 61 01 62 be"} {
		f.Add(block(f, text), []byte{0xbe}, 3)
	}
	f.Fuzz(func(t *testing.T, first, second []byte, n int) {
		decode := func(n int) (list fieldList, err error) {
			var d fieldDecoder
			d.init(&list, 4096)
			for _, b := range [][]byte{first, second} {
				if err = d.decodeAll(b, n); err != nil {
					return list, err
				}
			}
			return list, nil
		}
		whole, err := decode(max(1, len(first), len(second)))
		parts, perr := decode(1 + n&15)
		if fmt.Sprint(whole) != fmt.Sprint(parts) || (err == nil) != (perr == nil) {
			t.Errorf("whole: %q, %v; in fragments: %q, %v", whole, err, parts, perr)
		}
	})
}
