package tidy

import (
	"go/ast"
	"path"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Room is a row of the import rule: what the packages of one path may import
// from where. Imports of tests are free.
type Room struct {
	// Path is a package from the root of the module, "." for the root, or with
	// /... a package and all below it. The longest that matches counts.
	Path string
	// Imports are the packages of this module that may be imported, beside
	// those of the same row; written as Path is.
	Imports []string
	// Never are those that may not be reached over however many imports.
	Never []string
	// Std are packages of the standard library that may not be imported, and
	// all below them; * for all.
	Std []string
	// Others are the modules of others that may be imported; * for all.
	Others []string
}

// House is the import rule. The engine never sees a flow, the loop never sees
// an octet's meaning, the handler never sees the loop.
//
// Engines and what is below them have no I/O, clock, goroutine or lock of
// their own, so that a run is a function of its octets. They may import
// packages that bring such along (bytes brings io, hpack brings fmt and os);
// only what they name themselves is their own.
var House = []Room{
	// Leaves.
	{Path: "engine", Std: all},
	{Path: "message/...", Std: impure, Never: build},
	{Path: "flow", Std: tls, Never: build},
	// Kinds of flow. Only flow/tls knows crypto/tls.
	{Path: "flow/...", Imports: []string{"flow"}, Std: tls, Never: build, Others: []string{sys}},
	{Path: "flow/secure/...", Imports: []string{"flow", "flow/internal/..."}, Std: tls, Never: build},
	{Path: "flow/tls/...", Imports: []string{"flow", "flow/internal/...", "flow/secure"}, Never: build},
	// Wire.
	{Path: "frames/...", Imports: []string{"message/..."}, Std: impure, Never: build},
	// What is on the way in an engine, whatever the version.
	{Path: "internal/transit", Imports: []string{"message/...", "engine"}, Std: impure, Never: build},
	// Engines.
	{Path: "h1/...", Imports: []string{"message/...", "engine", "frames/...", "internal/transit"}, Std: impure, Never: build},
	{Path: "h2/...", Imports: []string{"message/...", "engine", "frames/...", "internal/transit"}, Std: impure, Never: build, Others: []string{hpack}},
	// Driver: it knows no protocol, and no TLS library.
	{Path: "loop/...", Imports: []string{"engine", "flow"}, Std: tls, Never: protocol, Others: []string{sys}},
	{Path: "loop/looptest", Imports: []string{"engine", "flow/...", "loop"}, Never: protocol}, // for tests
	// Composition: which engine for a flow.
	{
		Path:    "alpn/...",
		Imports: []string{"h1/...", "h2/...", "message/...", "engine", "loop/...", "flow"},
		Std:     tls, Never: build,
	},
	// Top.
	{Path: ".", Imports: runtime, Never: build, Others: all},
	{Path: "dial/...", Imports: runtime, Never: build, Others: all},
	{Path: "nethttp/...", Imports: runtime, Never: build, Others: all},
	{Path: "acme/...", Imports: runtime, Never: build, Others: all},
	{Path: "cmd/...", Imports: append([]string{"spec/...", "gen/...", "audit/..."}, runtime...), Never: proof, Others: all},
	// Build time. The command of gen runs while generated files are missing.
	{Path: "spec/...", Never: protocol, Others: all},
	{Path: "gen/...", Imports: []string{"spec/..."}, Never: protocol, Others: all},
	{Path: "internal/took", Never: build},
	{Path: "audit/...", Imports: []string{"spec/...", "gen/...", "internal/took"}, Never: proof, Others: all},
	// Proof: it imports what it likes, and nothing imports it.
	{Path: "fuzz/...", Imports: all, Others: all},
	{Path: "sim/...", Imports: all, Others: all},
	{Path: "examples/...", Imports: all, Others: all},
	{Path: "internal/tidy/...", Imports: all, Others: all},
}

const (
	sys   = "golang.org/x/sys"
	hpack = "golang.org/x/net/http2/hpack"
)

var (
	all      = []string{"*"}
	impure   = []string{"io", "net", "os", "time", "sync", "context", "crypto", "log", "syscall"}
	tls      = []string{"crypto"}
	proof    = []string{"fuzz/...", "sim/...", "examples/...", "internal/tidy/..."}
	build    = append([]string{"spec/...", "gen/...", "audit/..."}, proof...)
	protocol = append([]string{"h1/...", "h2/...", "frames/...", "internal/transit", "message/..."}, proof...)
	runtime  = []string{
		".", "engine", "message/...", "flow/...", "frames/...", "h1/...", "h2/...",
		"loop/...", "alpn/...", "dial/...", "nethttp/...", "acme/...",
	}

	// wire are the rooms whose machines are generated, and what a generated
	// file of theirs may import.
	wire          = []string{"message", "frames", "h1", "h2"}
	generatedStd  = []string{"strconv", "errors", "math/bits"}
	generatedRoom = []string{"engine", "message/...", "frames/..."}
)

// checkImports holds House.
func checkImports(t *Tree) []Finding {
	var found []Finding
	graph := map[string][]edge{} // by directory, of this module
	hpackFile := ""
	for _, f := range t.Files {
		if !f.isBuilt() || f.Nested {
			continue
		}
		dir := f.dir()
		if _, ok := graph[dir]; !ok {
			graph[dir] = nil
			if roomOf(dir) == nil {
				found = append(found, Finding{dir, 0, "no row for this package in the import rule: add one to House, in internal/tidy/imports.go"})
			}
		}
		room := roomOf(dir)
		if room == nil {
			continue
		}
		for _, spec := range f.Go.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			target, own := t.own(name)
			if own && target != dir {
				graph[dir] = append(graph[dir], edge{target, f, spec})
			}
			switch why := room.refuses(dir, name, target, own); {
			case why != "":
				found = append(found, t.at(f, spec.Pos(), "%s imports %s: %s", dir, name, why))
			case f.isGenerated() && slices.Contains(wire, f.room()) && !generatedMay(name, target, own):
				found = append(found, t.at(f, spec.Pos(), "a generated file imports %s: it may import %s, and leaves of this module", name, strings.Join(generatedStd, ", ")))
			case name == hpack && hpackFile != "" && f.room() == "h2":
				found = append(found, t.at(f, spec.Pos(), "hpack is imported by one file of h2, and that is %s already", hpackFile))
			}
			if name == hpack {
				hpackFile = f.Path
			}
		}
	}
	return append(found, t.reached(graph)...)
}

// edge is an import of a package of this module.
type edge struct {
	to   string
	file *File
	spec *ast.ImportSpec
}

// reached finds what rooms may never reach, with the way there.
func (t *Tree) reached(graph map[string][]edge) []Finding {
	var found []Finding
	dirs := make([]string, 0, len(graph))
	for dir := range graph {
		dirs = append(dirs, dir)
	}
	sort.Strings(dirs)
	for _, start := range dirs {
		room := roomOf(start)
		if room == nil || isKit(start) {
			continue
		}
		came := map[string]string{start: ""}
		for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
			for _, e := range graph[queue[0]] {
				if _, seen := came[e.to]; seen {
					continue
				}
				came[e.to] = queue[0]
				queue = append(queue, e.to)
				isDirect := queue[0] == start // and then refused by name
				if !matchesAny(room.Never, e.to) || isDirect && !matchesAny(room.Imports, e.to) {
					continue
				}
				way := e.to
				for at := queue[0]; at != ""; at = came[at] {
					way = at + " -> " + way
				}
				found = append(found, t.at(e.file, e.spec.Pos(), "%s may never reach %s, and does: %s", start, e.to, way))
			}
		}
	}
	return found
}

// refuses says why a package may not import another, or nothing.
func (r *Room) refuses(dir, name, target string, own bool) string {
	switch {
	case isKit(dir): // what only tests import is free as tests are
		return ""
	case own && isKit(target):
		return "that is a kit for tests: only tests import it"
	case own && (roomOf(target) == r || matchesAny(r.Imports, target)):
		return ""
	case own:
		return "of this module it may import " + list(r.Imports)
	case !isStd(name):
		for _, other := range r.Others {
			if other == "*" || name == other || strings.HasPrefix(name, other+"/") {
				return ""
			}
		}
		return "of other modules it may import " + list(r.Others)
	case matchesAny(r.Std, "*"):
		return "it may import nothing"
	}
	for _, banned := range r.Std {
		if matches(banned+"/...", name) {
			return "it may not import " + banned + ", nor what is below it"
		}
	}
	return ""
}

// generatedMay says whether a generated file may import a package.
func generatedMay(name, target string, own bool) bool {
	if own {
		return matchesAny(generatedRoom, target)
	}
	return slices.Contains(generatedStd, name)
}

// isKit says whether a package is there for tests to import, as net/http's
// httptest is.
func isKit(dir string) bool {
	base := path.Base(dir)
	return strings.HasSuffix(base, "test") && base != "test"
}

// own is the directory of a package of this module.
func (t *Tree) own(name string) (dir string, ok bool) {
	if name == t.Module {
		return ".", true
	}
	return strings.CutPrefix(name, t.Module+"/")
}

// isStd says whether an import path is of the standard library: no dot in its
// first element.
func isStd(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return !strings.Contains(first, ".")
}

// roomOf is the row of House for a package, or nil.
func roomOf(dir string) *Room {
	var best *Room
	for i := range House {
		r := &House[i]
		if matches(r.Path, dir) && (best == nil || len(strings.TrimSuffix(r.Path, "/...")) > len(strings.TrimSuffix(best.Path, "/...")) || r.Path == dir) {
			best = r
		}
	}
	return best
}

// matches says whether a package is meant by a pattern as in Room.Path.
func matches(pattern, dir string) bool {
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return dir == below || strings.HasPrefix(dir, below+"/")
	}
	return pattern == "*" || pattern == dir
}

func matchesAny(patterns []string, dir string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, dir) })
}

func list(patterns []string) string {
	if len(patterns) == 0 {
		return "nothing"
	}
	return strings.Join(patterns, ", ")
}
