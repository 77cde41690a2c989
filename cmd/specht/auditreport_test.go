package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestHasDocuments has a module with documents, one without, and none.
func TestHasDocuments(t *testing.T) {
	with, without := t.TempDir(), t.TempDir()
	if err := os.Mkdir(filepath.Join(with, "spec"), 0o755); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]bool{with: true, without: false, "": false} {
		if hasDocuments(dir) != want {
			t.Errorf("%q: %v", dir, !want)
		}
	}
}
