//go:build !race

package audit

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/extract"
)

func TestCodeHolds(t *testing.T) {
	t.Parallel()
	r, err := Code(openDefault(t), os.DirFS(".."))
	if got := failing(t, r, err); got != "" {
		t.Error(got)
	}
	if r.Verdict() != Holds || r.Count(Holds) < 100 {
		t.Errorf("%s, with %d claims", r.Verdict(), r.Count(Holds))
	}
}

// TestCodeFails changes generated code, one line at a time. What is read back is
// asked alone, since the comparison of the text sees any change; where the line is
// of what isn't read back, the text is.
func TestCodeFails(t *testing.T) {
	t.Parallel()
	s := openDefault(t)
	files, err := codeFiles(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	made, err := gen.Generate(s.Model, gen.Options{})
	if err != nil {
		t.Fatal(err)
	}
	elsewhere(&Report{}, made, files)
	for _, c := range []struct{ name, machine, file, old, replacement, want string }{
		{"an octet more", "chunk-line", "h1/chunked_gen.go", `if c == ';' {`, `if c == ';' || c == ',' {`, "is consumed, which the specification refuses"},
		{"another state", "chunk-line", "h1/chunked_gen.go", "goto s4\n\t}\n\tif c == '0'", "goto s7\n\t}\n\tif c == '0'", "goes to state 7, expected 4"},
		{"a number that overflows", "chunk-line", "h1/chunked_gen.go", "m.Size > (9223372036854775807-d)/16", "m.Size > (9223372036854775807-d)/8", "which the specification refuses"},
		{"a resume edge", "chunk-line", "h1/chunked_gen.go", "case 7:\n\t\tgoto s7", "case 7:\n\t\tgoto s8", "state 7"},
		{"the status of a fault", "chunk-line", "h1/chunked_gen.go", `"chunk-size too large", 413`, `"chunk-size too large", 400`, `the fault's Status is "400", expected "413"`},
		{"what a word is", "transfer-encoding", "h1/transferencoding_gen.go", ": TransferEncodingOnChunked,\n}", ": TransferEncodingOnOther,\n}", "transferEncodingEvents: chunked is event 1, expected 0"},
		{"a word that is nothing", "te", "h1/te_gen.go", "\tTCodingsTrailers: TeOnTrailers,\n", "", "the table teEvents is missing, or hasn't one element for each of 1 words"},
		{"a factor", "content-length", "message/contentlength_gen.go", "m.Length = m.Length*10", "m.Length = m.Length*9", "m.Length is"},
		{"a digit less", "content-length", "message/contentlength_gen.go", "if '0' <= c && c <= '9' {\n\t\tm.Length", "if '0' <= c && c <= '8' {\n\t\tm.Length", `although octet '9' is expected`},
		{"a limit", "chunk-line", "h1/chunked_gen.go", "> limits.ChunkLineOctets", ">= limits.ChunkLineOctets", "a condition on the position"},
		{"a cell", "", "h1/transferencoding_gen.go", "TransferEncodingOnMalformed: TransferEncodingMalformed,", "TransferEncodingOnMalformed: TransferEncodingChunked,", "transitions transfer-encoding"},
		{"a decision", "", "h1/persistence_gen.go", "return ReuseClose", "return ReusePersist", "decision reuse"},
		{"a keyword", "", "h1/connection_gen.go", `case "close":` + "\n\t\treturn ConnectionOptionClose", `case "closed":` + "\n\t\treturn ConnectionOptionClose", `"close" is looked up as 0`},
		{"how a word is folded", "", "h1/connection_gen.go", "-26)>>15)<<5", "-27)>>15)<<5", `octet '[' is folded to '{'`},
		{"what a failure is", "content-length", "message/contentlength_gen.go", "return ContentLengthOnTooLarge", "return ContentLengthOnList", `event: the fault "too large" is ContentLengthOnList`},
		{"another part", "sequences", "h1/requestmessage_gen.go", "m.part, m.start = requestMessageAtTrailers, m.offset", "m.part, m.start = requestMessageAtEnd, m.offset", "the machine is done with last-chunk: m.part is requestMessageAtEnd, expected requestMessageAtTrailers"},
		{"another number", "sequences", "h1/responsemessage_gen.go", "m.left = m.ContentLength.Length", "m.left = m.ChunkLine.Size", "m.left is"},
		{"what isn't fed", "sequences", "h1/requestmessage_gen.go", "m.TransferEncoding.Consume(f.Value.Of(b))", "", `expected m.TransferEncoding.Consume(b[20:25])`},
		{"a refusal that is passed over", "sequences", "h1/requestmessage_gen.go", "m.by = \"request-body-length\"", "m.refused = RefusalNone", "request-body-length refuses"},
		{"what is left of the last message", "sequences", "h1/requestmessage_gen.go", "\tm.Connection.Reset()\n", "", `expected m.Connection.Reset()`},
		{"a default", "functions", "h1/requesthead_gen.go", "RequestLineOctets:  8192,", "RequestLineOctets:  81920,", "DefaultRequestHeadLimits: RequestLineOctets is 81920, expected 8192"},
		{"the status of an error", "functions", "h1/requestmessage_gen.go", "case RefusalUnknownTransferCoding:\n\t\treturn 501", "case RefusalUnknownTransferCoding:\n\t\treturn 400", "Status of RefusalUnknownTransferCoding is [400], expected 501"},
		{"what a state answers", "functions", "h1/te_gen.go", "[s][e]", "[e][s]", "doesn't begin with"},
		{"a field of HTTP/2", "functions", "h2/fieldsection_gen.go", "case message.FieldNameExpect:", "case message.FieldNameAccept:", "call 1 is m.Expect.Consume(b[20:25]), expected none"},
		{"a sequence, as text", "text", "h1/requestmessage_gen.go", "if uint64(k) > m.left {", "if uint64(k) >= m.left {", "requestmessage_gen.go:"},
		{"a layout", "frames", "frames/frame_gen.go", "& 0x7fffffff", "& 0xffffffff", "ReadHeader: Stream Identifier of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if !bytes.Contains(files[c.file], []byte(c.old)) {
				t.Fatalf("%s has no %q", c.file, c.old)
			}
			changed := maps.Clone(files)
			changed[c.file] = bytes.Replace(files[c.file], []byte(c.old), []byte(c.replacement), 1)
			got := ""
			if c.machine == "text" {
				r := &Report{}
				codeText(r, made, changed)
				got = failing(t, r, nil)
			} else {
				got = readOne(t, s, changed, c.machine)
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("want %q, got %s", c.want, got)
			}
			t.Logf("%s, %q instead of %q: %s", c.file, c.replacement, c.old, strings.TrimSpace(got))
		})
	}
}

// readOne reads a machine back, or all tables, and is what differs.
func readOne(t *testing.T, s *Subject, files map[string][]byte, machine string) (got string) {
	source, err := extract.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	readings := []extract.Reading{}
	switch machine {
	case "":
		readings = extract.Tables(source, s.Model)
	case "sequences":
		readings = extract.Sequences(source, s.Model)
	case "functions":
		readings = extract.Functions(source, s.Model)
	case "frames":
		readings = extract.Frames(source, s.Model)
	default:
		readings = append(readings, extract.Machine(source, s.Model, s.Model.Machine(machine)))
	}
	for _, r := range readings {
		if r.Err != nil {
			got += r.Err.Error() + "\n"
		}
	}
	return got
}

// moduleWith is the generated code of this module, with a file more.
func moduleWith(t *testing.T, name, text string) fs.FS {
	t.Helper()
	files, err := codeFiles(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{name: {Data: []byte(text)}}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: text}
	}
	return out
}

// TestCodeBesideIt has files beside the generated ones that make something else of them.
func TestCodeBesideIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, text, want string }{
		{"a table that is assigned to", "h1/evil.go", "package h1\n\nfunc init() { requestHeadOctets['\\n'] = 1 }\n", "h1/evil.go:3:15 assigns to requestHeadOctets, which is generated"},
		{"its address", "h1/evil.go", "package h1\n\nfunc init() { p := &requestHeadOctets; p[0] = 1 }\n", "takes the address of requestHeadOctets"},
		{"a slice of it", "h1/evil.go", "package h1\n\nfunc init() { clear(requestHeadOctets[:]) }\n", "takes a slice of requestHeadOctets"},
		{"a variable of that name", "h1/fine.go", "package h1\n\nfunc f() { var requestHeadOctets [9]int; requestHeadOctets[1] = 1 }\n", ""},
		{"a file that is called generated", "h1/more_gen.go", "package h1\n\nfunc init() {}\n", "h1/more_gen.go isn't made of any document"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := openDefault(t)
			dir := moduleWith(t, c.file, c.text)
			files, err := codeFiles(dir)
			if err != nil {
				t.Fatal(err)
			}
			made, err := gen.Generate(s.Model, gen.Options{})
			if err != nil {
				t.Fatal(err)
			}
			r := &Report{}
			elsewhere(r, made, files)
			codeText(r, made, files)
			err = codeByHand(r, dir, files)
			if got := failing(t, r, err); !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("want %q, got %s", c.want, got)
			}
		})
	}
}

// TestCodeElsewhere has a generated file where the generator writes none: the report says
// that it wasn't looked at.
func TestCodeElsewhere(t *testing.T) {
	t.Parallel()
	files, err := codeFiles(moduleWith(t, "a/b/c/chunked_gen.go", generatedBy+"chunked.md; DO NOT EDIT.\n\npackage c\n"))
	if err != nil {
		t.Fatal(err)
	}
	made, err := gen.Generate(openDefault(t).Model, gen.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &Report{}
	elsewhere(r, made, files)
	if r.Count(Says) != 1 || !strings.Contains(r.Claims[0].Evidence, "a/b/c/chunked_gen.go\nexamples/embed/http1/") {
		t.Errorf("%+v", r.Claims)
	}
	if files["a/b/c/chunked_gen.go"] != nil || files["h1/chunked_gen.go"] == nil {
		t.Error("other files are read back than those that the generator writes")
	}
}
