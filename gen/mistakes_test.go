package gen

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/specht-http/specht/spec"
)

// mistake is one way in which the documents of testdata/valid, which describe
// a small protocol, are made wrong. What the reader of the documents finds is
// tested in package spec.
type mistake struct {
	name     string
	file     string
	old, new string   // old stands once in the file
	also     []string // old, new: a second change there
	want     []string // all errors, whole
	shows    string   // what the first error points at
}

func TestMistakes(t *testing.T) {
	for _, m := range slices.Concat(grammarMistakes, machineMistakes, tableMistakes, transitionMistakes, messageMistakes) {
		t.Run(m.name, func(t *testing.T) {
			files := valid(t)
			text := string(files[m.file].Data)
			for change := range slices.Chunk(append([]string{m.old, m.new}, m.also...), 2) {
				if n := strings.Count(text, change[0]); n != 1 {
					t.Fatalf("%q stands %d times in %s", change[0], n, m.file)
				}
				text = strings.Replace(text, change[0], change[1], 1)
			}
			files[m.file].Data = []byte(text)
			set, err := spec.Read(files)
			if err != nil {
				t.Fatalf("the mistake is one of reading: %v", err)
			}
			_, err = Load(set)
			if err == nil {
				t.Fatalf("the mistake is not found; want\n%s", strings.Join(m.want, "\n"))
			}
			if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, m.want) {
				t.Fatalf("the error is\n%v\nwant\n%s", err, strings.Join(m.want, "\n"))
			}
			var first *spec.Error
			if !errors.As(err, &first) {
				return
			}
			at := strings.Split(string(files[first.Pos.File].Data), "\n")[first.Pos.Line-1]
			if first.Pos.Column > 0 {
				at = at[first.Pos.Column-1:]
			}
			if !strings.HasPrefix(at, m.shows) || m.shows == "" && at != "" {
				t.Errorf("%s points at %q, want %q", first.Pos, at, m.shows)
			}
		})
	}
}

func TestMistakesAreMadeInValidDocuments(t *testing.T) {
	set, err := spec.Read(valid(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(set); err != nil {
		t.Fatal(err)
	}
}

func TestErrorsComeInTheOrderOfTheDocuments(t *testing.T) {
	files := valid(t)
	for _, m := range []mistake{
		{file: "head.md", old: "| `line/value` | span |", new: "| `line/value` | spin |"},
		{file: "head.md", old: "| `line` | record |", new: "| `line` | recorder |"},
		{file: "kind.md", old: "span, keyword word, event", new: "span, keyword words, event"},
	} {
		files[m.file].Data = []byte(strings.Replace(string(files[m.file].Data), m.old, m.new, 1))
	}
	set, err := spec.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Load(set)
	want := []string{"spec/head.md:28", "spec/head.md:30", "spec/kind.md:14"}
	if err == nil {
		t.Fatal("no mistake is found")
	}
	for i, line := range strings.Split(err.Error(), "\n") {
		if i >= len(want) || !strings.HasPrefix(line, want[i]) {
			t.Errorf("error %d is %s, want places %v", i, line, want)
		}
	}
}

// valid is a copy of the valid documents.
func valid(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	dir := os.DirFS("testdata/valid")
	names, err := fs.Glob(dir, "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		files[path.Base(name)] = &fstest.MapFile{Data: text}
	}
	return files
}
