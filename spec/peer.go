package spec

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed peers/*.md output/*.md
var peers embed.FS

// Peers is the file system with the models that stand over our own documents: of
// other implementations in peers, a document each (see peers/README.md), and of what
// our own writers emit in output.
func Peers() fs.FS { return peers }

// PeerNames are the names of the implementations that fsys has models of, in order.
func PeerNames(fsys fs.FS) ([]string, error) {
	files, err := fs.Glob(fsys, "peers/*.md")
	var names []string
	for _, f := range files {
		if name := strings.TrimSuffix(path.Base(f), ".md"); name != "README" {
			names = append(names, name)
		}
	}
	return names, err
}

// Peer is set with the document of a peer over it, such as "peers/go122": rows of
// decisions replace those of the same name, rows of transitions the same cells, and
// rows of yields and preferences those of the same place. What set has of variants is
// left out. The document itself stands at the end. The error joins an *Error for each
// mistake.
func (s *Set) Peer(fsys fs.FS, name string) (*Set, error) {
	text, err := fs.ReadFile(fsys, name+".md")
	if errors.Is(err, fs.ErrNotExist) {
		names, _ := PeerNames(fsys)
		return nil, fmt.Errorf("spec: there is no %s.md; peers are: %s", name, strings.Join(names, ", "))
	}
	if err != nil {
		return nil, err
	}
	doc, errs := readDocument(name+".md", text, s.Requirements)
	if !slices.ContainsFunc(doc.Tables, func(t *Table) bool { return t.Kind == KindPeer }) {
		errs = append(errs, Errorf(Pos{File: doc.File, Line: 1}, "add a table | peer | versions | fact | source |", "the document doesn't say whom it is about"))
	}
	out := &Set{Requirements: s.Requirements, Over: name + ".md"}
	for _, d := range s.Documents {
		under := *d
		under.Tables = nil
		for _, t := range d.Tables {
			if t.Kind != KindVariant {
				under.Tables = append(under.Tables, t.under(doc))
			}
		}
		out.Documents = append(out.Documents, &under)
	}
	own := *doc
	own.Tables = slices.DeleteFunc(slices.Clone(doc.Tables), func(t *Table) bool {
		return t.Kind == KindDecision || t.Kind == KindTransition || t.Kind == KindKeyword
	})
	out.Documents = append(out.Documents, &own)
	return out, errors.Join(errs...)
}

// under is t with the rows of a peer in it.
func (t *Table) under(peer *Document) *Table {
	u := *t
	u.Rows = slices.Clone(t.Rows)
	for _, o := range peer.Tables {
		if o.Kind != t.Kind || o.Name != t.Name {
			continue
		}
		switch t.Kind {
		case KindDecision, KindYield, KindPreference:
			u.Rows = slices.DeleteFunc(u.Rows, func(r Row) bool {
				return slices.ContainsFunc(o.Rows, func(p Row) bool { return replaces(t, r, o, p) })
			})
		case KindTransition:
			u.Rows = t.replaced(o)
		}
		switch t.Kind {
		case KindDecision, KindKeyword:
			u.Rows = append(u.Rows, o.Rows...)
		}
	}
	return &u
}

// replaces says whether row p of a peer's table stands in for r.
func replaces(t *Table, r Row, o *Table, p Row) bool {
	if t.Kind == KindYield {
		return r.Cells[0].Text == p.Cells[0].Text && t.Cell(r, "into").Text == o.Cell(p, "into").Text
	}
	return r.Cells[0].Text == p.Cells[0].Text
}

// replaced are the rows of transitions with the cells of another table in the place of
// their own, and what cells it has besides behind them: a table begins in the state that
// is named first, so that their order counts.
func (t *Table) replaced(o *Table) (rows []Row) {
	one := func(t *Table, r Row, state string, events ...string) {
		r.Cells = slices.Clone(r.Cells)
		r.Cells[0].Text = state
		for i, h := range t.Header {
			if h.Text == "event" {
				r.Cells[i].Text = strings.Join(events, ", ")
			}
		}
		rows = append(rows, r)
	}
	used := map[[2]string]bool{}
	for _, r := range t.Rows {
		for _, state := range r.Cells[0].List() {
			var kept []string
			for _, e := range t.Cell(r, "event").List() {
				i := slices.IndexFunc(o.Rows, func(p Row) bool {
					return slices.Contains(p.Cells[0].List(), state) && slices.Contains(o.Cell(p, "event").List(), e)
				})
				if i < 0 {
					kept = append(kept, e)
					continue
				}
				used[[2]string{state, e}] = true
				one(o, o.Rows[i], state, e)
			}
			if len(kept) > 0 {
				one(t, r, state, kept...)
			}
		}
	}
	for _, p := range o.Rows {
		for _, state := range p.Cells[0].List() {
			for _, e := range o.Cell(p, "event").List() {
				if !used[[2]string{state, e}] {
					one(o, p, state, e)
				}
			}
		}
	}
	return rows
}
