package main

import (
	"slices"
	"testing"
)

func TestDoubled(t *testing.T) {
	names := []string{"package", "json", "q"}
	got := doubled([]string{"gen", "-o", "d", "-package", "p", "-package=p", "--json", "-json", "-q", "-x", "--", "-package"}, names)
	want := []string{"gen", "-o", "d", "--package", "p", "--package=p", "--json", "--json", "-q", "-x", "--", "-package"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
