package audit

import (
	"fmt"
	"testing"

	"github.com/specht-http/specht/h1"
)

// TestWitnessesOnTheEngine gives the engine what has peers out of step, with us or with
// each other: it refuses it, or ends the request where our model does.
func TestWitnessesOnTheEngine(t *testing.T) {
	t.Parallel()
	ours := map[string]*Subject{Default: open(t, Default), Default + "+lenient": open(t, Default+"+lenient")}
	subject := func(name string) *Subject {
		if s := ours[name]; s != nil {
			return s
		}
		return open(t, name)
	}
	refused := 0
	for _, pair := range [][2]string{
		{Default, "peer:vanilla"},
		{Default + "+lenient", "peer:vanilla"},
		{"peer:go122", "peer:anyext"},
		{"peer:gunicorn21", "peer:waitress131"},
		{"peer:gunicorn21", "peer:tornado633"},
		{"peer:falcon", "peer:trafficserver"},
		{"peer:node18", "peer:gunicorn23"},
	} {
		a, b := subject(pair[0]), subject(pair[1])
		q := a.questions()[0]
		c, err := newAsker(q).ask(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if c.Verdict == Holds {
			t.Logf("%s and %s agree", a.Name, b.Name)
			continue
		}
		for name, s := range ours {
			want, ok := s.reads(q, c.Witness)
			if !ok {
				want = "refused"
				refused++
			}
			if got := engine(c.Witness, s.IsLenient); got != want {
				t.Errorf("%s and %s: %q: the engine, %s: %s, want %s", a.Name, b.Name, c.Witness, name, got, want)
			}
		}
	}
	if refused < 6 {
		t.Errorf("only %d are refused", refused)
	}
}

// engine is where the engine ends the first request of a stream, in the words of the
// model.
func engine(stream []byte, isLenient bool) string {
	limits := h1.DefaultRequestMessageLimits()
	c := h1.NewServerConn(&limits)
	if isLenient {
		c.ReadLeniently()
	}
	content := 0 // octets of the chunk that is under way
	for at := 0; ; {
		n, event := c.Receive(stream[at:])
		at += n
		switch {
		case event == h1.RequestMessageEnd:
			return fmt.Sprint("octet ", at)
		case event == h1.RequestMessageFailed:
			return "refused"
		case event == h1.RequestMessageContent:
			content += c.Request().Content.Len()
		case event == h1.RequestMessageMore && n == 0:
			return fmt.Sprint("octet ", uint64(at)+c.Request().ChunkLine.Size-uint64(content))
		}
	}
}
