package loop

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestPoolKeepsSpares(t *testing.T) {
	type one struct{}
	type another struct{}
	p := NewPool(4096)
	if v := p.Take(one{}); v != nil {
		t.Errorf("Take gives %v that nobody gave", v)
	}
	for i := range 2 * sparesMax {
		p.Keep(one{}, &i)
	}
	p.Keep(another{}, "another")
	n := 0
	for v := p.Take(one{}); v != nil; v = p.Take(one{}) {
		if _, ok := v.(*int); !ok {
			t.Fatalf("Take gives a %T of another key", v)
		}
		n++
	}
	if n != sparesMax {
		t.Errorf("%d are kept, want %d", n, sparesMax)
	}
	if v := p.Take(another{}); v != "another" {
		t.Errorf("Take gives %v", v)
	}
	v := any(p)
	if n := testing.AllocsPerRun(100, func() {
		p.Keep(one{}, v)
		p.Take(one{})
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestPoolKeepsBuffers(t *testing.T) {
	p := NewPool(4096)
	for _, n := range []int{0, 1, 512, 513, 1 << 20, 1<<20 + 1} {
		if b := p.Get(n); cap(b) < n || len(b) != 0 {
			t.Errorf("Get(%d) has length %d and capacity %d", n, len(b), cap(b))
		} else {
			p.Put(b)
		}
	}
	if n := p.Retained(); n > 4096 {
		t.Errorf("%d octets are kept", n)
	}
	b := p.Get(600)
	p.Put(b)
	if c := p.Get(1024); &b[:1][0] != &c[:1][0] {
		t.Error("a buffer isn't used again")
	}
	if n := testing.AllocsPerRun(100, func() { p.Put(p.Get(2000)) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// What is gathered is the front of what there was, all of it if it is short,
// in few slices.
func TestGather(t *testing.T) {
	g := new(gatherer)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.IntRange(0, 10), rapid.IntRange(0, smallOctetsMax+10))
		var v [][]byte
		for i, n := range rapid.SliceOfN(size, 1, 100).Draw(t, "sizes") {
			v = append(v, bytes.Repeat([]byte{byte(i)}, n))
		}
		before := slices.Clone(v)
		all := bytes.Join(v, nil)
		gathered := g.gather(v)
		got := bytes.Join(gathered, nil)
		if !bytes.HasPrefix(all, got) || len(gathered) > slicesMax {
			t.Fatal("gathered something else")
		}
		if len(got) == 0 && len(all) > 0 {
			t.Fatal("gathered nothing")
		}
		if len(v) <= slicesMax && len(got) < len(all) {
			t.Fatalf("gathered %d octets of %d", len(got), len(all))
		}
		if len(all) <= outOctets && len(got) < len(all) {
			t.Fatalf("gathered %d octets of %d that can be copied", len(got), len(all))
		}
		for i := range v {
			if len(v[i]) != len(before[i]) {
				t.Fatal("the vector was changed")
			}
		}
	})
}

// The goroutine that is about to park, and the one that wakes it, never miss
// each other.
func TestAttendance(t *testing.T) {
	var a attendance
	a.begin()
	const wakes = 10_000
	done := make(chan struct{})
	var pending, seen int
	mu := make(chan struct{}, 1)
	go func() {
		defer close(done)
		for seen < wakes {
			mu <- struct{}{}
			seen += pending
			pending = 0
			<-mu
			if seen < wakes {
				a.rest(true)
			}
		}
	}()
	for range wakes {
		mu <- struct{}{}
		pending++
		<-mu
		if a.wake() {
			t.Fatal("a helper is wanted though the main goroutine is there")
		}
	}
	<-done
}
