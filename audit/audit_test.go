package audit

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/specht-http/specht/spec"
)

// opened are the subjects that tests share, as functions by name.
var opened sync.Map

// open is a subject that other tests read too: nobody changes it.
func open(t testing.TB, name string) *Subject {
	t.Helper()
	once, _ := opened.LoadOrStore(name, sync.OnceValues(func() (*Subject, error) { return Open(name) }))
	s, err := once.(func() (*Subject, error))()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// openDefault is the specification of Specht itself.
func openDefault(t testing.TB) *Subject {
	t.Helper()
	return open(t, Default)
}

// openAlone is a subject that may be changed.
func openAlone(t testing.TB, name string) *Subject {
	t.Helper()
	s, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// openChanged is that of Specht with one text replaced in one document.
func openChanged(t testing.TB, file, old, replacement string) *Subject {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(spec.Embedded(), "*")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, name := range names {
		if info, err := fs.Stat(spec.Embedded(), name); err != nil || info.IsDir() {
			continue
		}
		text, err := fs.ReadFile(spec.Embedded(), name)
		if err != nil {
			t.Fatal(err)
		}
		if name == file {
			found = bytes.Contains(text, []byte(old))
			text = bytes.Replace(text, []byte(old), []byte(replacement), 1)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	if !found {
		t.Fatalf("%s has no %q", file, old)
	}
	s := &Subject{Name: file + " changed", Files: files}
	if s.Set, err = spec.Read(files); err != nil {
		t.Fatal(err)
	}
	s.understand()
	return s
}

// failing are the claims that fail, as text.
func failing(t testing.TB, r *Report, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, c := range r.Claims {
		if c.Verdict == Fails {
			c.text(&b)
		}
	}
	return b.String()
}

func TestProveHolds(t *testing.T) {
	t.Parallel()
	r, err := Prove(openDefault(t))
	if got := failing(t, r, err); got != "" {
		t.Error(got)
	}
	if r.Verdict() != Holds || r.Count(Holds) < 150 {
		t.Errorf("%s, with %d claims", r.Verdict(), r.Count(Holds))
	}
}

// TestProveOfModels proves what holds of a model that stands over our documents: that it
// leaves rows of ours without use is no mistake.
func TestProveOfModels(t *testing.T) {
	t.Parallel()
	r, err := Prove(open(t, Written))
	if got := failing(t, r, err); got != "" {
		t.Error(got)
	}
	r, err = Prove(open(t, "peer:llhttp6"))
	if got := failing(t, r, err); strings.Contains(got, "remove the row") || !strings.Contains(got, "no white space before the colon") {
		t.Error(got)
	}
}

// TestProveFails breaks the specifications, one row at a time.
func TestProveFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, old, replacement, want string }{
		{"bare LF", "core.md", "CRLF   = CR LF", "CRLF   = [ CR ] LF", `property "no bare LF" fails: request-head accepts "a a HTTP/0.0\n\n"`},
		{"NUL", "fieldline.md", "field-vchar   = VCHAR / obs-text", "field-vchar   = VCHAR / obs-text / %x00", `property "no NUL, no control octet but HTAB" fails`},
		{"white space before the colon", "fieldline.md", `field-line  = field-name ":"`, `field-line  = field-name *SP ":"`, `property "no white space before the colon" fails`},
		{"an end that is not one", "chunked.md", "chunk-ext ] CRLF ) / last-chunk`", "chunk-ext ] CRLF *OCTET ) / last-chunk`", "chunk-line"},
		{"an ambiguous span", "fieldline.md", "| `field-line/OWS[1]` | longest |", "| `field-line/field-value` | longest |", "ambiguous span"},
		{"a missing cell of a decision", "bodylength.md", "| chunked | HTTP/1.1 | chunked | absent |", "| chunked | HTTP/1.1 | chunked | one |", "missing cell: no row for"},
		{"a missing cell of transitions", "transferencoding.md", "| chunked repeated | chunked, other | chunked repeated |", "| chunked repeated | chunked | chunked repeated |", "transfer-encoding"},
		{"Transfer-Encoding passed over", "bodylength.md", "| length | any version | absent | one |", "| length | any version | absent, chunked not last | one |", "overlap"},
		{"a message property", "bodylength.md", "`Content-Length` | chunked |", "`Content-Length` | fixed |", `this head has the field and comes to fixed`},
		{"unpaid", "stream.md", "| reset credit |", "| |", "nothing pays for it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openChanged(t, c.file, c.old, c.replacement)
			r, err := Prove(s)
			if got := failing(t, r, err); !strings.Contains(got, c.want) {
				t.Errorf("%s, want %q, got\n%s", r.Verdict(), c.want, got)
			}
		})
	}
}

// TestMessagePropertiesFail passes over a Transfer-Encoding that can't be read: then
// Content-Length frames beside it, and the shortest head that shows it is told.
func TestMessagePropertiesFail(t *testing.T) {
	t.Parallel()
	s := openChanged(t, "transferencoding.md",
		"| absent, empty, chunked, unknown, unknown then chunked, chunked repeated, chunked not last | malformed | malformed | | rfc9112#6.3/3 |",
		"| absent | malformed | absent | | rfc9112#6.3/3 |\n| empty, chunked, unknown, unknown then chunked, chunked repeated, chunked not last | malformed | malformed | | rfc9112#6.3/3 |")
	if s.Model == nil {
		t.Fatal(s.Mistakes)
	}
	r, err := Prove(s)
	got := failing(t, r, err)
	for _, want := range []string{
		"a request with Transfer-Encoding is not framed by Content-Length", "a response with Transfer-Encoding is not framed by Content-Length",
		`"a a HTTP/1.0\r\ncontent-length:0\r\ntransfer-encoding:`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestVerbatim(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("../../shared/rfc"); err != nil {
		t.Skipf("the RFCs' texts are not beside the module: %v", err)
	}
	rfcs := os.DirFS("../../shared/rfc")
	r, err := Verbatim(openDefault(t), rfcs)
	if got := failing(t, r, err); got != "" {
		t.Error(got)
	}
	for _, c := range []struct{ name, file, old, replacement, want string }{
		{"a rule", "chunked.md", "chunk-size   = 1*HEXDIG", "chunk-size   = *HEXDIG", "in Section 7.1 of the RFC it is 1*HEXDIG"},
		{"a section", "chunked.md", "```abnf rfc9112#7.1.2", "```abnf rfc9112#7.1.3", "and is in Section 7.1.2"},
		{"a name", "requestline.md", "method = token", "method = token\nverb = token", "the RFC has no such rule"},
		{"an import of what isn't a core rule", "chunked.md", "chunk-size   = 1*HEXDIG", "chunk-size   = <chunk-size, see [RFC5234], Appendix B.1>", "here it is"},
		{"a core rule", "core.md", "VCHAR  = %x21-7E", "VCHAR  = %x20-7E", "in RFC 5234, Appendix B.1, it is %x21-7E"},
		{"a layout", "frame.md", "Stream Dependency (31)", "Stream Dependency (32)", "layout"},
		{"a choice without a reason", "requestline.md", "white space, control octets and obs-text out, which is all that framing depends\non. Which form it has isn't asked if it begins with a slash.\n\n", "white space, control octets\n\n| room | why |\n|---|---|\n| h1 | a |\n\n", "no paragraph above"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Verbatim(openChanged(t, c.file, c.old, c.replacement), rfcs)
			if got := failing(t, r, err); !strings.Contains(got, c.want) {
				t.Errorf("%s, want %q, got\n%s", r.Verdict(), c.want, got)
			}
		})
	}
	t.Run("no texts", func(t *testing.T) {
		t.Parallel()
		if _, err := Verbatim(openDefault(t), fstest.MapFS{}); err == nil || !strings.Contains(err.Error(), "rfc9112.txt") {
			t.Error(err)
		}
		r, err := Verbatim(openDefault(t), fstest.MapFS{"rfc9112.txt": {Data: []byte("1.  Empty\n")}})
		if err != nil || r.Verdict() != Fails || r.Count(Undecided) == 0 {
			t.Errorf("%s, %v", r.Verdict(), err)
		}
	})
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, want string }{
		{"nowhere", `there is no specification "nowhere"`},
		{"audit_test.go", "isn't a directory"},
		{"testdata/none", "there is no specification"},
		{"rev:-x", "is no revision"},
		{"rev:no-such-revision", "git"},
	} {
		if _, err := Open(c.name); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	s, err := Open("../spec")
	if err != nil || s.Model == nil {
		t.Fatal(err)
	}
	lenient, err := Open(Default + "+lenient")
	if err != nil {
		t.Fatal(err)
	}
	if got := lenient.Machine("request-head").Name; got != "lenient-request-head" {
		t.Errorf("the lenient head is %s", got)
	}
	if got := lenient.Machine("chunk-line").Name; got != "chunk-line" {
		t.Errorf("the chunk-line is %s", got)
	}
}

func TestReportJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(Claim{Name: "a", Verdict: Fails, Witness: []byte("\r\n"), At: spec.Pos{File: "a.md", Line: 1}})
	want := `{"claim":"a","verdict":"fails","witness":"\"\\r\\n\"","octets":"DQo=","at":"spec/a.md:1"}`
	if string(text) != want || err != nil {
		t.Errorf("%s, %v, want %s", text, err, want)
	}
}

// TestDiffModule has documents in a module that this program wasn't built with: what it
// would say isn't of them.
func TestDiffModule(t *testing.T) {
	t.Parallel()
	strict := openDefault(t)
	r, err := DiffModule(strict, os.DirFS(".."))
	if got := failing(t, r, err); got != "" || r.Verdict() != Holds {
		t.Errorf("%s: %s", r.Verdict(), got)
	}
	for _, c := range []struct{ file, old, replacement, want string }{
		{"chunked.md", "data", "Data", "spec/chunked.md is another"},
		{"peers/vanilla.md", "32 bits", "33 bits", "spec/peers/vanilla.md is another"},
		{"peers/new.md", "", "# New", "spec/peers/new.md isn't in this program"},
	} {
		files := fstest.MapFS{}
		for _, of := range []fs.FS{spec.Embedded(), spec.Peers()} {
			err := fs.WalkDir(of, ".", func(name string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				text, err := fs.ReadFile(of, name)
				files[name] = &fstest.MapFile{Data: text}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		text := c.replacement
		if f := files[c.file]; f != nil {
			text = strings.Replace(string(f.Data), c.old, c.replacement, 1)
		}
		files[c.file] = &fstest.MapFile{Data: []byte(text)}
		r := &Report{}
		err := sameDocuments(r, files)
		if got := failing(t, r, err); !strings.Contains(got, c.want) {
			t.Errorf("want %q, got %s", c.want, got)
		}
	}
}

// TestVerdictOfFacts has a report that claims nothing hold nothing.
func TestVerdictOfFacts(t *testing.T) {
	t.Parallel()
	r := &Report{Claims: []Claim{{Name: "a fact", Verdict: Says}}}
	if r.Verdict() != Says {
		t.Errorf("it %s", r.Verdict())
	}
}

// TestVerbatimTellsWhatIsNotRead has an RFC with a rule that no document has, and one that
// a rule of our own is called as: both are told, and refute nothing.
func TestVerbatimTellsWhatIsNotRead(t *testing.T) {
	t.Parallel()
	rfc := "7.1.  Chunked\n\n  last-chunk = 1*\"0\" CRLF\n  strange-thing = \"x\"\n  OWS = <OWS, see [RFC9110]>\n  chunk = \"y\"\n"
	files := fstest.MapFS{"a.md": {Data: []byte("# A\n\nOne chunk is ours.\n\n```abnf choice\nchunk = \"z\"\n```\n\n```abnf rfc9112#7.1\nlast-chunk = 1*\"0\" CRLF\n```\n")}}
	s := &Subject{Name: "a", Files: spec.WithRequirements(files)}
	var err error
	if s.Set, err = spec.Read(s.Files); err != nil {
		t.Fatal(err)
	}
	r, err := Verbatim(s, fstest.MapFS{"rfc9112.txt": {Data: []byte(rfc)}})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := r.Text(&b, true); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"says: rules of RFC 9112 that no document has\n    chunk (Section 7.1), strange-thing (Section 7.1)\n", `RFC 9112, Section 7.1, has a rule of that name: "y"`, "holds: last-chunk of RFC 9112"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
