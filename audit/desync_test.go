package audit

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/specht-http/specht/spec"
)

// TestDesyncFinds has two peers out of step, of which one sees the end of a line in
// what the other skips.
func TestDesyncFinds(t *testing.T) {
	t.Parallel()
	r, err := Desync(open(t, "peer:go122"), open(t, "peer:anyext"))
	if err != nil {
		t.Fatal(err)
	}
	want := "a / HTTP/1.1\r\nHost: a\r\ntransfer-encoding:chunked\r\n\r\n0;a\n\r\n\r\n"
	if c := r.Claims[0]; c.Verdict != Fails || string(c.Witness) != want || !strings.Contains(c.Evidence, "at octet 58") {
		t.Errorf("%+v", c)
	}
}

// TestDesyncOfOneSide has sequences that only one of two has: nothing is said of them.
func TestDesyncOfOneSide(t *testing.T) {
	t.Parallel()
	a, b := open(t, Default), openAlone(t, Default)
	b.Model.Sequences = b.Model.Sequences[:1]
	for _, pair := range [][2]*Subject{{a, b}, {b, a}} {
		r, err := Desync(pair[0], pair[1])
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict() != Undecided || r.Count(Undecided) != 1 {
			t.Errorf("%s, %d undecided", r.Verdict(), r.Count(Undecided))
		}
	}
	if v := (&Report{}).Verdict(); v != Undecided {
		t.Errorf("a report of nothing %s", v)
	}
}

// TestMatrix asks our strict reader beside all peers, and the lenient one beside some:
// specht audit desync asks all beside all.
func TestMatrix(t *testing.T) {
	t.Parallel()
	peers, err := OpenPeers()
	if err != nil {
		t.Fatal(err)
	}
	if len(peers) < 12 {
		t.Fatalf("%d peers", len(peers))
	}
	r, err := Matrix([]*Subject{open(t, Default)}, peers)
	if got := failing(t, r, err); got != "" {
		t.Error(got)
	}
	if r.Count(Undecided) > 0 || len(r.Claims) < 7*len(peers) || r.Count(Says) == 0 {
		t.Errorf("%d claims, %d of them undecided", len(r.Claims), r.Count(Undecided))
	}
	if testing.Short() {
		return
	}
	r, err = Matrix([]*Subject{open(t, Default+"+lenient")}, []*Subject{open(t, "peer:waitress")})
	if got := failing(t, r, err); got != "" {
		t.Error(got)
	}
}

// TestMatrixFails has a peer out of step that doesn't list it, and one that lists what
// isn't so.
func TestMatrixFails(t *testing.T) {
	t.Parallel()
	unlisted := openAlone(t, "peer:vanilla")
	for _, d := range unlisted.Set.Documents {
		d.Tables = slices.DeleteFunc(slices.Clone(d.Tables), func(t *spec.Table) bool { return t.Kind == spec.KindPeerWitness })
	}
	r, err := Matrix([]*Subject{open(t, Default)}, []*Subject{unlisted})
	if got := failing(t, r, err); !strings.Contains(got, "list it in the peer's document") {
		t.Error(got)
	}
	vain := openAlone(t, "peer:go122")
	d := vain.Set.Documents[len(vain.Set.Documents)-1]
	d.Tables = append(slices.Clone(d.Tables), &spec.Table{Kind: spec.KindPeerWitness, Rows: []spec.Row{{Cells: []spec.Cell{{Text: Default}, {Text: "no reason"}}}}})
	r, err = Matrix([]*Subject{open(t, Default)}, []*Subject{vain})
	if got := failing(t, r, err); !strings.Contains(got, "remove the row") {
		t.Error(got)
	}
}

// TestMatrixSeesBehindWhatIsListed has a peer that lists a chunk of 2^32 octets, and that
// passes over chunked besides: the row doesn't excuse that.
func TestMatrixSeesBehindWhatIsListed(t *testing.T) {
	t.Parallel()
	text, err := fs.ReadFile(spec.Peers(), "peers/vanilla.md")
	if err != nil {
		t.Fatal(err)
	}
	more := "\n| transitions transfer-encoding | event | → next | action | requirement |\n|---|---|---|---|---|\n| absent | chunked | absent | | choice: what the peer does |\n"
	peer := openAlone(t, Default)
	peer.Name = "peer:vanilla"
	if peer.Set, err = peer.Set.Peer(fstest.MapFS{"peers/vanilla.md": {Data: append(text, more...)}}, "peers/vanilla"); err != nil {
		t.Fatal(err)
	}
	peer.understand()
	r, err := Matrix([]*Subject{open(t, Default)}, []*Subject{peer})
	if got := failing(t, r, err); !strings.Contains(got, "but for numbers that wrap") || !strings.Contains(got, "doesn't excuse it") {
		t.Error(got)
	}

	r, err = Matrix([]*Subject{open(t, Default)}, []*Subject{open(t, "peer:vanilla")})
	if got := failing(t, r, err); got != "" {
		t.Error(got)
	}
	listed, held := 0, 0
	for _, c := range r.Claims {
		switch {
		case c.Verdict == Says && strings.HasSuffix(c.Name, "end a message at different octets, as is listed of numbers that wrap"):
			listed++
		case c.Verdict == Holds && strings.HasSuffix(c.Name, "at the same octet, but for numbers that wrap"+unexplored):
			held++
		}
	}
	if listed == 0 || listed != held {
		t.Errorf("%d differences are listed, and %d claims are made without them", listed, held)
	}
}

// TestDesyncTellsOfNumbers has a claim say that it is of some numbers only, where others
// were cut, and nothing of it where none were.
func TestDesyncTellsOfNumbers(t *testing.T) {
	t.Parallel()
	r, err := Desync(open(t, Default), open(t, "peer:waitress"))
	if err != nil {
		t.Fatal(err)
	}
	cut := 0
	for _, c := range r.Claims {
		if strings.Contains(c.Evidence, "branches cut") != strings.HasSuffix(c.Name, unexplored) {
			t.Errorf("%s: %s", c.Name, c.Evidence)
		}
		if strings.HasSuffix(c.Name, unexplored) {
			cut++
		}
	}
	if cut == 0 {
		t.Error("no branch was cut")
	}
}
