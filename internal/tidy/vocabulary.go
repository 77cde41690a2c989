package tidy

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Term is a word that isn't the RFCs' word for what it means here.
type Term struct {
	Words []string
	Say   string
	// After are the words behind which it is right: a frame's payload.
	After []string
	// Rooms are where it is wrong.
	Rooms []string
}

// Vocabulary is what of the table in STYLE.md is wrong wherever it stands in
// these rooms. It is short: a word that has a good use there isn't in it.
var Vocabulary = []Term{
	{
		Words: []string{"headers"}, After: []string{"frame"},
		Say:   "field, field line, field section or header section",
		Rooms: []string{".", "message", "engine", "h1", "loop", "alpn", "dial"}, // HEADERS is a frame
	},
	{
		Words: []string{"payload", "payloads"}, After: []string{"frame"},
		Say:   "content, or message body on the wire",
		Rooms: []string{".", "message", "engine", "h1", "loop", "alpn", "dial"},
	},
	{Words: []string{"kv", "kvs"}, Say: "field", Rooms: octets},
	{Words: []string{"char", "chars"}, Say: "octet", Rooms: octets},
	{Words: []string{"packet", "packets"}, Say: "frame, or octets", Rooms: octets},
	{Words: []string{"socket", "sockets"}, After: []string{"web"}, Say: "flow", Rooms: octets},
	{Words: []string{"transaction", "transactions"}, Say: "exchange", Rooms: octets},
	{Words: []string{"quota", "quotas"}, Say: "flow-control window, or limit", Rooms: octets},
}

// octets are the rooms that know what octets mean.
var octets = []string{"message", "engine", "frames", "h1", "h2"}

// checkVocabulary holds Vocabulary in comments and in the names that a file
// declares, and how comments cite. Names that come from elsewhere are not ours
// to choose, and words in capitals are names of frames or rules.
func checkVocabulary(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.Files {
		if f.Go == nil || f.isTest() || f.Nested || isKit(f.dir()) {
			continue
		}
		for _, group := range f.Go.Comments {
			for _, comment := range group.List {
				found = append(found, t.checkComment(f, comment)...)
			}
		}
		for _, name := range declared(f.Go) {
			if term, word := misused(f.room(), camelWords(name.Name)); term != nil {
				found = append(found, t.at(f, name.Pos(), "%s: %q is called %s here", name.Name, word, term.Say))
			}
		}
	}
	return found
}

// cites are ways to cite an RFC that aren't ours.
var cites = regexp.MustCompile(`\bRFC[0-9]{3,5}\b|§`)

// checkComment checks one comment line by line; a word may follow another of
// the line before.
func (t *Tree) checkComment(f *File, comment *ast.Comment) []Finding {
	if strings.HasPrefix(comment.Text, "//go:") {
		return nil
	}
	var found []Finding
	line := t.fset.Position(comment.Pos()).Line
	for i, text := range strings.Split(comment.Text, "\n") {
		if cite := cites.FindString(text); cite != "" && !f.isGenerated() {
			found = append(found, Finding{f.Path, line + i, fmt.Sprintf("cites %q: prose says `RFC 9113, Section 5.1`", cite)})
		}
		if term, word := misused(f.room(), strings.FieldsFunc(text, notInWord)); term != nil {
			found = append(found, Finding{f.Path, line + i, fmt.Sprintf("%q is called %s here", word, term.Say)})
		}
	}
	return found
}

func notInWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// misused is the first of some words that is wrong in a room, and its term.
func misused(room string, words []string) (*Term, string) {
	before := ""
	for _, word := range words {
		lower := strings.ToLower(word)
		for i := range Vocabulary {
			term := &Vocabulary[i]
			if slices.Contains(term.Words, lower) && word != strings.ToUpper(word) &&
				slices.Contains(term.Rooms, room) && !slices.Contains(term.After, before) {
				return term, word
			}
		}
		before = lower
	}
	return nil, ""
}

// camelWords cuts a Go name into its words: at underscores and before a capital
// that begins a word.
func camelWords(name string) []string {
	var words []string
	runes := []rune(name)
	start := 0
	for i, r := range runes {
		switch {
		case r == '_':
			words, start = append(words, string(runes[start:i])), i+1
		case i > start && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			words, start = append(words, string(runes[start:i])), i
		}
	}
	return append(words, string(runes[start:]))
}

// declared are the names that a file gives: of declarations, fields,
// parameters, results, and variables.
func declared(file *ast.File) []*ast.Ident {
	var names []*ast.Ident
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			names = append(names, n.Name)
		case *ast.TypeSpec:
			names = append(names, n.Name)
		case *ast.ValueSpec:
			names = append(names, n.Names...)
		case *ast.Field:
			names = append(names, n.Names...)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, expr := range n.Lhs {
					if name, ok := expr.(*ast.Ident); ok {
						names = append(names, name)
					}
				}
			}
		}
		return true
	})
	return names
}
