package compose

import (
	"testing"

	"github.com/specht-http/specht/gen"
)

// TestWaysAreSteps has each octet lead where Step leads, from the Configs that are
// come to first and from those deep in bodies.
func TestWaysAreSteps(t *testing.T) {
	t.Parallel()
	m := model(t)
	for _, c := range []*Machine{
		compose(t, m, "request-message", "lenient-request-head"),
		compose(t, m, "response-message", "response-head"),
		compose(t, peer(t, "falcon"), "request-message", ""),
	} {
		queue := []int32{c.id(c.Start())}
		known := map[int32]bool{queue[0]: true}
		inBodies := 0
		for len(queue) > 0 && len(known) < 6000 {
			at := queue[0]
			queue = queue[1:]
			if at&inBody != 0 {
				inBodies++
			}
			for o := range 256 {
				want := c.number(c.Step(*c.config(at), byte(o)))
				got := c.follow(at, byte(o))
				if got != want {
					t.Fatalf("octet %q leads from %+v to %d, want %d", byte(o), *c.config(at), got, want)
				}
				if got >= 0 && !known[got] {
					known[got] = true
					if got&inBody != 0 { // what follows heads is looked at before more of them
						queue = append([]int32{got}, queue...)
					} else {
						queue = append(queue, got)
					}
				}
			}
		}
		if inBodies < 3 {
			t.Errorf("%s: only %d Configs of bodies were come to", c.seq.Name, inBodies)
		}
	}
}

// TestShelf has machines share what is explored of heads if they read them alike, and
// not if a rule, a machine, a table, a decision or what is given is another.
func TestShelf(t *testing.T) {
	t.Parallel()
	ours := model(t)
	changed := func(change func(m *gen.Model)) *gen.Model {
		m := model(t)
		change(m)
		return m
	}
	request := func(m *gen.Model) Options { return Options{Given: given(m, "request-message")} }
	for _, c := range []struct {
		name, sequence string
		m              *gen.Model
		o              Options
		shares         bool
	}{
		{"the same", "request-message", model(t), request(ours), true},
		{"lines of chunks that end otherwise", "request-message", peer(t, "go122"), request(ours), true},
		{"octets before a chunk's end", "request-message", peer(t, "h11"), request(ours), true},
		{"a lenient head", "request-message", ours, Options{Head: ours.Machine("lenient-request-head")}, false},
		{"another Content-Length", "request-message", peer(t, "falcon"), request(ours), false},
		{"another Transfer-Encoding", "request-message", peer(t, "gunicorn23"), request(ours), false},
		{"more numbers", "request-message", ours, Options{Small: 4}, false},
		{"what is given", "response-message", ours, Options{Given: map[string]string{"method-class": "connect", "upgrade-offer": "none"}}, false},
		{"a cell of a table", "request-message", changed(func(m *gen.Model) {
			for _, tr := range m.Transitions {
				if tr.Name == "transfer-encoding" {
					tr.Cells[[2]string{tr.States.Values[0], tr.Events[0]}].Next = tr.States.Values[0]
				}
			}
		}), request(ours), false},
		{"a row of a decision", "request-message", changed(func(m *gen.Model) {
			for _, d := range m.Decisions {
				if d.Name == "request-body-length" {
					d.Rows[0].Outcome, d.Rows[0].Refuse = "until-close", nil
				}
			}
		}), request(ours), false},
		{"an edge of a machine", "request-message", changed(func(m *gen.Model) {
			m.Machine("transfer-encoding").DFA.States[0].Edges['!'] = -1
		}), request(ours), false},
		{"how words are looked up", "request-message", changed(func(m *gen.Model) {
			for _, k := range m.Keywords {
				k.Fold = !k.Fold
			}
		}), request(ours), false},
		{"where content-length's number wraps", "request-message", changed(func(m *gen.Model) {
			for _, y := range m.Machine("content-length").Yields {
				if y.Base > 0 {
					y.Wraps = 32
				}
			}
		}), request(ours), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var shelf Shelf
			one := Options{Shelf: &shelf, Given: given(ours, c.sequence)}
			first, err := New(ours, c.sequence, one)
			if err != nil {
				t.Fatal(err)
			}
			c.o.Shelf = &shelf
			second, err := New(c.m, c.sequence, c.o)
			if err != nil {
				t.Fatal(err)
			}
			if shares := first.heads == second.heads; shares != c.shares {
				t.Errorf("they share: %v, want %v", shares, c.shares)
			}
		})
	}
}

// TestShelfChangesNothing asks pairs of machines that share, and of ones that don't.
func TestShelfChangesNothing(t *testing.T) {
	t.Parallel()
	names := []string{"", "go122", "anyext", "falcon", "gunicorn21"}
	var shelf Shelf
	compose := func(name string, s *Shelf) *Machine {
		m := model(t)
		if name != "" {
			m = peer(t, name)
		}
		c, err := New(m, "request-message", Options{Shelf: s})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	var shared, alone []*Machine
	for _, name := range names {
		shared, alone = append(shared, compose(name, &shelf)), append(alone, compose(name, nil))
	}
	for i := range names {
		for k := range i {
			got, want := (&Pair{A: shared[i], B: shared[k]}).Desync(), (&Pair{A: alone[i], B: alone[k]}).Desync()
			if (got.Found == nil) != (want.Found == nil) || got.Found != nil && string(got.Found.Stream) != string(want.Found.Stream) {
				t.Errorf("%s and %s: %+v, want %+v", names[i], names[k], got.Found, want.Found)
			}
			got.Found, want.Found = nil, nil
			if got != want {
				t.Errorf("%s and %s: %+v, want %+v", names[i], names[k], got, want)
			}
		}
	}
}
