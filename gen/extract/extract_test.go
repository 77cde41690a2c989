//go:build !race

package extract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// committed are the generated files of this module.
func committed(t testing.TB) map[string][]byte {
	files := map[string][]byte{}
	for _, room := range []string{"h1", "h2", "message"} {
		names, err := filepath.Glob("../../" + room + "/*_gen.go")
		if err != nil || len(names) == 0 {
			t.Fatal("no generated files in", room, err)
		}
		for _, n := range names {
			text, err := os.ReadFile(n)
			if err != nil {
				t.Fatal(err)
			}
			files[n] = text
		}
	}
	return files
}

func model(t testing.TB) *gen.Model {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	m, err := gen.Load(set)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestGeneratedMachinesAreTheSpecified(t *testing.T) {
	m := model(t)
	s, err := Read(committed(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, ma := range m.Machines {
		t.Run(ma.Name, func(t *testing.T) {
			t.Parallel()
			r := Machine(s, m, ma)
			if r.Err != nil {
				t.Error(r.Err)
			}
			t.Log(r.Evidence)
		})
	}
}

func TestGeneratedTablesAreTheSpecified(t *testing.T) {
	m := model(t)
	files := committed(t)
	s, err := Read(files)
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckTables(s, m); err != nil {
		t.Error(err)
	}
	// Changes that once went unseen.
	for _, c := range []struct{ file, old, new string }{
		{"transferencoding", "TransferEncodingOnMalformed: TransferEncodingMalformed,", "TransferEncodingOnMalformed: TransferEncodingChunked,"},
		{"contentlength", "ContentLengthOnList:      ContentLengthRepeated,", "ContentLengthOnList:      ContentLengthOne,"},
		{"connection", "ConnectionOnOther:     ConnectionKeepAlive,", "ConnectionOnOther:     ConnectionOther,"},
		{"version", "minor <= 9", "minor <= 8"},
		{"statusline", "status <= 203", "status <= 204"},
		{"responsebodylength", "ResponseBodyLengthUntilClose, RefusalNone", "ResponseBodyLengthNone, RefusalNone"},
		{"bodylength", "RefusalTransferEncodingWithContentLength", "RefusalNone"},
		{"persistence", "ReuseClose", "ReusePersist"},
		{"lifecycle", "CouplingClose", "CouplingKeep"},
		// Each member of an answer.
		{"stream", "{Next: StreamStateClosedByGoaway, Action: StreamStateActionDiscardFields", "{Next: StreamStateIdle, Action: StreamStateActionDiscardFields"},
		{"stream", "Scope: frames.ScopeStream", "Scope: frames.ScopeConnection"},
		{"stream", "Code: frames.CodeStreamClosed", "Code: frames.CodeProtocolError"},
		{"stream", "Action: StreamStateActionDiscardContent", "Action: StreamStateActionContent"},
		{"stream", "BudgetResetCredit | BudgetConnectionWindow", "BudgetResetCredit | BudgetStreamWindow"},
		{"stream", "Pays: BudgetResetCredit, Ignore: true", "Pays: BudgetResetCredit"},
		{"stream", "HEADERS on a stream that has long been closed (RFC 9113, Section 5.4.2)", "HEADERS on a stream that has long been closed"},
		{"http2message", "Action: HTTP2MessageActionPassOver, Pays: BudgetEmptyCredit", "Pays: BudgetEmptyCredit"},
		{"http2connection", "RepetitionRepeat", "RepetitionGiveUp"},
	} {
		t.Run(c.file, func(t *testing.T) {
			name := ""
			for _, room := range []string{"h1", "h2", "message"} {
				if at := "../../" + room + "/" + c.file + "_gen.go"; files[at] != nil {
					name = at
				}
			}
			text := string(files[name])
			at := strings.LastIndex(text, c.old)
			if at < 0 {
				t.Fatalf("%s has no %q", name, c.old)
			}
			changed := map[string][]byte{}
			for n, b := range files {
				changed[n] = b
			}
			changed[name] = []byte(text[:at] + c.new + text[at+len(c.old):])
			s, err := Read(changed)
			if err != nil {
				t.Fatal(err)
			}
			if CheckTables(s, m) == nil {
				t.Errorf("%q instead of %q is not seen", c.new, c.old)
			}
		})
	}
}

// TestTooLongArray has an array with more elements than it says: that is an error.
func TestTooLongArray(t *testing.T) {
	_, err := Read(map[string][]byte{"a_gen.go": []byte("package a\n\nvar aJumps = [2]struct {\n\tx uint64\n}{1: {x: 1}, 2: {x: 2}}\n")})
	if err == nil || !strings.Contains(err.Error(), "an array of 2 has an element 2") {
		t.Error(err)
	}
}
