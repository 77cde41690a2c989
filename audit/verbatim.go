package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/spec"
)

// Verbatim compares each rule and each layout with the text of its RFC: rfcs holds
// rfc9112.txt and so on. What isn't the RFC's carries a reason: that of the
// paragraph beside a choice, or of an option's row. An RFC whose text isn't there
// leaves its rules undecided.
func Verbatim(s *Subject, rfcs fs.FS) (*Report, error) {
	r := &Report{Check: "verbatim", About: s.about(), Assumes: []string{
		"the texts are the RFCs': their names and headings are all that is looked at",
		"two rules are the same if they are written alike but for white space, comments and line ends",
	}}
	v := &verbatim{r: r, texts: rfcs, rules: map[string]map[string][]rfcRule{}, choices: map[string]int{}}
	g := &abnf.Grammar{}
	options := map[string]spec.Row{}
	s.Set.Tables(spec.KindOption, func(_ *spec.Document, t *spec.Table) {
		for _, row := range t.Rows {
			options[t.Cell(row, "option").Text] = row
		}
	})
	for _, d := range s.Set.Documents {
		for _, b := range d.Grammars {
			if b.Option != "" {
				v.option(b, options[b.Option])
				continue
			}
			known := len(g.Rules())
			if err := g.Add(b); err != nil {
				return nil, err
			}
			for _, rule := range g.Rules()[known:] {
				if err := v.rule(b, rule); err != nil {
					return nil, err
				}
			}
		}
	}
	v.replaced()
	v.unread(g)
	if err := v.layouts(s.Set); err != nil {
		return nil, err
	}
	if len(v.rules) > 0 && !v.hasTexts {
		return nil, fmt.Errorf("audit: the directory has none of the RFCs that rules are from: expected files such as rfc9112.txt")
	}
	return r, nil
}

// verbatim is a comparison under way.
type verbatim struct {
	r     *Report
	texts fs.FS
	rules map[string]map[string][]rfcRule // by RFC, then by folded name; nil for an RFC that isn't there

	hasTexts bool // one of the texts is there

	choices map[string]int // claims of rules of our own, by folded name
}

// text is an RFC's; ok is false if it isn't there.
func (v *verbatim) text(rfc string) (text string, ok bool, err error) {
	b, err := fs.ReadFile(v.texts, rfc+".txt")
	v.hasTexts = v.hasTexts || err == nil
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	return string(b), err == nil, err
}

// option tells what an option adds.
func (v *verbatim) option(b *spec.Grammar, row spec.Row) {
	c := Claim{Name: "option " + b.Option + " adds to " + b.Source(), Verdict: Says, Evidence: strings.TrimSpace(b.Text)}
	cite(&c, row)
	c.At = b.Pos
	if len(row.Cells) > 1 {
		c.Reason = row.Cells[1].Text
	}
	if c.Reason == "" {
		c.Verdict, c.Evidence = Fails, "its row doesn't say what it means; write it"
	}
	v.r.Add(c)
}

// rule compares one rule.
func (v *verbatim) rule(b *spec.Grammar, rule *abnf.Rule) error {
	c := Claim{Name: rule.Name + " of " + rule.Source, Verdict: Holds, At: rule.At, Section: rule.Source}
	switch rule.Namespace {
	case abnf.ChoiceNamespace:
		c.Name, c.Verdict, c.Section, c.Reason = rule.Name+" is a rule of our own", Says, "", b.Why
		c.Evidence = rule.Name + " = " + abnf.String(rule.Def)
		if b.Why == "" {
			c.Verdict, c.Evidence = Fails, "no paragraph above or below the block says why; write one"
		}
		v.choices[strings.ToLower(rule.Name)] = len(v.r.Claims)
		v.r.Add(c)
		return nil
	case abnf.CoreNamespace:
		core(&c, rule)
		v.r.Add(c)
		return nil
	}
	theirs, ok := v.rules[rule.Namespace]
	if !ok {
		text, isThere, err := v.text(rule.Namespace)
		if err != nil {
			return err
		}
		if isThere {
			theirs = rfcRules(text, rule.Namespace)
		}
		v.rules[rule.Namespace] = theirs
	}
	if theirs == nil {
		c.Verdict, c.Evidence = Undecided, "there is no "+rule.Namespace+".txt to compare it with"
	} else {
		compare(&c, rule, theirs[strings.ToLower(rule.Name)])
	}
	v.r.Add(c)
	return nil
}

// replaced tells of rules of our own that are called as one of an RFC is what stands
// there.
func (v *verbatim) replaced() {
	for _, rfc := range slices.Sorted(maps.Keys(v.rules)) {
		for name, i := range v.choices {
			if theirs := v.rules[rfc][name]; len(theirs) > 0 && !theirs[0].isProse {
				c := &v.r.Claims[i]
				c.Evidence += fmt.Sprintf("\n%s, Section %s, has a rule of that name: %s", nameOf(rfc), theirs[0].section, theirs[0].def)
			}
		}
	}
}

// unread tells which rules of the RFCs no document has: nothing is said of them.
func (v *verbatim) unread(g *abnf.Grammar) {
	known := map[string]bool{}
	for _, rule := range g.Rules() {
		known[rule.Namespace+" "+strings.ToLower(rule.Name)] = true
	}
	for _, rfc := range slices.Sorted(maps.Keys(v.rules)) {
		var names []string
		for name, theirs := range v.rules[rfc] {
			if !known[rfc+" "+name] && !theirs[0].isProse {
				names = append(names, fmt.Sprintf("%s (Section %s)", theirs[0].name, theirs[0].section))
			}
		}
		if len(names) > 0 {
			slices.Sort(names)
			v.r.Add(Claim{Name: "rules of " + nameOf(rfc) + " that no document has", Verdict: Says, Evidence: strings.Join(names, ", ")})
		}
	}
}

// nameOf is "RFC 9112" of rfc9112.
func nameOf(namespace string) string { return "RFC " + strings.TrimPrefix(namespace, "rfc") }

// compare holds a rule against those of its name in the RFC.
func compare(c *Claim, rule *abnf.Rule, theirs []rfcRule) {
	ours := abnf.String(rule.Def)
	prose, isImport := rule.Def.(*abnf.Prose)
	if _, isCore := coreRules[strings.ToUpper(rule.Name)]; isCore && isImport && strings.Contains(prose.Text, "[RFC5234]") {
		c.Evidence = "the RFC imports the core rules in a sentence"
		return
	}
	if len(theirs) == 0 {
		c.Verdict, c.Evidence = Fails, "the RFC has no such rule"
		return
	}
	for _, their := range theirs {
		if their.def != ours {
			c.Verdict, c.Evidence = Fails, fmt.Sprintf("here it is %s\nin Section %s of the RFC it is %s", ours, their.section, their.def)
			return
		}
	}
	c.Evidence = rule.Name + " = " + ours
	isWhere := func(their rfcRule) bool {
		return "RFC "+strings.TrimPrefix(rule.Namespace, "rfc")+", Section "+their.section == rule.Source
	}
	if !isImport && !slices.ContainsFunc(theirs, isWhere) { // imports stand where they are needed
		c.Verdict, c.Evidence = Fails, fmt.Sprintf("it is said to be from %s, and is in Section %s", rule.Source, theirs[0].section)
	}
}

// core compares a core rule with the octets that RFC 5234, Appendix B.1, gives it.
func core(c *Claim, rule *abnf.Rule) {
	want, ok := coreRules[strings.ToUpper(rule.Name)]
	got := abnf.String(rule.Def)
	switch {
	case !ok:
		c.Verdict, c.Evidence = Fails, "RFC 5234, Appendix B.1, has no such rule"
	case got != want:
		c.Verdict, c.Evidence = Fails, "here it is "+got+"\nin RFC 5234, Appendix B.1, it is "+want
	default:
		c.Evidence = rule.Name + " = " + got
	}
}

// coreRules are those of RFC 5234, Appendix B.1, as abnf.String writes them.
var coreRules = map[string]string{
	"ALPHA": "%x41-5A / %x61-7A", "BIT": `"0" / "1"`, "CHAR": "%x01-7F", "CR": "%x0D", "CRLF": "CR LF", "CTL": "%x00-1F / %x7F",
	"DIGIT": "%x30-39", "DQUOTE": "%x22", "HEXDIG": `DIGIT / "A" / "B" / "C" / "D" / "E" / "F"`, "HTAB": "%x09", "LF": "%x0A",
	"LWSP": "*( WSP / CRLF WSP )", "OCTET": "%x00-FF", "SP": "%x20", "VCHAR": "%x21-7E", "WSP": "SP / HTAB",
}

// rfcRule is a rule as the body of an RFC gives it.
type rfcRule struct {
	name    string
	section string
	isProse bool   // it names a rule of another RFC
	def     string // in the normal form of abnf.String
}

var (
	rfcHeading = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)*)\. +\S`)
	rfcName    = regexp.MustCompile(`^( {2,})([A-Za-z][A-Za-z0-9-]*) *= ?\S?`)
	rfcLayout  = regexp.MustCompile(`^(?:HTTP/2 )?([A-Za-z_]+)(?: Frame)? \{$`)
)

// rfcRules extracts the rules from the sections of an RFC's text; what looks
// like a rule and can't be read isn't one. The collected grammar of the
// appendix is left out, since it expands lists as senders write them.
func rfcRules(text, namespace string) map[string][]rfcRule {
	rules := map[string][]rfcRule{}
	section := ""
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if strings.HasPrefix(lines[i], "Appendix A.") && section != "" {
			break
		}
		if m := rfcHeading.FindStringSubmatch(lines[i]); m != nil {
			section = m[1]
		}
		m := rfcName.FindStringSubmatch(lines[i])
		if m == nil {
			continue
		}
		rule := lines[i] + "\n"
		for i+1 < len(lines) && strings.HasPrefix(lines[i+1], m[1]+" ") {
			i++
			rule += lines[i] + "\n"
		}
		g := &abnf.Grammar{}
		if err := g.Add(&spec.Grammar{Namespace: namespace, Text: rule}); err != nil {
			continue
		}
		key, def := strings.ToLower(m[2]), g.Rules()[0].Def
		_, isProse := def.(*abnf.Prose)
		rules[key] = append(rules[key], rfcRule{m[2], section, isProse, abnf.String(def)})
	}
	return rules
}

// drawn is a layout as a text draws it, from its title to its brace.
type drawn struct{ name, section, text string }

// layoutsOf are the layouts of HTTP/2 in a text that begins in a section.
func layoutsOf(text, section string) (all []drawn) {
	var in *drawn
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if m := rfcHeading.FindStringSubmatch(line); m != nil {
			section = m[1]
		}
		if m := rfcLayout.FindStringSubmatch(line); m != nil {
			all = append(all, drawn{name: m[1], section: section})
			in = &all[len(all)-1]
		}
		if in != nil {
			in.text += line + "\n"
		}
		if line == "}" {
			in = nil
		}
	}
	return all
}

// layouts compares the layouts, word for word, and looks for those of the RFCs that
// no document has.
func (v *verbatim) layouts(set *spec.Set) error {
	ours := map[string][]drawn{} // by RFC
	for _, d := range set.Documents {
		for _, l := range d.Layouts {
			text, ok, err := v.text(l.Namespace)
			if err != nil {
				return err
			}
			all := layoutsOf(l.Text, l.Section)
			ours[l.Namespace] = append(ours[l.Namespace], all...)
			for _, o := range all {
				c := Claim{Name: "layout " + o.name + " of RFC " + strings.TrimPrefix(l.Namespace, "rfc"), Verdict: Holds, At: l.Pos, Section: "RFC " + strings.TrimPrefix(l.Namespace, "rfc") + ", Section " + o.section}
				if ok {
					c.drawn(o, layoutsOf(text, ""))
				} else {
					c.Verdict, c.Evidence = Undecided, "there is no "+l.Namespace+".txt to compare it with"
				}
				v.r.Add(c)
			}
		}
	}
	for rfc, known := range ours {
		text, _, err := v.text(rfc)
		if err != nil {
			return err
		}
		for _, l := range layoutsOf(text, "") {
			if !slices.ContainsFunc(known, func(o drawn) bool { return o.name == l.name }) {
				v.r.Add(Claim{Name: "layout " + l.name + " of " + rfc, Verdict: Fails, Evidence: "no document has it", Section: "RFC " + strings.TrimPrefix(rfc, "rfc") + ", Section " + l.section})
			}
		}
	}
	return nil
}

// drawn holds a layout against those of the RFC.
func (c *Claim) drawn(o drawn, theirs []drawn) {
	i := slices.IndexFunc(theirs, func(t drawn) bool { return t.name == o.name })
	switch {
	case i < 0:
		c.Verdict, c.Evidence = Fails, "the RFC has no layout of that name"
	case theirs[i] != o:
		c.Verdict, c.Evidence = Fails, fmt.Sprintf("here, as of Section %s, it is\n%sin Section %s of the RFC it is\n%s", o.section, o.text, theirs[i].section, theirs[i].text)
	default:
		c.Evidence = fmt.Sprintf("%d lines, word for word", strings.Count(o.text, "\n"))
	}
}
