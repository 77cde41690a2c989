//go:build !race

package extract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// committed are the generated files of this module.
func committed(t testing.TB) map[string][]byte {
	files := map[string][]byte{}
	for _, room := range []string{"h1", "message"} {
		names, err := filepath.Glob("../../" + room + "/*_gen.go")
		if err != nil || len(names) == 0 {
			t.Fatal("no generated files in", room, err)
		}
		for _, n := range names {
			text, err := os.ReadFile(n)
			if err != nil {
				t.Fatal(err)
			}
			files[n] = text
		}
	}
	return files
}

func model(t testing.TB) *gen.Model {
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

func typeOf(ma *gen.Machine) string {
	var b strings.Builder
	for _, w := range strings.Split(ma.Name, "-") {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	if ma.Input == "value" {
		b.WriteString("Value")
	}
	return b.String()
}

func TestGeneratedMachinesAreTheSpecified(t *testing.T) {
	m := model(t)
	s, err := Read(committed(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, ma := range m.Machines {
		t.Run(ma.Name, func(t *testing.T) {
			if err := Check(s, m, ma, typeOf(ma)); err != nil {
				t.Error(err)
			}
		})
	}
}
