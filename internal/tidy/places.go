package tidy

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// homes are directories of people, on any machine.
var homes = `/(?:home|Users)/[A-Za-z0-9][A-Za-z0-9._-]*`

// checkPlaces finds names of directories that exist on somebody's machine only.
func checkPlaces(t *Tree) []Finding {
	names := []string{homes}
	for _, place := range t.Places {
		names = append(names, regexp.QuoteMeta(place))
	}
	// At its end a name ends, or goes on below.
	shape := regexp.MustCompile(`(?:^|[\s"'` + "`" + `=:(<\[,])((?:` + strings.Join(names, "|") + `)(?:/[^\s"'` + "`" + `]*|$|[\s"'` + "`" + `):,;>\]]))`)
	var found []Finding
	for _, f := range t.Files {
		for i, line := range bytes.Split(f.Text, []byte("\n")) {
			if m := shape.FindSubmatch(line); m != nil {
				found = append(found, Finding{f.Path, i + 1, "names a directory of one machine: " + string(bytes.TrimSpace(m[1]))})
			}
		}
	}
	return found
}

// PlacesAround are the directories that this machine gives away: the one where
// the tree lies, its siblings, and the home of whoever runs this.
func PlacesAround(root string) []string {
	var places []string
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 {
		places = append(places, home)
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return places
	}
	parent := filepath.Dir(root)
	places = append(places, root)
	if parent == filepath.Dir(parent) || parent == filepath.Clean(os.TempDir()) {
		return places // its siblings are everyone's
	}
	entries, err := os.ReadDir(parent)
	if err != nil {
		return places
	}
	for _, entry := range entries {
		if entry.IsDir() {
			places = append(places, filepath.Join(parent, entry.Name()))
		}
	}
	return places
}
