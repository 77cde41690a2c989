//go:build !race

package extract

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// frameFiles are the files of frames, generated and not.
func frameFiles(t *testing.T) map[string][]byte {
	names, err := filepath.Glob("../../frames/*_gen.go")
	if err != nil || len(names) == 0 {
		t.Fatal("no files of frames", err)
	}
	files := map[string][]byte{}
	for _, n := range names {
		text, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(n)] = text
	}
	return files
}

func TestGeneratedFramesAreTheSpecified(t *testing.T) {
	m := model(t)
	files := frameFiles(t)
	s, err := Read(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range Frames(s, m) {
		if r.Err != nil {
			t.Error(r.Err)
		}
		if strings.Contains(r.Evidence, "run 0 times") && r.What != "layout SETTINGS" && r.What != "layout CONTINUATION" {
			t.Error(r.What, r.Evidence)
		}
	}
	for _, c := range []struct{ name, file, old, replacement, want string }{
		{"a mask", "frame_gen.go", "& 0x7fffffff", "& 0x3fffffff", "ReadHeader: Stream Identifier"},
		{"a shift", "frame_gen.go", "uint32(b[0])<<16 | uint32(b[1])<<8", "uint32(b[0])<<16 | uint32(b[1])<<9", "ReadHeader: Length"},
		{"a reserved bit", "frame_gen.go", "byte(f.PromisedStreamID>>24)&0x7f", "byte(f.PromisedStreamID>>24)", "AppendPushPromise: with Promised Stream ID"},
		{"an order", "frame_gen.go", "byte(h.Type), byte(h.Flags)", "byte(h.Flags), byte(h.Type)", "AppendHeader"},
		{"a flag", "frame_gen.go", "FlagPadded     Flags = 0x08", "FlagPadded     Flags = 0x10", "flag PADDED is 0x10, expected 0x8"},
		{"a type", "frame_gen.go", "TypeGoAway         Type = 0x7", "TypeGoAway         Type = 0x17", "TypeGoAway is 23, expected 7"},
		{"a length", "frame_gen.go", "const PriorityOctets = 5", "const PriorityOctets = 4", "PriorityOctets is 4, expected 5"},
		{"what is left", "frame_gen.go", "b = b[1:]", "b = b[2:]", "ReadHeaders"},
		{"an exact length", "frame_gen.go", "if h.Length != 8 {", "if h.Length > 8 {", "Header.Check of type 6"},
		{"a scope", "frame_gen.go", `return ScopeStream, CodeFrameSizeError, "PRIORITY whose`, `return ScopeConnection, CodeFrameSizeError, "PRIORITY whose`, "Header.Check of type 2"},
		{"a range", "settings_gen.go", "x.Value > 2147483647", "x.Value > 2147483648", "Setting.Check of 2147483648 in setting 4"},
		{"an initial value", "settings_gen.go", "InitialWindowSize:     65535", "InitialWindowSize:     65536", "SETTINGS_INITIAL_WINDOW_SIZE begins as 65536"},
		{"another setting", "settings_gen.go", "v.MaxFrameSize = x.Value", "v.MaxHeaderListSize = x.Value", "Settings.Set of setting 5"},
		{"a code", "errorcode_gen.go", "CodeProtocolError      ErrorCode = 0x1", "CodeProtocolError      ErrorCode = 0x2", "CodeProtocolError is 2, expected 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(string(files[c.file]), c.old) {
				t.Fatalf("%s has no %q", c.file, c.old)
			}
			changed := maps.Clone(files)
			changed[c.file] = []byte(strings.Replace(string(files[c.file]), c.old, c.replacement, 1))
			s, err := Read(changed)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, r := range Frames(s, m) {
				if r.Err != nil {
					got += r.Err.Error() + "\n"
				}
			}
			if !strings.Contains(got, c.want) {
				t.Errorf("want %q, got %s", c.want, got)
			}
		})
	}
}
