//go:build tools || generate

package specht

// The generator runs from the root of the module. The command imports only
// spec and gen, so it runs while generated files are missing. The tag generate
// is the one that `go generate` sets: tagged tools alone, this file and its
// directive would be skipped.
//
//go:generate go run ./gen/specht-gen

import (
	_ "github.com/dave/jennifer/jen"
	_ "github.com/yuin/goldmark"
)
