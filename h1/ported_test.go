package h1

import (
	"os"
	"regexp"
	"testing"
)

// TestPorted holds that testdata/ported.md names files that are there.
func TestPorted(t *testing.T) {
	text, err := os.ReadFile("testdata/ported.md")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`[a-z0-9_/]+\.(md|go)\b`).FindAllString(string(text), -1)
	if len(names) < 100 {
		t.Errorf("%d names of files were found, want some hundred", len(names))
	}
	for _, name := range names {
		found := false
		for _, dir := range []string{"testdata/", "", "../"} {
			_, err := os.Stat(dir + name)
			found = found || err == nil
		}
		if !found {
			t.Errorf("there is no %s", name)
		}
	}
}
