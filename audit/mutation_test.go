package audit

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/specht-http/specht/spec"
)

// TestChangedSpecifications changes one line of the specifications. Reading them,
// generation or a check must see it; where what is changed is a choice of ours that
// nothing forbids, the generated code is another, and the check code sees that.
func TestChangedSpecifications(t *testing.T) {
	t.Parallel()
	rfcs := fs.FS(fstest.MapFS{})
	hasRFCs := false
	if _, err := os.Stat("../../shared/rfc"); err == nil {
		rfcs, hasRFCs = os.DirFS("../../shared/rfc"), true
	}
	for _, c := range []struct{ by, file, old, replacement, want string }{
		{"prove", "core.md", "CRLF   = CR LF", "CRLF   = [ CR ] LF", `property "no bare LF" fails: request-head accepts "a a HTTP/0.0\n\n"`},
		{"prove", "fieldline.md", `field-line  = field-name ":"`, `field-line  = field-name *SP ":"`, `property "no white space before the colon" fails`},
		{"prove", "chunked.md", "chunk-ext ] CRLF ) / last-chunk`", "chunk-ext ] [ CRLF ] ) / last-chunk`", "chunk-line is not prefix-free"},
		{"prove", "bodylength.md", "| chunked | HTTP/1.1 | chunked | absent |", "| chunked | HTTP/1.1 | chunked | one |", "missing cell: no row for"},
		{"prove", "bodylength.md", "| both | HTTP/1.1 | Transfer-Encoding present |", "| both | HTTP/1.1 | chunked |", "no row for"},
		{"prove", "stream.md", "| reset credit |", "| |", "nothing pays for it"},
		{"prove", "frame.md", "Weight (8)", "Weight (7)", "bits"},
		{"prove", "connection.md", `"keep-alive"`, `"close"`, "stands twice"},
		{"prove", "contentlength.md", "| absent, one, repeated | list | repeated |", "| absent, one | list | repeated |", "repeated"},
		{"verbatim", "chunked.md", "chunk-size   = 1*HEXDIG", "chunk-size   = *HEXDIG", "in Section 7.1 of the RFC it is 1*HEXDIG"},
		{"verbatim", "requestline.md", "request-line = method SP request-target SP", "request-line = method 1*SP request-target SP", "request-line"},
		{"read", "requesthead.md", "| 501 | rfc9112#3/2 |", "| 501 | rfc9112#33/2 |", "rfc9112#33/2"},
	} {
		t.Run(c.file+": "+c.replacement, func(t *testing.T) {
			t.Parallel()
			if c.by == "verbatim" && !hasRFCs {
				t.Skip("the RFCs' texts are not beside the module")
			}
			got := ""
			if c.by == "read" {
				got = readError(t, c.file, c.old, c.replacement)
			} else {
				s := openChanged(t, c.file, c.old, c.replacement)
				r, err := Prove(s)
				if c.by == "verbatim" {
					r, err = Verbatim(s, rfcs)
				}
				got = failing(t, r, err)
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("want %q, got\n%s", c.want, got)
			}
			t.Logf("%s: %q instead of %q, by %s: %s", c.file, c.replacement, c.old, c.by, strings.TrimSpace(got))
		})
	}
}

// readError is what reading says of a changed document.
func readError(t *testing.T, file, old, replacement string) string {
	t.Helper()
	text, err := fs.ReadFile(spec.Embedded(), file)
	if err != nil || !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %q (%v)", file, old, err)
	}
	files := fstest.MapFS{file: {Data: []byte(strings.Replace(string(text), old, replacement, 1))}}
	_, err = spec.Read(spec.WithRequirements(files))
	if err == nil {
		return ""
	}
	return err.Error()
}
