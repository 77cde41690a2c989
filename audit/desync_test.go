package audit

import (
	"strings"
	"testing"
)

func open(t testing.TB, name string) *Subject {
	t.Helper()
	s, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDesyncFinds has two peers out of step, of which one sees the end of a line in
// what the other skips.
func TestDesyncFinds(t *testing.T) {
	r, err := Desync(open(t, "peer:go122"), open(t, "peer:anyext"))
	if err != nil {
		t.Fatal(err)
	}
	want := "a / HTTP/1.1\r\nHost: a\r\ntransfer-encoding:chunked\r\n\r\n0;a\n\r\n\r\n"
	if c := r.Claims[0]; c.Verdict != Fails || string(c.Witness) != want || !strings.Contains(c.Evidence, "at octet 58") {
		t.Errorf("%+v", c)
	}
}

// TestMatrix asks all of our readers beside all peers.
func TestMatrix(t *testing.T) {
	peers, err := OpenPeers()
	if err != nil {
		t.Fatal(err)
	}
	ours, err := OpenOurs()
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		ours = ours[:1]
	}
	r, err := Matrix(ours, peers)
	if got := failing(t, r, err); got != "" {
		t.Error(got)
	}
	if r.Count(Undecided) > 0 || len(r.Claims) < 7*len(ours)*len(peers) {
		t.Errorf("%d claims, %d of them undecided", len(r.Claims), r.Count(Undecided))
	}
}
