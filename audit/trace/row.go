package trace

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/specht-http/specht/spec"
)

// Row is one row of a document that cites requirements, or a change of code by hand,
// which is measured as one.
type Row struct {
	Key      string // "bodylength.md: request-body-length | both"
	Hash     string // of its text
	IDs      []string
	Document *spec.Document
	Table    *spec.Table
	Row      spec.Row
	Change   *Change // nil if it is a row
}

// Rows are those of a set that cite requirements by their ids, in order.
func Rows(set *spec.Set) (out []*Row) {
	for _, d := range set.Documents {
		for _, t := range d.Tables {
			for _, r := range t.Rows {
				c := t.Cell(r, "requirement").Text
				if !strings.HasPrefix(c, "rfc") {
					continue // a choice or an exception, which says why
				}
				ids := requirementID.FindAllString(c, -1)
				if len(ids) == 0 {
					continue // a section, without a keyword of BCP 14
				}
				out = append(out, &Row{Key: set.Key(r), Hash: hash(t, r), IDs: ids, Document: d, Table: t, Row: r})
			}
		}
	}
	return out
}

// hash is that of a row and of the columns that it stands under.
func hash(t *spec.Table, r spec.Row) string {
	sum := sha256.Sum256([]byte(spec.Row{Cells: t.Header}.String() + "\n" + r.String()))
	return hex.EncodeToString(sum[:6])
}
