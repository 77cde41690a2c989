package spec

import "testing"

// TestKeysAreOne holds that each row has a name of its own.
func TestKeysAreOne(t *testing.T) {
	set, err := Read(Embedded())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]Pos{}
	for _, d := range set.Documents {
		for _, table := range d.Tables {
			for _, r := range table.Rows {
				key := set.Key(r)
				if at, ok := seen[key]; ok || key == "" {
					t.Errorf("%v and %v are both called %q", at, r.Pos, key)
				}
				seen[key] = r.Pos
			}
		}
	}
	if _, ok := seen["bodylength.md: request-body-length | both"]; !ok {
		t.Error("a row has another name than its first cell")
	}
	if key := set.Key(Row{Pos: Pos{File: "bodylength.md", Line: 1}}); key != "" {
		t.Errorf("no row is called %q", key)
	}
}
