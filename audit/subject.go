package audit

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strings"
	"testing/fstest"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// Subject is a specification that can be asked.
type Subject struct {
	Name  string // as it was asked for
	Files fs.FS
	Set   *spec.Set
	// Model is nil if the documents contradict themselves: Mistakes says how.
	Model    *gen.Model
	Mistakes []error
	// IsLenient is that of each machine which has a variant, that is read.
	IsLenient bool
}

// Written is the name of the model of what our own writers emit.
const Written = "output"

// Default is the name of the specifications that Specht is generated from.
const Default = "default"

// Open finds a specification by its name: "default" is that of Specht itself,
// "peer:NAME" the same with what a known peer reads otherwise, "output" what our
// writers emit, "rev:REVISION" that of a git revision of the working directory's
// repository, and anything else is a directory. With "+lenient" behind it all variants
// are read, with "+bare-LF,obs-fold" those with these options.
// Documents that can't be read are an error; those that contradict themselves are
// not, since Prove says how.
func Open(name string) (*Subject, error) {
	base, options, _ := strings.Cut(name, "+")
	over := ""
	if peer, ok := strings.CutPrefix(base, "peer:"); ok {
		over, base = "peers/"+peer, Default
	} else if base == Written {
		over, base = "output/specht", Default
	}
	files, err := filesOf(base)
	if err != nil {
		return nil, err
	}
	return openFiles(name, files, over, options)
}

// openFiles finds a specification in files, with a document over it unless over is
// empty, and options as in Open.
func openFiles(name string, files fs.FS, over, options string) (s *Subject, err error) {
	s = &Subject{Name: name, Files: spec.WithRequirements(files), IsLenient: options != ""}
	if s.Set, err = spec.Read(s.Files); err != nil {
		return nil, fmt.Errorf("audit: %s: %w", name, err)
	}
	if over != "" {
		if s.Set, err = s.Set.Peer(spec.Peers(), over); err != nil {
			return nil, fmt.Errorf("audit: %s: %w", name, err)
		}
	}
	if options != "" && options != "lenient" {
		if s.Set, err = s.Set.WithOptions(strings.Split(options, ",")); err != nil {
			return nil, fmt.Errorf("audit: %s: %w", name, err)
		}
	}
	s.understand()
	return s, nil
}

// understand makes the model, or lists the mistakes.
func (s *Subject) understand() {
	var err error
	if s.Model, err = gen.Understand(s.Set); err != nil {
		s.Mistakes = split(err)
	}
}

// split are the errors that one joins.
func split(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// need is an error if there is no model to be asked.
func (s *Subject) need() error {
	if s.Model == nil {
		return fmt.Errorf("audit: %s contradicts itself, so nothing else can be asked of it; see specht audit prove: %w", s.Name, errors.Join(s.Mistakes...))
	}
	return nil
}

// Machine is the machine of that name, or the variant of it that the subject
// reads; nil if there is none.
func (s *Subject) Machine(name string) *gen.Machine {
	of := s.Model.Machine(name)
	if of == nil || !s.IsLenient || of.Of != nil {
		return of
	}
	for _, ma := range s.Model.Machines {
		if ma.Of == of {
			return ma
		}
	}
	return of
}

// about is what a report calls the subject.
func (s *Subject) about() string {
	base, options, isLenient := strings.Cut(s.Name, "+")
	switch base {
	case Default:
		base = "the specifications of Specht"
	case Written:
		base = "what our writers emit"
	}
	if options != "" && options != "lenient" {
		return base + ", variants with " + options
	}
	if isLenient {
		return base + ", all variants"
	}
	return base
}

func filesOf(name string) (fs.FS, error) {
	if name == Default {
		return spec.Embedded(), nil
	}
	if rev, ok := strings.CutPrefix(name, "rev:"); ok {
		return revision(rev)
	}
	switch info, err := os.Stat(name); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("audit: there is no specification %q: expected default, peer:NAME, rev:REVISION, or a directory with NOUN.md files", name)
	case err != nil:
		return nil, fmt.Errorf("audit: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("audit: %s isn't a directory: it has to hold specifications, as NOUN.md", name)
	}
	return os.DirFS(name), nil
}

// revision are the files of spec/ at a git revision.
func revision(rev string) (fs.FS, error) {
	if strings.HasPrefix(rev, "-") {
		return nil, fmt.Errorf("audit: %q is no revision", rev)
	}
	top, err := git("rev-parse", "--show-toplevel")
	if err != nil {
		return nil, err
	}
	text, err := git("-C", strings.TrimSpace(string(top)), "archive", "--format=tar", rev, "spec")
	if err != nil {
		return nil, err
	}
	files := fstest.MapFS{}
	for r := tar.NewReader(bytes.NewReader(text)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("audit: revision %s: %w", rev, err)
		}
		if h.Typeflag != tar.TypeReg || path.Dir(h.Name) != "spec" {
			continue
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("audit: revision %s: %w", rev, err)
		}
		files[path.Base(h.Name)] = &fstest.MapFile{Data: data}
	}
}

func git(args ...string) ([]byte, error) {
	out, err := exec.Command("git", args...).Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil, fmt.Errorf("audit: git %s: %s", strings.Join(args, " "), bytes.TrimSpace(exit.Stderr))
	}
	if err != nil {
		return nil, fmt.Errorf("audit: git %s: %w", strings.Join(args, " "), err)
	}
	return out, nil
}
