package gen

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/specht-http/specht/spec"
)

// TestTranslationIsProved lets HTTP/2 accept more than HTTP/1.1 has room for: then
// translation.md is refused, with the input that gets through.
func TestTranslationIsProved(t *testing.T) {
	for _, c := range []struct{ name, file, old, new, want string }{
		{
			"CR in a value", "fieldsection.md",
			"section-value = <field-value, see [HTTP], Section 5.5>", "section-value = *( VCHAR / CR / LF )",
			`property "a request over HTTP/2 is one over HTTP/1.1" fails: request-head doesn't accept`,
		},
		{
			"SP in a method", "pseudoheader.md",
			"pseudo-method    = <method, see [HTTP/1.1], Section 3.1>", "pseudo-method    = 1*VCHAR *( SP 1*VCHAR )",
			`property "no SP in a method" fails: method accepts`,
		},
		{
			"SP in a name", "fieldsection.md",
			"/ DIGIT / %x61-7A\n", "/ DIGIT / %x61-7A / SP\n",
			`property "trailers over HTTP/2 are some over HTTP/1.1" fails: trailers doesn't accept`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{}
			from := spec.Embedded()
			err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				text, err := fs.ReadFile(from, name)
				if name == c.file {
					if !strings.Contains(string(text), c.old) {
						t.Fatalf("%s has no %q", name, c.old)
					}
					text = []byte(strings.Replace(string(text), c.old, c.new, 1))
				}
				files[name] = &fstest.MapFile{Data: text}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			set, err := spec.Read(files)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Load(set)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}
