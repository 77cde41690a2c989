package tidy

import "strings"

var importSeeds = []seed{
	{"a leaf imports anything", "imports", map[string]string{"engine/a.go": importing("engine", `"strconv"`)}, `^engine/a.go:5: engine imports strconv: it may import nothing$`},
	{"message opens files", "imports", map[string]string{"message/a.go": importing("message", `"os"`)}, `^message/a.go:5: .*may not import os`},
	{"below a refused package", "imports", map[string]string{"h1/a.go": importing("h1", `"sync/atomic"`)}, `may not import sync, nor what is below`},
	{"beside a refused package", "imports", map[string]string{"h1/a.go": importing("h1", `"iter"`, `"timetable"`)}, ``},
	{"frames reads a clock", "imports", map[string]string{"frames/a.go": importing("frames", `"time"`)}, `may not import time`},
	{"h2 logs", "imports", map[string]string{"h2/a.go": importing("h2", `"log/slog"`)}, `may not import log`},
	{"one platform only", "imports", map[string]string{"h2/a_windows.go": importing("h2", `"syscall"`)}, `may not import syscall`},
	{"one tag only", "imports", map[string]string{"h2/a.go": "//go:build invariants\n\n" + importing("h2", `"context"`)}, `may not import context`},
	{"tools see what they like", "imports", map[string]string{"h2/a.go": "//go:build ignore || tools\n\n" + importing("main", `"os"`)}, ``},
	{"tests import what they like", "imports", map[string]string{"h1/a_test.go": importing("h1", `"os"`, own("sim"))}, ``},
	{"h1 imports a module", "imports", map[string]string{"h1/a.go": importing("h1", `"example.org/fast"`)}, `of other modules it may import nothing`},
	{"h2 imports x/net/http2", "imports", map[string]string{"h2/a.go": importing("h2", `"golang.org/x/net/http2"`)}, `of other modules it may import golang.org/x/net/http2/hpack`},
	{"h1 imports hpack", "imports", map[string]string{"h1/a.go": importing("h1", `"golang.org/x/net/http2/hpack"`)}, `h1 imports golang.org/x/net/http2/hpack`},
	{"one file of h2 imports hpack", "imports", map[string]string{"h2/a.go": importing("h2", `"golang.org/x/net/http2/hpack"`)}, ``},
	{"two do", "imports", map[string]string{
		"h2/a.go": importing("h2", `"golang.org/x/net/http2/hpack"`),
		"h2/b.go": importing("h2", `"golang.org/x/net/http2/hpack"`),
	}, `^h2/b.go:5: .*h2/a.go already`},
	{"the engine sees a flow", "imports", map[string]string{"h1/a.go": importing("h1", own("flow"))}, `h1 imports .*/flow: of this module it may import message`},
	{"the loop sees octets", "imports", map[string]string{"loop/a.go": importing("loop", own("engine"), own("h1"))}, `^loop/a.go:6: `},
	{"loop imports a kind of flow", "imports", map[string]string{"loop/a.go": importing("loop", own("flow/tcp"))}, `of this module it may import engine, flow`},
	{"a subpackage has the row of its room", "imports", map[string]string{"loop/wheel/a.go": importing("wheel", own("message"))}, `^loop/wheel/a.go`},
	{"and may import from its room", "imports", map[string]string{"loop/a.go": importing("loop", own("loop/wheel"))}, ``},
	{"crypto/tls beside flow/tls", "imports", map[string]string{"flow/tcp/a.go": importing("tcp", `"crypto/tls"`)}, `may not import crypto`},
	{"crypto/tls in flow/tls", "imports", map[string]string{"flow/tls/a.go": importing("tls", `"crypto/tls"`, own("flow"))}, ``},
	{"crypto/tls in alpn", "imports", map[string]string{"alpn/a.go": importing("alpn", `"crypto/tls"`)}, `may not import crypto`},
	{"the root imports the generator", "imports", map[string]string{"a.go": importing("specht", own("gen"))}, `^a.go:5: \. imports .*/gen`},
	{"the root imports engines", "imports", map[string]string{"a.go": importing("specht", own("h1"), `"example.org/x"`, `"net"`)}, ``},
	{"cmd imports the generator", "imports", map[string]string{"cmd/specht/a.go": importing("main", own("gen"), own("audit"))}, ``},
	{"the command of gen imports an engine", "imports", map[string]string{"gen/specht-gen/a.go": importing("main", own("h1"))}, `gen/specht-gen imports`},
	{"someone imports a proof", "imports", map[string]string{"nethttp/a.go": importing("nethttp", own("sim"))}, `nethttp imports`},
	{"a proof imports a proof", "imports", map[string]string{"fuzz/a.go": importing("fuzz", own("sim"), own("loop"))}, ``},
	{"a kit for tests", "imports", map[string]string{"loop/looptest/a.go": importing("looptest", own("h1"), `"crypto/tls"`)}, ``},
	{"a kit out of tests", "imports", map[string]string{"loop/a.go": importing("loop", own("loop/looptest"))}, `only tests import it`},
	{"a room without a row", "imports", map[string]string{"attic/a.go": importing("attic", `"os"`)}, `^attic: no row`},
	{"a nested module is free", "imports", map[string]string{
		"flow/netstack/go.mod": "module example.org/netstack\n",
		"flow/netstack/a.go":   importing("netstack", `"gvisor.dev/gvisor"`, own("h1")),
	}, ``},
	{"a generated file opens bytes", "imports", map[string]string{"h1/a_gen.go": importing("h1", `"bytes"`)}, `a generated file imports bytes`},
	{"a generated file imports its due", "imports", map[string]string{"h1/a_gen.go": importing("h1", `"strconv"`, `"errors"`, `"math/bits"`, own("message"))}, ``},
}

var fileSeeds = []seed{
	{"not Go", "syntax", map[string]string{"h1/a.go": "package h1\n\nfunc {\n"}, `^h1/a.go: doesn't parse`},
	{"not Go, in testdata", "syntax", map[string]string{"h1/testdata/a.go": "func {"}, ``},
	{"a file of helpers", "names", map[string]string{"h1/test_helpers_test.go": "package h1"}, `^h1/test_helpers_test.go: .*"helpers"`},
	{"a word in a name", "names", map[string]string{"h1/basement.go": "package h1", "h1/commonname.go": "package h1"}, ``},
	{"a package of utilities", "names", map[string]string{"internal/util/a.go": "package util", "internal/util/b.go": "package util"}, `^internal/util: .*"util"`},
	{"a package named so in another directory", "names", map[string]string{"h1/x/a.go": "package manager"}, `^h1/x: .*"manager"`},
	{"a stem in capitals", "stems", map[string]string{"spec/fieldLine.md": ""}, `^spec/fieldLine.md: `},
	{"the readme", "stems", map[string]string{"spec/README.md": ""}, ``},
	{"no spec for what was generated", "stems", map[string]string{"h1/chunked_gen.go": "package h1"}, `^h1/chunked_gen.go: there is no spec/chunked.md`},
	{"a compound stem", "stems", map[string]string{"h1/field_line_gen.go": "package h1"}, `lower-case letters`},
	{"a spec for what was generated", "stems", map[string]string{"h1/chunked_gen.go": "package h1", "spec/chunked.md": ""}, ``},
	{"a good marker", "generated", map[string]string{"h1/chunked_gen.go": marker("chunked"), "spec/chunked.md": ""}, ``},
	{"no marker", "generated", map[string]string{"h1/chunked_gen.go": "package h1", "spec/chunked.md": ""}, `^h1/chunked_gen.go:1: the first line`},
	{"a marker of another generator", "generated", map[string]string{"h1/chunked_gen.go": "// Code generated by jennifer; DO NOT EDIT.\n" + marker("chunked"), "spec/chunked.md": ""}, `the first line`},
	{"a marker of another stem", "generated", map[string]string{"h1/chunked_gen.go": marker("chunk"), "spec/chunk.md": ""}, `its stem is chunk`},
	{"a marker of no spec", "generated", map[string]string{"h1/chunked_gen.go": marker("chunked")}, `doesn't exist`},
	{"a marker on a file by another name", "generated", map[string]string{"h1/chunked.go": marker("chunked"), "spec/chunked.md": ""}, `its name ends in _gen.go`},
	{"too long", "length", map[string]string{"h1/a.go": "package h1\n" + strings.Repeat("\n", linesMax)}, `^h1/a.go: 601 lines`},
	{"as long as may be", "length", map[string]string{"h1/a.go": "package h1\n" + strings.Repeat("\n", linesMax-1)}, ``},
	{"generated and long", "length", map[string]string{"h1/a_gen.go": "package h1\n" + strings.Repeat("\n", linesMax)}, ``},
}

func marker(noun string) string {
	return "// Code generated by gen from spec/" + noun + ".md; DO NOT EDIT.\n\npackage h1\n"
}

// documented is a package with a doc, and some declarations.
func documented(decls string) map[string]string {
	return map[string]string{"h1/a.go": "// Package h1 is a seed.\npackage h1\n\n" + decls + "\n"}
}

var docSeeds = []seed{
	{"a function", "docs", documented("func F() {}"), `^h1/a.go:4: F is exported`},
	{"a function with a doc", "docs", documented("// F does.\nfunc F() {}\n\nfunc f() {}"), ``},
	{"a method", "docs", documented("// T is.\ntype T struct{}\n\nfunc (t *T) M() {}"), `:7: M is exported`},
	{"a method of a generic type", "docs", documented("// T is.\ntype T[P any] struct{}\n\nfunc (t *T[P]) M() {}"), `:7: M is exported`},
	{"a method that nobody sees", "docs", documented("type t struct{}\n\nfunc (t t) M() {}"), ``},
	{"methods of one name in a row", "docs", documented("// T is.\ntype T int\n\n// U is.\ntype U int\n\n// M does.\nfunc (T) M() {}\nfunc (U) M() {}"), ``},
	{"of which the first has no doc", "docs", documented("// T is.\ntype T int\n\n// U is.\ntype U int\n\nfunc (T) M() {}\nfunc (U) M() {}"), `:10: M is exported`},
	{"methods of two names in a row", "docs", documented("// T is.\ntype T int\n\n// M does.\nfunc (T) M() {}\nfunc (T) N() {}"), `:9: N is exported`},
	{"a type", "docs", documented("type T struct{ F int }"), `T is exported`},
	{"a type in a group with a doc", "docs", documented("// Types are.\ntype (\n\tT int\n)"), `T is exported`},
	{"a constant", "docs", documented("const (\n\tC = 1 // is one\n\tD = 2\n)"), `D is exported`},
	{"constants of a group with a doc", "docs", documented("// Numbers.\nconst (\n\tC = 1\n\tD = 2\n)"), ``},
	{"a package", "docs", map[string]string{"h1/a.go": "package h1\n", "h1/b.go": "package h1\n"}, `^h1/a.go:1: package h1 has no doc`},
	{"a program", "docs", map[string]string{"cmd/x/a.go": "// Command x is a seed.\npackage main\n\ntype T struct{}\n"}, ``},
	{"generated", "docs", map[string]string{"h1/a_gen.go": "// Package h1 is.\npackage h1\n\nfunc F() {}\n"}, `F is exported`},
}

var vocabularySeeds = []seed{
	{"headers", "vocabulary", documented("// It has\n// no headers at all.\nvar x int"), `^h1/a.go:5: "headers" is called field`},
	{"at the start of a sentence", "vocabulary", documented("// Headers are read.\nvar x int"), `"Headers"`},
	{"a frame of that name", "vocabulary", documented("// A HEADERS frame, frame headers, header fields.\nvar x int"), ``},
	{"elsewhere", "vocabulary", map[string]string{"nethttp/a.go": "package nethttp\n\n// headers of http.Header\nvar headers int\n"}, ``},
	{"payload", "vocabulary", documented("// f has a payload\nvar x int"), `content`},
	{"the payload of a frame", "vocabulary", documented("// f has a frame payload\nvar x int"), ``},
	{"payload in frames", "vocabulary", map[string]string{"frames/a.go": "package frames\n\n// the payload\nvar payload int\n"}, ``},
	{"char", "vocabulary", documented("// one char, not field-vchar\nvar x int"), `octet`},
	{"a name", "vocabulary", documented("func f() { reqHeaders := 1; _ = reqHeaders }"), `reqHeaders: "Headers" is called`},
	{"a field and a method", "vocabulary", documented("type t struct{ kv int }"), `kv: `},
	{"a name of others", "vocabulary", documented("var x = y.Headers"), ``},
	{"WebSocket", "vocabulary", documented("// WebSocket is spelt so.\nfunc onWebSocket() {}"), ``},
	{"a cite run together", "vocabulary", documented("// See RFC9112 for it.\nvar x int"), `^h1/a.go:4: cites "RFC9112"`},
	{"a cite by sign", "vocabulary", documented("/* See\nRFC 9112 §6.1. */\nvar x int"), `^h1/a.go:5: cites "§"`},
	{"a cite as ours", "vocabulary", documented("// See RFC 9112, Section 6.1, or rfc9112#6.1/2.\nvar x int"), ``},
	{"in tests", "vocabulary", map[string]string{"h1/a_test.go": "package h1\n\n// headers, payload, RFC9112\n"}, ``},
}

// Built, so that this file names no directory itself.
var someHome = "/" + "home/woodpecker"

var placeSeeds = []seed{
	{"a home in a document", "places", map[string]string{"a.md": "See\n`" + someHome + "/src/x`.\n"}, `^a.md:2: .*/woodpecker/src/x$`},
	{"a home in a script", "places", map[string]string{".ci/run": "cd " + someHome}, `^.ci/run:1: `},
	{"a path of a request", "places", map[string]string{"a.md": "https://example.org" + someHome + "/x\n/homes/x /home\n"}, ``},
	{"the place of the tree", "places", map[string]string{"h1/testdata/a.txt": "in /srv/attic: x"}, `^h1/testdata/a.txt:1: names a directory of one machine: /srv/attic`},
	{"below the place of the tree", "places", map[string]string{"a.md": "(/srv/attic/x)"}, `/srv/attic/x`},
	{"beside it", "places", map[string]string{"a.md": "/srv/attics /x/srv/attic"}, ``},
}

var determinismSeeds = []seed{
	{"a test sleeps", "sleep", map[string]string{"h1/a_test.go": sleeper(``)}, `^h1/a_test.go:8: a test sleeps`},
	{"in virtual time", "sleep", map[string]string{"h1/a_test.go": sleeper(`"testing/synctest"`)}, ``},
	{"a program sleeps", "sleep", map[string]string{"cmd/a.go": sleeper(``)}, ``},
	{"a port by number", "ports", map[string]string{"h1/a_test.go": listener("127.0.0.1:8080")}, `listens on 127.0.0.1:8080`},
	{"any address", "ports", map[string]string{"h1/a_test.go": listener(":80")}, `listens on :80`},
	{"a port that the kernel chooses", "ports", map[string]string{"h1/a_test.go": listener("127.0.0.1:0")}, ``},
	{"a name of a host in a message", "ports", map[string]string{"h1/a_test.go": "package h1\n\nvar x = f(\"localhost:8080\")\n"}, ``},
}

func sleeper(and string) string {
	return "package h1\n\nimport (\n\t\"time\"\n\t" + and + "\n)\n\nfunc f() { time.Sleep(1) }\n"
}

func listener(address string) string {
	return "package h1\n\nimport \"net\"\n\nvar l, _ = net.Listen(\"tcp\", \"" + address + "\")\n"
}
