//go:build specaudit

package took

import (
	"os"
	"path/filepath"
	"testing"
)

// TestMain names the file before anything is taken.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "took")
	if err != nil {
		panic(err)
	}
	os.Setenv(Variable, filepath.Join(dir, "took"))
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// TestTold holds that each row and cell is told once.
func TestTold(t *testing.T) {
	for range 2 {
		Row("chunked.md: chunk-line")
		Cell("stream.md: stream-state", 3, 0)
		Cell("stream.md: stream-state", 0, 3)
	}
	text, err := os.ReadFile(os.Getenv(Variable))
	if err != nil {
		t.Fatal(err)
	}
	want := "chunked.md: chunk-line\nstream.md: stream-state\t3\t0\nstream.md: stream-state\t0\t3\n"
	if string(text) != want {
		t.Errorf("told is %q, want %q", text, want)
	}
}
