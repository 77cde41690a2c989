package h2

import (
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/frames"
)

// bothEnds is one stream as both ends see it, with the frames that are on their
// way: all that can happen is gone through, up to a number of frames under way.
type bothEnds struct {
	state [2]StreamState // of the client, of the server
	way   [2]string      // a letter a frame: from the client, from the server
}

// sendable are the frames, by letter: the events of the sender, in order, and
// which ends may send them.
var sendable = map[byte]struct {
	events []StreamStateEvent
	from   string
}{
	'h': {[]StreamStateEvent{StreamStateOnSentHeaders}, "client, server"},
	'H': {[]StreamStateEvent{StreamStateOnSentHeaders, StreamStateOnSentEnd}, "client, server"},
	'd': {[]StreamStateEvent{StreamStateOnSentData}, "client, server"},
	'D': {[]StreamStateEvent{StreamStateOnSentData, StreamStateOnSentEnd}, "client, server"},
	'r': {[]StreamStateEvent{StreamStateOnSentReset}, "client, server"},
	'w': {[]StreamStateEvent{StreamStateOnSentWindowUpdate}, "client, server"},
	'p': {[]StreamStateEvent{StreamStateOnSentPriority}, "client, server"},
	'c': {[]StreamStateEvent{StreamStateOnSentPushPromise}, "server"},
	'P': {[]StreamStateEvent{StreamStateOnSentPromised}, "server"},
}

// received is the event of the receiver for one of the sender.
var received = map[StreamStateEvent]StreamStateEvent{
	StreamStateOnSentHeaders:      StreamStateOnReceivedHeaders,
	StreamStateOnSentData:         StreamStateOnReceivedData,
	StreamStateOnSentEnd:          StreamStateOnReceivedEnd,
	StreamStateOnSentReset:        StreamStateOnReceivedReset,
	StreamStateOnSentWindowUpdate: StreamStateOnReceivedWindowUpdate,
	StreamStateOnSentPriority:     StreamStateOnReceivedPriority,
	StreamStateOnSentPushPromise:  StreamStateOnReceivedPushPromise,
	StreamStateOnSentPromised:     StreamStateOnReceivedPromised,
}

// TestBothEndsOfAStream sends whatever the tables let each end send, in all
// orders, with up to three frames under way from each, and holds that nothing of
// it is an error to the other end: only a peer that does wrong is told so.
func TestBothEndsOfAStream(t *testing.T) {
	const underWay = 3
	for _, isPushed := range []bool{false, true} {
		seen := map[bothEnds]bool{}
		pairs := map[[2]StreamState]bool{}
		next := []bothEnds{{}}
		visit := func(b bothEnds) {
			if !seen[b] {
				seen[b] = true
				pairs[b.state] = true
				next = append(next, b)
			}
		}
		for len(next) > 0 {
			b := next[len(next)-1]
			next = next[:len(next)-1]
			for end := range 2 {
				for letter := range sendable {
					if sent, ok := b.send(end, letter, isPushed); ok && len(sent.way[end]) <= underWay {
						visit(sent)
					}
				}
				if len(b.way[end]) > 0 {
					got, a := b.deliver(end)
					if a.Scope != frames.ScopeNone {
						t.Fatalf("pushed %v: %q arrives in state %v: %s", isPushed, b.way[end][:1], b.state[1-end], a.Rule)
					}
					visit(got)
				}
			}
		}
		if len(seen) < 1000 || !pairs[[2]StreamState{StreamStateClosedByEnd, StreamStateClosedByEnd}] || !pairs[[2]StreamState{StreamStateClosedBySentReset, StreamStateClosedBySentReset}] {
			t.Errorf("pushed %v: only %d ways were gone, over %d pairs of states", isPushed, len(seen), len(pairs))
		}
	}
}

// send is one end sending a frame, if the table lets it, and the role.
func (b bothEnds) send(end int, letter byte, isPushed bool) (bothEnds, bool) {
	f := sendable[letter]
	role := []string{"client", "server"}[end]
	opens := b.state[end] == StreamStateIdle && f.events[0] != StreamStateOnSentPriority
	if !slices.Contains(strings.Split(f.from, ", "), role) || opens && isPushed != (letter == 'P') || opens && !isPushed && role == "server" || isPushed && letter == 'c' {
		return b, false
	}
	for _, e := range f.events {
		a := b.state[end].On(e)
		if a.Scope != frames.ScopeNone {
			return b, false
		}
		b.state[end] = a.Next
	}
	b.way[end] += string(letter)
	return b, true
}

// deliver is that the first frame from one end comes to the other.
func (b bothEnds) deliver(from int) (bothEnds, StreamStateAnswer) {
	to := 1 - from
	f := sendable[b.way[from][0]]
	b.way[from] = b.way[from][1:]
	var a StreamStateAnswer
	for _, e := range f.events {
		a = b.state[to].On(received[e])
		if a.Scope != frames.ScopeNone {
			return b, a
		}
		b.state[to] = a.Next
	}
	return b, a
}
