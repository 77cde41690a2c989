package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The machines of examples/embed are those that gen writes today.
func TestEmbeddedExample(t *testing.T) {
	example := filepath.Join("..", "..", "examples", "embed", "http1")
	there := generatedIn(t, example)
	if len(there) == 0 {
		t.Skip("the example is a module of its own, and isn't here")
	}
	dir := filepath.Join(t.TempDir(), "http1")
	var out, errs bytes.Buffer
	if code := run([]string{"gen", "-o", dir}, &console{nil, &out, &errs}); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	now := generatedIn(t, dir)
	for name := range there {
		if now[name] == "" {
			t.Errorf("%s isn't generated any more: delete it", filepath.Join(example, name))
		}
	}
	for name, text := range now {
		if there[name] != text {
			t.Errorf("%s isn't what gen writes: run go generate ./... in examples/embed", filepath.Join(example, name))
		}
	}
}

// generatedIn are the generated files of a directory, by name.
func generatedIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*_gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = string(text)
	}
	return files
}
