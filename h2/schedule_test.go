package h2

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// sized answers with as many octets as the path says: /NUMBER.
func sized(x message.Exchange) {
	n := 0
	_, _ = fmt.Sscanf(string(x.Target()), "/%d", &n)
	_ = x.Respond(200, nil, make([]byte, n))
}

// scheduled is a conversation whose windows are large.
func scheduled(t *testing.T) *serverPeer {
	p := serve(t, inline(sized), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1})
	return p.say(func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(0, 1<<30) })
}

// turns are the streams in the order in which their DATA leaves: 1×3 is three
// frames of stream 1 in a row.
func (p *serverPeer) turns() string {
	p.t.Helper()
	p.most = 0
	p.write()
	var list []string
	last, n := uint32(0), 0
	add := func(id uint32) {
		if id != last && n > 0 {
			list = append(list, fmt.Sprintf("%d×%d", last, n))
			n = 0
		}
		last = id
		n++
	}
	for p.out.Len() > 0 {
		f, err := p.fr.ReadFrame()
		if err != nil {
			p.t.Fatal(err)
		}
		if f, ok := f.(*http2.DataFrame); ok {
			add(f.StreamID)
		}
	}
	add(0)
	return strings.Join(list, " ")
}

// update writes PRIORITY_UPDATE (RFC 9218, Section 7.1).
func update(fr *http2.Framer, id uint32, priority string) {
	_ = fr.WriteRawFrame(0x10, 0, 0, append([]byte{0, 0, 0, byte(id)}, priority...))
}

// The most urgent goes first. Of the same urgency, what is of use in parts has
// turns, a frame each, and what isn't goes as a whole, in the order in which it
// was asked for (RFC 9218, Sections 4 and 10).
func TestUrgency(t *testing.T) {
	tests := []struct {
		name       string
		priorities []string // of requests for three frames each
		want       string
	}{
		{"nobody says anything", []string{"", "", ""}, "1×1 3×1 5×1 1×1 3×1 5×1 1×1 3×1 5×1"},
		{"by urgency", []string{"u=5", "u=1", "u=3"}, "3×3 5×3 1×3"},
		{"the default is 3", []string{"u=4", "", "u=2"}, "5×3 3×3 1×3"},
		{"as a whole", []string{"u=2", "u=2", "u=2"}, "1×3 3×3 5×3"},
		{"in turn", []string{"u=2, i", "u=2, i", "u=2, i"}, "1×1 3×1 5×1 1×1 3×1 5×1 1×1 3×1 5×1"},
		{"urgency before turns", []string{"u=6, i", "u=0", "u=6, i"}, "3×3 1×1 5×1 1×1 5×1 1×1 5×1"},
		{"what can't be read says nothing", []string{"u=1", "u=9", "u=1"}, "1×3 5×3 3×3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := scheduled(t)
			p.say(func(*http2.Framer) {
				for _, priority := range test.priorities {
					f := asking("GET", fmt.Sprint("/", 3*frameOctets))
					if priority != "" {
						f = append(f, "priority", priority)
					}
					p.write1(true, f...)
				}
			})
			if got := p.turns(); got != test.want {
				t.Errorf("the order is %s, want %s", got, test.want)
			}
		})
	}
}

// PRIORITY_UPDATE changes the order of what is under way.
func TestPriorityUpdates(t *testing.T) {
	tests := []struct {
		name       string
		priorities []string // of requests for 6, 3 and 3 frames
		update     func(fr *http2.Framer)
		want       string
	}{
		{"not at all", []string{"u=3", "u=3", "u=3"}, func(*http2.Framer) {}, "1×6 3×3 5×3"},
		{"one comes before", []string{"u=3", "u=3", "u=3"}, func(fr *http2.Framer) { update(fr, 5, "u=1") }, "1×4 5×3 1×2 3×3"},
		{"one comes behind", []string{"u=3", "u=3", "u=3"}, func(fr *http2.Framer) { update(fr, 1, "u=7") }, "1×4 3×3 5×3 1×2"},
		{"two have turns", []string{"u=3", "u=3", "u=3"}, func(fr *http2.Framer) {
			update(fr, 3, "u=2, i")
			update(fr, 5, "u=2, i")
		}, "1×4 3×1 5×1 3×1 5×1 3×1 5×1 1×2"},
		{"the last one holds", []string{"u=3", "u=3", "u=3"}, func(fr *http2.Framer) {
			update(fr, 5, "u=0")
			update(fr, 5, "u=7")
		}, "1×6 3×3 5×3"},
		{"of a stream that isn't there", []string{"u=3", "u=3"}, func(fr *http2.Framer) { update(fr, 99, "u=0") }, "1×6 3×3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := scheduled(t)
			p.most = -1 // what is framed ahead of the flow doesn't change any more: 4 frames of the first
			p.say(func(*http2.Framer) {
				for i, priority := range test.priorities {
					p.write1(true, asking("GET", fmt.Sprint("/", []int{6, 3, 3}[i]*frameOctets), "priority", priority)...)
				}
			})
			p.say(test.update)
			if got := p.turns(); got != test.want {
				t.Errorf("the order is %s, want %s", got, test.want)
			}
		})
	}
}

// Nor does who is between: the less urgent have those frames in turn.
func TestUrgencyStarvesNobodyBetween(t *testing.T) {
	p := scheduled(t)
	p.say(func(*http2.Framer) {
		for _, priority := range []string{"u=7", "u=3", "u=0"} {
			p.write1(true, asking("GET", fmt.Sprint("/", 100*frameOctets), "priority", priority)...)
		}
	})
	var spare []string
	for _, run := range strings.Fields(p.turns()) {
		if strings.HasSuffix(run, "×1") {
			spare = append(spare, run)
		}
	}
	if len(spare) < 6 || !slices.Equal(spare[:6], []string{"1×1", "3×1", "1×1", "3×1", "1×1", "3×1"}) {
		t.Errorf("the frames of the less urgent are %v", spare)
	}
}

// Whoever is less urgent doesn't starve: it has every sixteenth frame.
func TestUrgencyStarvesNobody(t *testing.T) {
	p := scheduled(t)
	p.say(func(*http2.Framer) {
		p.write1(true, asking("GET", fmt.Sprint("/", 100*frameOctets), "priority", "u=7")...)
		p.write1(true, asking("GET", fmt.Sprint("/", 100*frameOctets), "priority", "u=0")...)
	})
	runs := strings.Fields(p.turns())
	if len(runs) < 12 || runs[1] != "1×1" || runs[3] != "1×1" || !slices.Contains(runs, "3×15") {
		t.Errorf("the order is %v", runs)
	}
}
