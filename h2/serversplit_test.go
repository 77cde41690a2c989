package h2

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// splitHandler tells what it is asked, by stream, and answers by HEADERS alone: so
// that no window, and nothing that waits for the end of a turn, has a part in what
// is said.
func splitHandler(told map[uint32]string) func(message.Exchange) {
	return func(x message.Exchange) {
		id := (*exchange)(x.(*inTurn)).stream.ID
		told[id] += fmt.Sprintf("%s %s %d%s\n", x.Method(), x.Target(), x.ContentLength(), fieldsText(x.Fields()))
		switch target := string(x.Target()); {
		case strings.HasSuffix(target, "a"):
			_ = x.Respond(204, nil, nil)
		case strings.HasSuffix(target, "b"):
			x.Reset()
		case strings.HasSuffix(target, "c"):
			_ = x.Interim(103, nil)
			x.Detach()
		default:
			_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
				for _, c := range p {
					told[id] += quotedOctet(c)
				}
				if err != nil {
					told[id] += fmt.Sprintf("\nend: %v%s\n", err, fieldsText(x.Trailers()))
					_ = x.Respond(200, []message.Field{{Name: "was", Value: string(x.Method())}}, nil)
				}
				return len(p)
			})
		}
	}
}

// saidTo has a server read octets of a peer, this many at a time, and is what the
// handler was told of each stream, what was said on it, and how the connection
// ended.
func saidTo(t *testing.T, octets []byte, step int) string {
	told := map[uint32]string{}
	errs := map[uint32]string{} // apart: an end is told when a turn ends, an error at once
	o := inline(splitHandler(told))
	o.OnError = func(_ any, e *Error) {
		errs[e.StreamID] += "error: " + e.Error() + "\n"
	}
	p := serve(t, o)
	p.kept = 300
	p.step = step
	p.say(func(*http2.Framer) { p.in.Write(octets) })
	if c := p.s.conn; !p.s.isClosing {
		sum := c.windows.received + c.windows.owed
		c.Streams(func(s *Stream) {
			if x, ok := s.Owner.(*exchange); ok { // which may have some that nobody takes
				sum += x.arrived - x.credited
			}
		})
		if c.part == partVariable && c.header.Type == frames.TypeData && !c.isMuted { // what is to come of a frame
			sum += int64(c.left)
		}
		if want := int64(c.options.ConnectionWindowOctets); sum != want {
			t.Errorf("of the window %d octets are paid or to be paid back, want %d", sum, want)
		}
	}
	p.h.Lock()
	if !p.s.isReadOver {
		p.s.ReadEOF(p.left)
	}
	p.h.Unlock()
	p.write()
	for p.out.Len() > 0 {
		f, err := p.fr.ReadFrame()
		if err != nil {
			t.Fatalf("the server has sent what is no frame: %v %v", err, p.fr.ErrorDetail())
		}
		switch f := f.(type) {
		case *http2.DataFrame, *http2.WindowUpdateFrame:
		case *http2.GoAwayFrame:
			told[0] += frameText(f) + " " + string(f.DebugData()) + "\n"
		default:
			told[f.Header().StreamID] += frameText(f) + "\n"
		}
	}
	for id, text := range errs {
		told[id] += text
	}
	var b strings.Builder
	ids := make([]uint32, 0, len(told))
	for id := range told {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		fmt.Fprintf(&b, "stream %d: %s\n", id, told[id])
	}
	return b.String()
}

// randomRequests is what a peer may say, from frames that are mostly allowed.
func randomRequests(r *rand.Rand, frames int) []byte {
	p := &serverPeer{}
	p.enc = hpack.NewEncoder(&p.head)
	var b bytes.Buffer
	p.fr = http2.NewFramer(&b, nil)
	p.fr.AllowIllegalWrites = true
	for range frames {
		if r.IntN(3) == 0 {
			p.write1(r.IntN(2) == 0, asking("POST", "/"+string(rune('a'+r.IntN(6))), "x", fmt.Sprint(r.IntN(4)))...)
			continue
		}
		randomRequestFrame(p, p.fr, r)
	}
	return b.Bytes()
}

// However a conversation is cut, the handler is told the same of each stream, and
// the peer the same by its frames.
func TestServerRandomSplit(t *testing.T) {
	seeds := 1500
	if testing.Short() {
		seeds = 200
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), 5))
		octets := randomRequests(r, 1+r.IntN(40))
		step := 1 + r.IntN(60)
		if whole, cut := saidTo(t, octets, 0), saidTo(t, octets, step); whole != cut {
			t.Fatalf("seed %d, in pieces of %d: %s", seed, step, firstDifference(whole, cut))
		}
	}
}

// A connection without streams ends at the GOAWAY of its peer, also if something
// comes with it: an ignored frame that is too long, which would fail it.
func TestServerSplitAtGoAway(t *testing.T) {
	octets := []byte("\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + "\xff\xff\xff\x30\x00\x00\x00\x00\x01")
	for step := 1; step <= len(octets); step++ {
		if said := saidTo(t, octets, step); said != "stream 0: GOAWAY 0 NO_ERROR \n\n" {
			t.Errorf("in pieces of %d: %s", step, said)
		}
	}
}

// What a stream has ended by is told when a turn ends, and what the connection fails
// for at once: their order is that of the turns, and all else is the same.
func TestServerSplitAtReset(t *testing.T) {
	var b bytes.Buffer
	p := &serverPeer{}
	p.enc = hpack.NewEncoder(&p.head)
	p.fr = http2.NewFramer(&b, nil)
	p.write1(false, asking("POST", "/0")...)
	if err := p.fr.WriteRSTStream(1, 0x50); err != nil {
		t.Fatal(err)
	}
	b.WriteString("\xff\xff\xff\x00\x00\x00\x00\x00\x01")
	whole := saidTo(t, b.Bytes(), 0)
	for _, part := range []string{"end: ", "GOAWAY", "error: "} {
		if !strings.Contains(whole, part) {
			t.Errorf("there is no %q in %s", part, whole)
		}
	}
	for step := 1; step <= b.Len(); step++ {
		if cut := saidTo(t, b.Bytes(), step); whole != cut {
			t.Errorf("in pieces of %d: %s", step, firstDifference(whole, cut))
		}
	}
}

// FuzzServerSplit is TestServerRandomSplit with whatever octets.
func FuzzServerSplit(f *testing.F) {
	for seed := range uint64(30) {
		f.Add(randomRequests(rand.New(rand.NewPCG(seed, 6)), 12), uint8(seed))
	}
	f.Fuzz(func(t *testing.T, octets []byte, step uint8) {
		if len(octets) > 20_000 {
			return
		}
		if whole, cut := saidTo(t, octets, 0), saidTo(t, octets, 1+int(step)%50); whole != cut {
			t.Errorf("in pieces of %d: %s", 1+int(step)%50, firstDifference(whole, cut))
		}
	})
}

// firstDifference is where two texts differ, with the lines around it.
func firstDifference(whole, cut string) string {
	a, b := strings.Split(whole, "\n"), strings.Split(cut, "\n")
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	around := func(lines []string) string {
		return strings.Join(lines[max(at-6, 0):min(at+3, len(lines))], "\n\t")
	}
	return "at once was said\n\t" + around(a) + "\nand in pieces\n\t" + around(b)
}
