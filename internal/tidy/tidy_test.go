package tidy

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "github.com/specht-http/specht"

// TestTree holds every rule in this module.
func TestTree(t *testing.T) {
	root := "../.."
	tree, err := Load(os.DirFS(root), module)
	if err != nil {
		t.Fatal(err)
	}
	if !tree.has["go.mod"] || !tree.has["internal/tidy/tidy_test.go"] {
		t.Fatalf("%s isn't the root of the module", root)
	}
	tree.Places = PlacesAround(root)
	for _, rule := range Rules {
		t.Run(rule.Name, func(t *testing.T) {
			for _, finding := range rule.Check(tree) {
				t.Error(finding)
			}
		})
	}
}

// tree is a tree in memory.
func tree(t *testing.T, files map[string]string) *Tree {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	tree, err := Load(fsys, module)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// own is the import path of a package of this module.
func own(dir string) string { return `"` + module + "/" + dir + `"` }

// importing is a file that imports something.
func importing(pkg string, names ...string) string {
	return "// Package " + pkg + " is a seed.\npackage " + pkg + "\n\nimport (\n\t_ " + strings.Join(names, "\n\t_ ") + "\n)\n"
}

// seed is a tree, and the one finding that a rule must have in it, as a regular
// expression; with an empty one, there must be none.
type seed struct {
	name  string
	rule  string
	files map[string]string
	want  string
}

func TestSeeds(t *testing.T) {
	checks := map[string]func(*Tree) []Finding{}
	seeded := map[string]bool{}
	for _, rule := range Rules {
		checks[rule.Name] = rule.Check
	}
	for _, seed := range seeds() {
		seeded[seed.rule] = seeded[seed.rule] || seed.want != ""
		t.Run(seed.rule+"/"+seed.name, func(t *testing.T) {
			tree := tree(t, seed.files)
			tree.Places = []string{"/srv/attic"}
			found := checks[seed.rule](tree)
			switch {
			case seed.want == "" && len(found) != 0:
				t.Errorf("found what is no violation: %v", found)
			case seed.want != "" && len(found) != 1:
				t.Errorf("want one finding, got %v", found)
			case seed.want != "" && !regexp.MustCompile(seed.want).MatchString(found[0].String()):
				t.Errorf("want a finding like %q, got %q", seed.want, found[0])
			}
		})
	}
	for _, rule := range Rules {
		if !seeded[rule.Name] && rule.Name != "prose" { // which has TestProseIndex
			t.Errorf("no seed shows that rule %s can fail", rule.Name)
		}
	}
}

// What may not be reached is refused where it is imported, too: so these trees
// have two findings, and the second tells the way.
func TestReach(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"the loop over the contract", map[string]string{
			"loop/a.go":   importing("loop", own("engine")),
			"engine/a.go": importing("engine", own("h1")),
			"h1/a.go":     importing("h1"),
		}, `^engine/a.go:5: loop may never reach h1, and does: loop -> engine -> h1$`},
		{"the root over three", map[string]string{
			"a.go":         importing("specht", own("alpn")),
			"alpn/a.go":    importing("alpn", own("message")),
			"message/a.go": importing("message", own("gen/abnf")),
		}, `^message/a.go:5: \. may never reach gen/abnf, and does: \. -> alpn -> message -> gen/abnf$`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found := checkImports(tree(t, test.files))
			want := regexp.MustCompile(test.want)
			if !slices.ContainsFunc(found, func(f Finding) bool { return want.MatchString(f.String()) }) {
				t.Errorf("want a finding like %q, got %v", test.want, found)
			}
		})
	}
}

// The table itself is checked: what a room may import, it may reach.
func TestHouse(t *testing.T) {
	for _, room := range House {
		for _, name := range room.Imports {
			if below := strings.TrimSuffix(name, "/..."); name != "*" && (matchesAny(room.Never, below) || roomOf(below) == nil) {
				t.Errorf("the row of %s allows %s, and forbids it or knows it not", room.Path, name)
			}
		}
		if roomOf(strings.TrimSuffix(room.Path, "/...")) == nil {
			t.Errorf("no package has the row of %s", room.Path)
		}
	}
}

func seeds() []seed {
	var all []seed
	for _, some := range [][]seed{importSeeds, fileSeeds, docSeeds, vocabularySeeds, placeSeeds, determinismSeeds} {
		all = append(all, some...)
	}
	return all
}

// In a worktree of git .git is a file, which names a directory of its machine.
func TestWorktree(t *testing.T) {
	if tr := tree(t, map[string]string{".git": "gitdir: /home/a\n", "go.mod": "module " + module}); tr.has[".git"] || !tr.has["go.mod"] {
		t.Errorf("files are %v", tr.has)
	}
}
