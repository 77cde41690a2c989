package gen

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/spec"
)

var (
	rfcHeading = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)*)\. +\S`)
	rfcLayout  = regexp.MustCompile(`^(?:HTTP/2 )?([A-Za-z_]+)(?: Frame)? \{$`)
)

// drawnLayout is a layout as a text draws it, from its title to its brace.
type drawnLayout struct{ name, section, text string }

// drawnLayouts are the layouts of HTTP/2 in a text.
func drawnLayouts(text, section string) (drawn []drawnLayout) {
	var in *drawnLayout
	for _, line := range strings.Split(text, "\n") {
		if m := rfcHeading.FindStringSubmatch(line); m != nil {
			section = m[1]
		}
		if m := rfcLayout.FindStringSubmatch(line); m != nil {
			drawn = append(drawn, drawnLayout{name: m[1], section: section})
			in = &drawn[len(drawn)-1]
		}
		if in != nil {
			in.text += line + "\n"
		}
		if line == "}" {
			in = nil
		}
	}
	return drawn
}

// TestLayoutsAreThoseOfTheRFCs compares the layouts of our documents, word for word,
// with the RFCs' own text, which is not a part of the module.
func TestLayoutsAreThoseOfTheRFCs(t *testing.T) {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	ours := map[string][]drawnLayout{} // by RFC
	for _, d := range set.Documents {
		for _, l := range d.Layouts {
			drawn := drawnLayouts(l.Text, l.Section)
			if len(drawn) == 0 {
				t.Errorf("%s: no layout", l.Pos)
			}
			ours[l.Namespace] = append(ours[l.Namespace], drawn...)
		}
	}
	if len(ours["rfc9113"]) != 12 || len(ours["rfc9218"]) != 1 {
		t.Errorf("%d layouts of RFC 9113 and %d of RFC 9218, want 12 and 1", len(ours["rfc9113"]), len(ours["rfc9218"]))
	}
	for rfc, layouts := range ours {
		text, err := os.ReadFile("../../shared/rfc/" + rfc + ".txt")
		if err != nil {
			t.Skipf("the RFC's text is not beside the module: %v", err)
		}
		theirs := drawnLayouts(string(text), "")
		for _, l := range layouts {
			i := slices.IndexFunc(theirs, func(o drawnLayout) bool { return o.name == l.name })
			switch {
			case i < 0:
				t.Errorf("%s has no layout of %s", rfc, l.name)
			case theirs[i] != l:
				t.Errorf("%s, Section %s has\n%s\nand we have, as of Section %s,\n%s", rfc, theirs[i].section, theirs[i].text, l.section, l.text)
			}
		}
		for _, l := range theirs {
			if !slices.ContainsFunc(layouts, func(o drawnLayout) bool { return o.name == l.name }) {
				t.Errorf("no document has the layout of %s, of %s, Section %s", l.name, rfc, l.section)
			}
		}
	}
}
