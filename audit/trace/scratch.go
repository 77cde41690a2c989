package trace

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// Scratch is a copy of the module, in which mutants are planted, one at a time.
type Scratch struct {
	dir     string
	planted map[string][]byte // what was changed, as it was before
	built   map[string]string // test binaries, by package
	tags    string            // of all builds
	model   *gen.Model        // of the tree
	// skip are tests that die without a mutant, by package: in a build of many a function
	// costs what a look at its number does.
	skip map[string][]string
}

// NewScratch copies the module at root. Close takes the copy away.
func NewScratch(root string) (*Scratch, error) {
	dir, err := os.MkdirTemp("", "specht-trace-")
	if err != nil {
		return nil, err
	}
	s := &Scratch{dir: dir, planted: map[string][]byte{}, built: map[string]string{}, skip: map[string][]string{}}
	err = filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, "tree", rel)
		switch {
		case rel != "." && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir():
			return os.MkdirAll(to, 0o777)
		case !e.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o666)
	})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close takes the copy away.
func (s *Scratch) Close() error { return os.RemoveAll(s.dir) }

func (s *Scratch) path(name string) string {
	return filepath.Join(s.dir, "tree", filepath.FromSlash(name))
}

// generate makes the files that are others with a mutant, and says what the checks of
// generation refused in it. of are the documents whose files can be others, if it
// changes tables alone.
func (s *Scratch) generate(m *Mutant, of []string) (files map[string][]byte, refused error, err error) {
	text, err := os.ReadFile(s.path("spec/" + m.File))
	if err != nil {
		return nil, nil, err
	}
	set, err := spec.Read(with{os.DirFS(s.path("spec")), m.File, m.Apply(string(text))})
	if err != nil {
		return nil, nil, err
	}
	mutate := gen.Mutant
	if len(of) > 0 {
		mutate = s.model.Mutant // its machines are the same
	}
	model, doubts, err := mutate(set)
	if err != nil {
		return nil, nil, err
	}
	all, err := gen.Generate(model, gen.Options{Of: of})
	if err != nil {
		return nil, nil, err
	}
	files = map[string][]byte{}
	for _, f := range all {
		old, err := os.ReadFile(s.path(f.Path))
		if err != nil {
			return nil, nil, err
		}
		if !bytes.Equal(old, f.Text) {
			files[f.Path] = f.Text
		}
	}
	return files, errors.Join(doubts...), nil
}

// with is a file system in which one file has another text.
type with struct {
	fs.FS
	name, text string
}

// Open implements fs.FS.
func (w with) Open(name string) (fs.File, error) {
	if name == w.name {
		return fstest.MapFS{name: {Data: []byte(w.text)}}.Open(name)
	}
	return w.FS.Open(name)
}

// rooms are the packages of files.
func rooms(files map[string][]byte) (out []string) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if room := path.Dir(name); !slices.Contains(out, room) {
			out = append(out, room)
		}
	}
	return out
}

// plant writes a mutant and what is generated from it, or the files of a change.
func (s *Scratch) plant(m *Mutant, files map[string][]byte) error {
	if m != nil {
		text, err := os.ReadFile(s.path("spec/" + m.File))
		if err != nil {
			return err
		}
		if err := s.change("spec/"+m.File, []byte(m.Apply(string(text)))); err != nil {
			return err
		}
	}
	for name, text := range files {
		if err := s.change(name, text); err != nil {
			return err
		}
	}
	return nil
}

// change writes a file, and keeps what it was.
func (s *Scratch) change(name string, text []byte) error {
	old, err := os.ReadFile(s.path(name))
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if _, ok := s.planted[name]; !ok {
		s.planted[name] = old
	}
	clear(s.built)
	return os.WriteFile(s.path(name), text, 0o666)
}

// read is a file of the tree.
func (s *Scratch) read(name string) ([]byte, error) { return os.ReadFile(s.path(name)) }

// beside are the other Go files in the directory of one.
func (s *Scratch) beside(name string) (out []string) {
	entries, err := os.ReadDir(s.path(path.Dir(name)))
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if other := path.Join(path.Dir(name), e.Name()); other != name && path.Ext(other) == ".go" {
			out = append(out, other)
		}
	}
	return out
}

// Restore takes the mutant away.
func (s *Scratch) Restore() error {
	clear(s.built)
	clear(s.skip)
	for name, text := range s.planted {
		if text == nil {
			if err := os.Remove(s.path(name)); err != nil {
				return err
			}
			continue
		}
		if err := os.WriteFile(s.path(name), text, 0o666); err != nil {
			return err
		}
	}
	clear(s.planted)
	return nil
}

// errBuild is what the compiler says of a mutant.
type errBuild struct{ text string }

func (e *errBuild) Error() string { return e.text }

// build makes the test binary of a package.
func (s *Scratch) build(pkg string) (string, error) {
	if bin := s.built[pkg]; bin != "" {
		return bin, nil
	}
	bin := filepath.Join(s.dir, "bin", strings.ReplaceAll(pkg, "/", "-")+".test")
	c := exec.Command("go", "test", "-c", "-vet=off", "-tags", s.tags, "-o", bin, "./"+pkg)
	c.Dir = filepath.Join(s.dir, "tree")
	c.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := c.CombinedOutput(); err != nil {
		return "", &errBuild{fmt.Sprintf("%v: %s", err, bytes.TrimSpace(out))}
	}
	s.built[pkg] = bin
	return bin, nil
}
