package h2

import (
	"bytes"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// blockFrames are HEADERS and as many CONTINUATION as a block of this length asks
// for.
func blockFrames(id uint32, block []byte) []byte {
	var b bytes.Buffer
	fr := http2.NewFramer(&b, nil)
	k := min(len(block), 16384)
	_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block[:k], EndStream: true, EndHeaders: k == len(block)})
	for block = block[k:]; len(block) > 0; block = block[k:] {
		k = min(len(block), 16384)
		_ = fr.WriteContinuation(id, k == len(block), block[:k])
	}
	return b.Bytes()
}

// Octets that stand for many decode to no more than the limits of a section, and
// what they make us do and hold is bounded by how many they are.
func TestHPACKBombs(t *testing.T) {
	o := NewService(inline(hello)).conn
	tests := []struct {
		name  string
		entry []string // a field of a first request, which the table keeps
		again string   // what the second one repeats, behind its pseudo-header fields
		count int      // times
		limit string   // that cuts it
		most  int      // fields that are looked at, pseudo-header fields included
	}{
		{"references to a large entry", []string{"x", strings.Repeat("1", 4000)}, "\xbe", 128_000, "FieldSectionOctets", 21},
		{"references to an entry of a large name", []string{strings.Repeat("x", 4000), "1"}, "\xbe", 128_000, "FieldSectionOctets", 21},
		{"references to a small entry", []string{"x", "1"}, "\xbe", 128_000, "FieldLines", 129},
		{"references to the static table", nil, "\x90", 128_000, "FieldLines", 129}, // accept-encoding
		{"new entries of a large name", []string{strings.Repeat("x", 4000), "1"}, "\x7e\x00", 64_000, "FieldSectionOctets", 21},
		{"new entries without octets", nil, "\x0f\x21\x00", 42_000, "FieldLines", 129}, // referer, 51
		{"literals of Huffman's shortest code", nil, "\x00\x01x\xff\xad\x01" + strings.Repeat("\x00", 300), 400, "FieldLines", 129},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := NewServerConn(&o)
			begin := begunOver(nil)
			first := begin.block(append(asking("GET", "/"), test.entry...)...)
			second := append(begin.block(asking("GET", "/")...), bytes.Repeat([]byte(test.again), test.count)...)
			octets := append(begin.in.Bytes(), blockFrames(1, first)...)
			want := func(b []byte, want Event) {
				t.Helper()
				e := EventMore
				for len(b) > 0 && e != want {
					n := 0
					n, e = c.Receive(b)
					if b = b[n:]; e == EventFailed {
						t.Fatal(c.Fault)
					}
				}
				if e != want || len(b) > 0 {
					t.Fatalf("event %d, want %d; %d octets are left", e, want, len(b))
				}
			}
			want(octets, EventHead)
			octets = blockFrames(3, second)
			if len(octets) < 120_000 || len(second) > o.FieldBlockOctets {
				t.Fatalf("the attack has %d octets", len(octets))
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			want(octets, EventRefused)
			runtime.ReadMemStats(&after)
			if f := c.Fault.Fault; f == nil || f.Limit != test.limit || f.Status != 431 {
				t.Errorf("it is cut by %v", c.Fault)
			}
			if c.section.count > test.most {
				t.Errorf("%d fields were looked at, want at most %d", c.section.count, test.most)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 6*uint64(len(octets)) {
				t.Errorf("%d octets were allocated for %d", n, len(octets))
			}
			if n := cap(c.section.Arena); n > 2*o.FieldSectionOctets {
				t.Errorf("the section holds %d octets", n)
			}
			if c.trim(); cap(c.section.Arena) > arenaOctetsKept {
				t.Errorf("%d octets are kept of it", cap(c.section.Arena))
			}
		})
	}
}

// As many fields as FieldLines are served, and one more is not; so it is with those
// of a trailer section, and with crumbs of cookies, which are one line then.
func TestFieldLines(t *testing.T) {
	for _, test := range []struct {
		name string
		more int
		want string
	}{
		{"x", 128 - 4, "HEADERS 1 :status=200"}, // beside the pseudo-header fields
		{"x", 128 - 3, "HEADERS 1 :status=431"},
		{"cookie", 128 - 4, "HEADERS 1 :status=200"},
		{"cookie", 128 - 3, "HEADERS 1 :status=431"},
	} {
		p := serve(t, inline(hello))
		fields := asking("GET", "/")
		for range test.more {
			fields = append(fields, test.name, "1")
		}
		p.ask(true, fields...)
		if got := p.frames(); len(got) == 0 || !strings.HasPrefix(got[0], test.want) {
			t.Errorf("%d of %s: %q, want %q", test.more, test.name, got, test.want)
		}
		p.wantOpen("the connection goes on")
	}
	for more, want := range map[int]string{128: "", 129: "RST_STREAM 1 PROTOCOL_ERROR"} {
		p := serve(t, inline(func(x message.Exchange) {
			_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
				if err == message.ErrEnd {
					_ = x.Respond(200, nil, fmt.Append(nil, x.Trailers().Len()))
				}
				return len(p)
			})
		}))
		p.ask(false, asking("POST", "/")...)
		p.say(func(fr *http2.Framer) {
			var fields []string
			for range more {
				fields = append(fields, "x", "1")
			}
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.block(fields...), EndStream: true, EndHeaders: true})
		})
		if got := strings.Join(p.frames(), "\n"); want != "" && got != want || want == "" && !strings.HasSuffix(got, `"128"`) {
			t.Errorf("%d trailers: %q, want %q", more, got, want)
		}
	}
}

// What a block in pieces takes while it comes isn't kept by its connection: neither
// by us nor by hpack, which would for good.
func TestBlockInPiecesIsNotKept(t *testing.T) {
	o := NewService(inline(hello)).conn
	for _, step := range []int{1, 100, 16384} {
		c := NewServerConn(&o)
		begin := begunOver(nil)
		octets := append(begin.in.Bytes(), blockFrames(1, begin.block(asking("GET", "/", "x", strings.Repeat("~", 60_000))...))...)
		heads := 0
		for at, end := 0, 0; end < len(octets); {
			end = min(end+step, len(octets))
			for e := EventReset; e != EventMore; {
				n := 0
				n, e = c.Receive(octets[at:end])
				if at += n; e == EventHead && c.Section.Lines[1].Value.Len() == 60_000 {
					heads++
				}
			}
		}
		kept := reflect.ValueOf(c.decoder.hpack).Elem().FieldByName("saveBuf").FieldByName("buf").Cap()
		if c.trim(); heads != 1 || kept+cap(c.gathered) > arenaOctetsKept {
			t.Errorf("in pieces of %d: %d heads, %d octets are kept by hpack, and %d by us", step, heads, kept, cap(c.gathered))
		}
	}
}
