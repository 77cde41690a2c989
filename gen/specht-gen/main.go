// Command specht-gen writes the generated files of this module. It imports
// only spec and gen, so that it runs while generated files are missing.
//
// Usage: go run ./gen/specht-gen, from the root of the module.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	set, err := spec.Read(os.DirFS("spec"))
	if err != nil {
		return err
	}
	model, err := gen.Load(set)
	if err != nil {
		return err
	}
	files, err := gen.Generate(model, gen.Options{})
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(f.Path, f.Text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
