package compose

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// model is a model of our own, that no other test has: some change it.
func model(t testing.TB) *gen.Model { return modelOf(t, "") }

func peer(t testing.TB, name string) *gen.Model { return modelOf(t, "peers/"+name) }

func modelOf(t testing.TB, over string) *gen.Model {
	t.Helper()
	set, err := spec.Read(spec.Embedded())
	if err == nil && over != "" {
		set, err = set.Peer(spec.Peers(), over)
	}
	if err != nil {
		t.Fatal(err)
	}
	m, err := gen.Understand(set)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// given are the values of inputs that the octets don't tell, the first of each.
func given(m *gen.Model, sequence string) map[string]string {
	out := map[string]string{}
	for _, s := range m.Sequences {
		for _, d := range m.Given(s) {
			if s.Name == sequence {
				out[d.Name] = d.Values[0]
			}
		}
	}
	return out
}

func compose(t testing.TB, m *gen.Model, sequence, head string) *Machine {
	t.Helper()
	c, err := New(m, sequence, Options{Head: m.Machine(head), Given: given(m, sequence)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestStepAgreesWithReading walks composed machines at random, and reads each message
// that comes of it by the plain reader. The other way, octets are changed: where one
// refuses what decides about the end, the other refuses too.
func TestStepAgreesWithReading(t *testing.T) {
	t.Parallel()
	m := model(t)
	for _, c := range []struct{ sequence, head string }{
		{"request-message", "request-head"},
		{"request-message", "lenient-request-head"},
		{"response-message", "response-head"},
		{"response-message", "lenient-response-head"},
	} {
		t.Run(c.head, func(t *testing.T) {
			seq := m.Sequences[slices.IndexFunc(m.Sequences, func(s *gen.Sequence) bool { return s.Name == c.sequence })]
			ma := compose(t, m, c.sequence, c.head)
			r := rand.New(rand.NewPCG(1, 2))
			read, ended := 0, 0
			for range 1500 {
				stream := walk(ma, r)
				if r.IntN(3) == 0 && len(stream) > 0 {
					stream[r.IntN(len(stream))] = "\r\n :;,0aF\x00\xff"[r.IntN(11)]
				}
				want := ma.EndOn(stream)
				if want == "not in these octets" || strings.HasPrefix(want, "cut") {
					continue
				}
				msg, ok := Read(m, seq, m.Machine(c.head), given(m, c.sequence), stream)
				bySyntax := msg.Refused == "malformed head" || strings.HasPrefix(msg.Refused, "malformed chunk") || msg.Refused == "malformed trailers"
				if msg.Refused != "" && !bySyntax && !strings.HasPrefix(want, "refused") {
					continue // by a decision that has nothing to do with the end
				}
				read++
				switch {
				case strings.HasPrefix(want, "refused"):
					if msg.Refused == "" && (ok || msg.Wants > 0) { // without an end, it is refused later
						t.Fatalf("%q is %s, and read up to %d", stream, want, msg.End)
					}
				case msg.Refused != "":
					t.Fatalf("%q ends at %s, and is refused: %s", stream, want, msg.Refused)
				case !ok && msg.Wants == 0:
					t.Fatalf("%q ends at %s, and is not whole", stream, want)
				case ok && want != "the end of input" && !strings.HasSuffix(want, " "+itoa(msg.End)):
					t.Fatalf("%q ends at %s, and was read up to %d", stream, want, msg.End)
				default:
					ended++
				}
			}
			if read < 500 || ended < 50 {
				t.Errorf("%d streams were read, and %d to their end: too few", read, ended)
			}
		})
	}
}

func itoa(n int) string {
	var b []byte
	for ; n > 0; n /= 10 {
		b = append([]byte{byte('0' + n%10)}, b...)
	}
	return string(b)
}

// walk is a stream that a machine doesn't refuse, of octets at random, up to the end
// of its message or of patience. Half of the time it goes where fewest have been.
func walk(c *Machine, r *rand.Rand) (stream []byte) {
	at := c.id(c.Start())
	for _, o := range []byte([]string{"", "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length:", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: ", "HTTP/1.1 200 OK\r\nTransfer-Encoding:chunked"}[r.IntN(6)]) {
		to := c.follow(at, o)
		if to < 0 {
			break
		}
		at, stream = to, append(stream, o)
	}
	for len(stream) < 200 {
		var can []byte
		for _, o := range c.octets {
			if to := c.follow(at, o); to >= 0 || to == toEnded {
				can = append(can, o)
			}
		}
		if len(can) == 0 {
			return stream
		}
		o := can[r.IntN(len(can))]
		for _, end := range []byte("\n\r0") {
			if slices.Contains(can, end) && r.IntN(4) == 0 {
				o = end
				break
			}
		}
		stream = append(stream, o)
		to := c.follow(at, o)
		if to == toEnded || c.isUnbounded(to) {
			return stream
		}
		at = to
	}
	return stream
}

func TestDesync(t *testing.T) {
	t.Parallel()
	m := model(t)
	for _, c := range []struct {
		name, want string
		a, b       *Machine
	}{
		{"itself", "", compose(t, m, "request-message", "request-head"), compose(t, m, "request-message", "request-head")},
		{"lenient", "", compose(t, m, "request-message", "request-head"), compose(t, m, "request-message", "lenient-request-head")},
		{
			"line feed, and any octet in an extension", "a a HTTP/1.1\r\ntransfer-encoding:chunked\r\n\r\n0;a\n\r\n\r\n",
			compose(t, peer(t, "go122"), "request-message", ""), compose(t, peer(t, "anyext"), "request-message", ""),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, p := range []*Pair{{A: c.a, B: c.b}, {A: c.b, B: c.a}} {
				r := p.Desync()
				got := ""
				if r.Found != nil {
					got = string(r.Found.Stream)
				}
				if got != c.want || r.Found == nil && (!r.IsComplete || r.Visited < 10) {
					t.Errorf("%q, want %q: %+v", got, c.want, r)
				}
			}
		})
	}
}

// TestWhiteSpaceBehindValues has a value end where white space begins, which its
// machine may refuse.
func TestWhiteSpaceBehindValues(t *testing.T) {
	t.Parallel()
	m := model(t)
	c := compose(t, m, "request-message", "request-head")
	for line, isGood := range map[string]bool{
		"Content-Length:1":              true,
		"Content-Length: 1 \t":          true,
		"Content-Length: 1 1":           false,
		"Transfer-Encoding: chunked\t ": true,
		"Transfer-Encoding: chunked;":   false,
		"Content-Length: 3 \r\nA: b":    true,
	} {
		stream := []byte("GET / HTTP/1.1\r\nHost: a\r\n" + line + "\r\n\r\n0\r\n\r\n")
		end := c.EndOn(stream)
		msg, _ := Read(m, c.seq, c.head, nil, stream)
		if (msg.Refused == "") != isGood || strings.HasPrefix(end, "refused") == isGood || isGood && end != "octet "+itoa(msg.End) {
			t.Errorf("%q ends at %s, and is read up to %d, refused as %q", line, end, msg.End, msg.Refused)
		}
	}
}

func TestNumerals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		base       int
		text       string
		bits       int
		left, huge string
	}{
		{10, "0003", 0, "3", ""},
		{10, "4294967297", 0, "", "4294967297"},
		{10, "4294967297", 32, "1", ""},
		{16, "10000000000000001", 64, "1", ""},
		{16, "100000000", 64, "", "4294967296"},
		{10, "4", 0, "", "cut"},
		{10, "429", 0, "", "cut"},
	} {
		n := newNumerals(c.base, 3)
		at := 0
		for _, o := range []byte(c.text) {
			if at >= 0 {
				at = n.next(uint16(at), digitOf(o))
			}
		}
		got := count{huge: cutNumber}
		if at >= 0 {
			got = n.count(uint16(at), c.bits)
		}
		switch {
		case c.huge == "cut":
			if got.huge != cutNumber {
				t.Errorf("%s: %+v", c.text, got)
			}
		case c.huge != "":
			if got.huge == 0 || got.huge == cutNumber || n.vals[got.huge-1].String() != c.huge {
				t.Errorf("%s: %+v", c.text, got)
			}
		case itoa(int(got.left)) != c.left:
			t.Errorf("%s: %+v", c.text, got)
		}
	}
}
