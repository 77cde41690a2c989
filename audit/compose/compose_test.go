package compose

import (
	"testing"
	"time"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

func model(t testing.TB) *gen.Model {
	t.Helper()
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	m, err := gen.Load(set)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSame(t *testing.T) {
	m := model(t)
	a, err := New(m, "request-message", Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(a.octets), "classes")
	begun := time.Now()
	r := (&Pair{A: a, B: a}).Desync()
	t.Logf("%+v %v", r, time.Since(begun))
	b, err := New(m, "request-message", Options{Head: m.Machine("lenient-request-head")})
	if err != nil {
		t.Fatal(err)
	}
	begun = time.Now()
	r = (&Pair{A: a, B: b}).Desync()
	t.Logf("%+v %v", r, time.Since(begun))
}

func peer(t testing.TB, name string) *gen.Model {
	t.Helper()
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	if set, err = set.Peer(spec.Peers(), name); err != nil {
		t.Fatal(err)
	}
	m, err := gen.Understand(set)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPeers(t *testing.T) {
	a, err := New(peer(t, "go122"), "request-message", Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(peer(t, "anyext"), "request-message", Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := (&Pair{A: a, B: b}).Desync()
	t.Logf("%+v", r)
	t.Logf("%q %+v", r.Found.Stream, r.Found)
}
