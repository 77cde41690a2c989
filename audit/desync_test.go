package audit

import (
	"slices"
	"strings"
	"testing"

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
