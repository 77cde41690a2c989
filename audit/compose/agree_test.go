package compose

import "testing"

// TestAgree has nothing change by what isn't walked on: neither what is found, nor that
// nothing is.
func TestAgree(t *testing.T) {
	t.Parallel()
	models := map[string]*Machine{}
	machine := func(name, sequence, head string) *Machine {
		key := name + sequence + head
		if models[key] == nil {
			m := model(t)
			if name != "" {
				m = peer(t, name)
			}
			models[key] = compose(t, m, sequence, head)
		}
		return models[key]
	}
	for _, c := range []struct{ a, headA, b, sequence string }{
		{"", "request-head", "falcon", "request-message"},
		{"", "lenient-request-head", "gunicorn23", "request-message"},
		{"", "lenient-request-head", "vanilla", "request-message"},
		{"go122", "", "anyext", "request-message"},
		{"", "response-head", "vanilla", "response-message"},
		{"", "lenient-response-head", "go122", "response-message"},
	} {
		a, b := machine(c.a, c.sequence, c.headA), machine(c.b, c.sequence, "")
		got, want := (&Pair{A: a, B: b}).Desync(), (&Pair{A: a, B: b, walksAll: true}).Desync()
		if (got.Found == nil) != (want.Found == nil) || got.Found != nil && stream(got) != stream(want) || got.IsComplete != want.IsComplete {
			t.Errorf("%+v: %+v, want %+v", c, got, want)
		}
		t.Logf("%+v: %d pairs, %d without", c, got.Visited, want.Visited)
	}
}

func stream(r Result) string { return string(r.Found.Stream) }

// TestPartsOfHeads has two heads end at different octets, so that they don't agree
// although they come to the same.
func TestPartsOfHeads(t *testing.T) {
	t.Parallel()
	m := model(t)
	strict, lenient := compose(t, m, "request-message", "request-head"), compose(t, m, "request-message", "lenient-request-head")
	if g := (&Pair{A: strict, B: lenient}).agree(); g.parts[0][0] || g.same == 0 {
		t.Errorf("two heads of which one takes more don't agree: %+v", g.same)
	}
	// One that ends with the line feed of the first line, of which the other reads on.
	early := model(t)
	head := early.Machine("request-head")
	at := 0
	for _, o := range []byte("GET / HTTP/1.1\r") {
		e, ok := head.DFA.States[at].Edge(o)
		if !ok {
			t.Fatal("no request-line")
		}
		at = e.To
	}
	for i := range head.DFA.States {
		if s := &head.DFA.States[i]; s.Final && len(s.Out) == 0 {
			line := &head.DFA.States[at]
			line.Out[line.Edges['\n']].To = i
		}
	}
	short := compose(t, early, "request-message", "request-head")
	p := &Pair{A: strict, B: short}
	if g := p.agree(); !g.parts[0][0] {
		t.Error("heads that end at different octets agree")
	}
	if r := p.Desync(); r.Found == nil {
		t.Errorf("no stream is found: %+v", r)
	}
}
