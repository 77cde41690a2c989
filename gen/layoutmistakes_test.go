package gen

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/specht-http/specht/spec"
)

// layoutMistakes are mistakes in layouts, and in what tables say of them.
var layoutMistakes = []struct{ name, file, old, new, want string }{
	{"a layout without its source", "frame.md", "```layout rfc9113#6.3\n", "```layout\n", "a block of layouts without its source"},
	{"a title that is none", "frame.md", "PRIORITY Frame {\n", "PRIORITY\n", "malformed layout: \"PRIORITY\"; expected a title such as DATA Frame {"},
	{"a field without a comma", "frame.md", "  Weight (8),\n}", "  Weight (8)\n}", "malformed layout: \"  Weight (8)\""},
	{"a bracket that isn't closed", "frame.md", "  [Weight (8)],", "  [Weight (8),", "malformed layout"},
	{"a layout without an end", "frame.md", "  Weight (8),\n}\n```", "  Weight (8),\n```", "the layout of PRIORITY has no end"},
	{"a layout twice", "frame.md", "PRIORITY Frame {\n", "DATA Frame {\n", "a second layout of DATA"},
	{"no length", "frame.md", "DATA Frame {\n  Length (24),", "DATA Frame {\n  Length (16),", "the layout of DATA doesn't begin with the frame header; expected Length (24)"},
	{"no type", "frame.md", "  Type (8) = 0x03,", "  Type (8),", "the layout of RST_STREAM doesn't begin with the frame header; expected Type (8) = 0x"},
	{"a type twice", "frame.md", "  Type (8) = 0x03,", "  Type (8) = 0x02,", "RST_STREAM has the type of PRIORITY"},
	{"seven flags", "frame.md", "  Unused Flags (5),\n  END_HEADERS", "  Unused Flags (4),\n  END_HEADERS", "the flags have 8 bits, and here 7"},
	{"no stream", "frame.md", "  Stream Identifier (31),\n\n  Error Code", "  Stream Identifier (30),\n\n  Error Code", "expected Reserved (1) and Stream Identifier (31)"},
	{"a flag with two bits", "frame.md", "  Unused Flags (5),\n  END_HEADERS Flag (1),\n  Unused Flags (2),", "  Unused Flags (6),\n  END_HEADERS Flag (1),\n  Unused Flags (1),", "the flag END_HEADERS is another bit in CONTINUATION"},
	{"a part of an octet", "frame.md", "  Exclusive (1),\n  Stream Dependency (31),\n  Weight (8),", "  Exclusive (1),\n  Stream Dependency (30),\n  Weight (8),", "the fields of PRIORITY have 39 bits"},
	{"a length that doesn't fit", "frame.md", "  Length (24) = 0x04,\n  Type (8) = 0x03", "  Length (24) = 0x05,\n  Type (8) = 0x03", "its length is 5, and its fields have 4 octets"},
	{"two fields that take the rest", "frame.md", "  Field Block Fragment (..),\n}", "  Field Block Fragment (..),\n  More (..),\n}", "a second field of variable length in CONTINUATION"},
	{"a fixed field behind the rest", "frame.md", "  Additional Debug Data (..),\n", "  Additional Debug Data (..),\n  More (8),\n", "a field of fixed length behind one of variable length in GOAWAY"},
	{"padding without limit", "frame.md", "  Data (..),\n  Padding (..2040),", "  Data (..),\n  Padding (..),", "padding of another size than its length can say"},
	{"a field with a value", "frame.md", "  Error Code (32),\n}", "  Error Code (32) = 1,\n}", "a field of a payload with a value"},
	{"an optional field without a flag", "frame.md", "| Weight | HEADERS | PRIORITY | | rfc9113#6.2 |\n", "", "the field Weight of HEADERS; a field in brackets has a row"},
	{"a field of no layout", "frame.md", "| Weight | HEADERS |", "| Height | HEADERS |", "HEADERS has no field \"Height\""},
	{"a field with an unknown flag", "frame.md", "| Weight | HEADERS | PRIORITY |", "| Weight | HEADERS | ACK |", "HEADERS has no flag \"ACK\""},
	{"a frame without a name", "frame.md", "| PING | `Ping` | rfc9113#6.7 |\n", "", "the frame PING has no name in Go"},
	{"a name without a frame", "frame.md", "| PING | `Ping` |", "| PONG | `Ping` |", "no layout, or a second row, for \"PONG\""},
	{"a missing row of validity", "frame.md", "| DATA | not 0 | any | | stream error: FRAME_SIZE_ERROR | rfc9113#4.2/2 |\n", "", "missing row: DATA on stream not 0"},
	{"a row of validity twice", "frame.md", "| DATA | not 0 | any |", "| HEADERS | not 0 | any |", "a second row for HEADERS on stream not 0"},
	{"validity of an unknown frame", "frame.md", "| DATA | not 0 | any |", "| DATE | not 0 | any |", "unknown frame \"DATE\""},
	{"validity by an unknown flag", "frame.md", "| SETTINGS with ACK | 0 |", "| SETTINGS with END | 0 |", "SETTINGS has no flag \"END\""},
	{"an unknown stream", "frame.md", "| DATA | not 0 | any |", "| DATA | 1 | any |", "unknown stream \"1\""},
	{"an unknown length", "frame.md", "| GOAWAY | 0 | at least 8 |", "| GOAWAY | 0 | at most 8 |", "unknown length \"at most 8\""},
	{"another length than the layout's", "frame.md", "| PING | 0 | 8 |", "| PING | 0 | 9 |", "PING has another length than its layout says"},
	{"a wrong length without an error", "frame.md", "| PING | 0 | 8 | connection error: FRAME_SIZE_ERROR |", "| PING | 0 | 8 | |", "\"\" is no error"},
	{"an error for every length", "frame.md", "| DATA | not 0 | any | |", "| DATA | not 0 | any | stream error: FRAME_SIZE_ERROR |", "every length is right, and a row says otherwise"},
	{"an unknown code", "frame.md", "| PING | 0 | 8 | connection error: FRAME_SIZE_ERROR |", "| PING | 0 | 8 | connection error: SIZE |", "\"connection error: SIZE\" is no error"},
	{"an unknown scope", "frame.md", "| PING | 0 | 8 | connection error: FRAME_SIZE_ERROR |", "| PING | 0 | 8 | frame error: FRAME_SIZE_ERROR |", "is no error; expected stream error: or connection error:"},
	{"a stream that the layout excludes", "frame.md", "| PING | not 0 | none | connection error: PROTOCOL_ERROR |", "| PING | not 0 | 8 | connection error: PROTOCOL_ERROR |", "PING on another stream than 0"},
	{"error codes out of order", "errorcode.md", "| CANCEL | 8 |", "| CANCEL | 9 |", "the error code CANCEL"},
	{"an error code that is no number", "errorcode.md", "| CANCEL | 8 |", "| CANCEL | eight |", "\"eight\"; expected a number of at most 32 bits"},
	{"a setting twice", "settings.md", "| SETTINGS_MAX_FRAME_SIZE | 5 |", "| SETTINGS_MAX_FRAME_SIZE | 4 |", "a second row for SETTINGS_MAX_FRAME_SIZE"},
	{"an initial value out of range", "settings.md", "| `MaxFrameSize` | 16384 |", "| `MaxFrameSize` | 16383 |", "the initial value of SETTINGS_MAX_FRAME_SIZE is out of its range"},
	{"a range without an error", "settings.md", "| `EnablePush` | 1 | 0 | 1 | connection error: PROTOCOL_ERROR |", "| `EnablePush` | 1 | 0 | 1 | |", "\"\" is no error"},
	{"an error without a range", "settings.md", "| `HeaderTableSize` | 4096 | 0 | 4294967295 | |", "| `HeaderTableSize` | 4096 | 0 | 4294967295 | connection error: PROTOCOL_ERROR |", "every value of SETTINGS_HEADER_TABLE_SIZE is right"},
}

func TestLayoutMistakes(t *testing.T) {
	for _, m := range layoutMistakes {
		t.Run(m.name, func(t *testing.T) {
			files := fstest.MapFS{}
			err := fs.WalkDir(spec.Embedded(), ".", func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				b, err := fs.ReadFile(spec.Embedded(), path)
				files[path] = &fstest.MapFile{Data: b}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			was := string(files[m.file].Data)
			now := strings.Replace(was, m.old, m.new, 1)
			if now == was {
				t.Fatalf("spec/%s has no %q", m.file, m.old)
			}
			files[m.file].Data = []byte(now)
			set, err := spec.Read(files)
			if err == nil {
				_, err = loadFrames(set)
			}
			if err == nil || !strings.Contains(err.Error(), m.want) || !strings.Contains(err.Error(), "spec/"+m.file+":") {
				t.Errorf("the error is %v, want %q with its place", err, m.want)
			}
		})
	}
}

// loadFrames understands what a set says of frames alone, which is quick.
func loadFrames(set *spec.Set) (*Model, error) {
	m := &Model{Set: set}
	m.loadLayouts()
	if len(m.errs) > 0 {
		return nil, m.mistakes()
	}
	return m, nil
}
