package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// block is a fence of spec/README.md.
type block struct{ kind, file, text string }

// changes are the sections of the guide that change something, with their blocks.
func changes(t *testing.T) (names []string, of map[string][]block) {
	text, err := fs.ReadFile(spec.Embedded(), "README.md")
	if err != nil {
		t.Fatal(err)
	}
	of = map[string][]block{}
	name := ""
	lines := strings.Split(string(text), "\n")
	for i := 0; i < len(lines); i++ {
		if title, ok := strings.CutPrefix(lines[i], "### "); ok {
			name = title
			names = append(names, name)
		}
		info, ok := strings.CutPrefix(lines[i], "```")
		if !ok {
			continue
		}
		b := block{}
		b.kind, b.file, _ = strings.Cut(info, " ")
		for i++; lines[i] != "```"; i++ {
			b.text += lines[i] + "\n"
		}
		of[name] = append(of[name], b)
	}
	return names, of
}

// apply changes a document: lines with a blank before them stand there, those with
// a minus go, and those with a plus come.
func (b block) apply(text string) (string, error) {
	at := 0 // behind what was found
	for line := range strings.Lines(b.text) {
		mark, line := line[:1], line[1:]
		if mark == "+" {
			text = text[:at] + line + text[at:]
			at += len(line)
			continue
		}
		i := strings.Index("\n"+text[at:], "\n"+line)
		if i < 0 {
			return "", fmt.Errorf("%s has no line %q", b.file, line)
		}
		if mark == "-" {
			text = text[:at+i] + text[at+i+len(line):]
			at += i
		} else {
			at += i + len(line)
		}
	}
	return text, nil
}

// TestGuide makes the changes that spec/README.md teaches, and looks for the
// messages that it tells.
func TestGuide(t *testing.T) {
	t.Parallel()
	names, all := changes(t)
	if len(names) != 5 {
		t.Errorf("the guide changes %q", names)
	}
	before := openDefault(t)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{}
			for _, d := range before.Set.Documents {
				text, err := fs.ReadFile(before.Files, d.File)
				if err != nil {
					t.Fatal(err)
				}
				files[d.File] = &fstest.MapFile{Data: text}
			}
			told := 0
			for _, b := range all[name] {
				got := ""
				switch b.kind {
				case "diff":
					old := ""
					if files[b.file] != nil {
						old = string(files[b.file].Data)
					}
					text, err := b.apply(old)
					if err != nil {
						t.Fatal(err)
					}
					files[b.file] = &fstest.MapFile{Data: []byte(text)}
					continue
				case "generation":
					got = mistakes(t, files)
				case "audit":
					if got = mistakes(t, files); got != "" {
						t.Errorf("it is said to be without a mistake, and has\n%s", got)
					}
					got = differences(t, before, files)
				default:
					t.Errorf("unknown block %q", b.kind)
				}
				for line := range strings.Lines(b.text) {
					if told++; !strings.Contains(got, strings.TrimSpace(line)) {
						t.Errorf("%s doesn't say %s, but\n%s", b.kind, line, got)
					}
				}
			}
			if told < 2 {
				t.Errorf("%d messages are told", told)
			}
		})
	}
}

// mistakes are what generation says of files, or nothing.
func mistakes(t *testing.T, files fstest.MapFS) string {
	set, err := spec.Read(spec.WithRequirements(files))
	if err == nil {
		var model *gen.Model
		if model, err = gen.Load(set); err == nil {
			_, err = gen.Generate(model, gen.Options{})
		}
	}
	if err == nil {
		return ""
	}
	if e := (*spec.Error)(nil); !errors.As(err, &e) {
		t.Fatal(err)
	}
	return err.Error()
}

func differences(t *testing.T, before *Subject, files fstest.MapFS) string {
	after := &Subject{Name: "COPY", Files: spec.WithRequirements(files)}
	var err error
	if after.Set, err = spec.Read(after.Files); err != nil {
		t.Fatal(err)
	}
	after.understand()
	r, err := Diff(before, after)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.Text(&b, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
