package audit

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/specht-http/specht/audit/compose"
	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// Desync looks for streams on which two specifications both accept a message, and
// end it at different octets: there a request is smuggled. It asks of each sequence
// that both have, and of each way in which what the octets don't tell is given.
func Desync(a, b *Subject) (*Report, error) {
	r := &Report{Check: "desync", About: a.about() + ", beside " + b.about(), Assumes: desyncAssumes}
	for _, s := range []*Subject{a, b} {
		if err := s.need(); err != nil {
			return nil, err
		}
	}
	for _, of := range [][2]*Subject{{a, b}, {b, a}} {
		for _, q := range of[0].Model.Sequences {
			if of[1].sequence(q.Name) == nil {
				r.Add(Claim{Name: q.Name + " of " + of[0].Name + " ends each message where " + of[1].Name + " does", Verdict: Undecided, Evidence: of[1].Name + " has no such sequence to compare it with", At: q.Pos})
			}
		}
	}
	for _, q := range a.questions() {
		if b.sequence(q.sequence) == nil {
			continue // told above
		}
		c, err := newAsker(q).ask(a, b)
		if err != nil {
			return nil, err
		}
		r.Add(c)
	}
	return r, nil
}

var desyncAssumes = []string{
	"a model has in it what its documents say, and a peer's no more than the facts in its table",
	"limits are left out: they can only refuse more",
	"numbers of octets that are explored are those up to 3, 2^31, 2^32, 2^32+1, 2^63, 2^64 and 2^64+1, with any zeros before them; about others nothing is said",
	"fields that don't decide about the end of a message are left free, which can only add streams; a witness is read again with all fields and decisions by a plain reader, which knows nothing of the search",
	"each message begins in the same state, whatever stood before it, so that one message stands for any number",
}

// question is a sequence, and what is given of it.
type question struct {
	sequence string
	given    map[string]string
}

func (q question) String() string {
	var parts []string
	for k, v := range q.given {
		parts = append(parts, k+" "+v)
	}
	slices.Sort(parts)
	if len(parts) == 0 {
		return q.sequence
	}
	return q.sequence + ", " + strings.Join(parts, ", ")
}

// questions are those of a subject, each with one way in which what is given may be.
func (s *Subject) questions() (all []question) {
	for _, seq := range s.Model.Sequences {
		given := []map[string]string{{}}
		for _, d := range s.Model.Given(seq) {
			var more []map[string]string
			for _, g := range given {
				for _, v := range d.Values {
					to := map[string]string{d.Name: v}
					for k, w := range g {
						to[k] = w
					}
					more = append(more, to)
				}
			}
			given = more
		}
		for _, g := range given {
			all = append(all, question{seq.Name, g})
		}
	}
	return all
}

// sequence is that of a name, or nil.
func (s *Subject) sequence(name string) *gen.Sequence {
	for _, q := range s.Model.Sequences {
		if q.Name == name {
			return q
		}
	}
	return nil
}

// asker asks one question of many subjects. What was explored of one is kept for the
// next, so only one goroutine may ask.
type asker struct {
	question
	heldOnly bool // numbers that are read as others, as they wrap, are left out
	machines map[*Subject]*compose.Machine
	shelf    compose.Shelf
}

func newAsker(q question) *asker {
	return &asker{question: q, machines: map[*Subject]*compose.Machine{}}
}

// composed is the machine of a subject that the question is asked of.
func (k *asker) composed(s *Subject) (*compose.Machine, error) {
	if m := k.machines[s]; m != nil {
		return m, nil
	}
	seq := s.sequence(k.sequence)
	if seq == nil {
		return nil, fmt.Errorf("audit: %s has no sequence %s", s.Name, k.sequence)
	}
	m, err := compose.New(s.Model, k.sequence, compose.Options{Head: s.Machine(seq.Parts[0].Machine.Name), Given: k.given, HeldOnly: k.heldOnly, Shelf: &k.shelf})
	if err != nil {
		return nil, fmt.Errorf("audit: %s: %w", s.Name, err)
	}
	k.machines[s] = m
	return m, nil
}

// ask asks two subjects.
func (k *asker) ask(a, b *Subject) (Claim, error) {
	q := k.question
	c := Claim{Name: fmt.Sprintf("%s: %s and %s end each message that both accept at the same octet", q, a.Name, b.Name), Verdict: Holds, Section: "RFC 9112, Section 6.3"}
	if k.heldOnly {
		c.Name += ", but for numbers that wrap"
	}
	ma, err := k.composed(a)
	if err != nil {
		return c, err
	}
	mb, err := k.composed(b)
	if err != nil {
		return c, err
	}
	pair := compose.Pair{A: ma, B: mb}
	found := pair.Desync()
	c.Evidence = fmt.Sprintf("none in this model: %d pairs of states were walked", found.Visited)
	if found.Cut > 0 {
		c.Name += unexplored
		c.Evidence += fmt.Sprintf(", %d branches cut at numbers that aren't explored", found.Cut)
	}
	if found.Agree > 0 {
		c.Evidence += fmt.Sprintf("; %d of the pairs can only refuse or come to the same end, whatever follows", found.Agree)
	}
	if found.Heads > 0 {
		c.Evidence += fmt.Sprintf("; both read heads by the same machines, tables and decisions (%d states)", found.Heads)
	}
	switch {
	case found.Found != nil:
		confirm(&c, q, a, b, found.Found)
	case !found.IsComplete:
		c.Verdict, c.Evidence = Undecided, fmt.Sprintf("given up after %d pairs of states", found.Visited)
	}
	return c, nil
}

// unexplored stands behind what is said of some numbers only.
const unexplored = ", for the lengths that are explored"

// confirm reads what was found again, by a plain reader and with all fields.
func confirm(c *Claim, q question, a, b *Subject, f *compose.Found) {
	c.Witness = f.Stream
	for _, stream := range completions(f.Stream) {
		ea, oka := a.reads(q, stream)
		eb, okb := b.reads(q, stream)
		if oka && okb && ea != eb {
			c.Witness, c.Verdict = stream, Fails
			c.Evidence = fmt.Sprintf("%s ends it at %s, %s at %s", a.Name, ea, b.Name, eb)
			return
		}
	}
	c.Verdict = Undecided
	c.Evidence = fmt.Sprintf("%s ends it at %s, %s at %s, as far as what decides about its end goes; with all fields and decisions the two don't accept it", a.Name, f.EndA, b.Name, f.EndB)
}

// completions are a stream, and the stream with what else a head must have.
func completions(stream []byte) [][]byte {
	all := [][]byte{stream}
	for i, o := range stream {
		if o == '\n' && i > 2 {
			host := slices.Concat(stream[:i+1], []byte("Host: a"), stream[i-bytes.Count(stream[i-1:i], []byte("\r")):i+1], stream[i+1:])
			all = append(all, host)
			for _, target := range []string{"/", "*", "a:1"} {
				all = append(all, bytes.Replace(host, []byte(" a "), []byte(" "+target+" "), 1))
			}
			break
		}
	}
	return all
}

// reads is where a subject ends the first message of a stream.
func (s *Subject) reads(q question, stream []byte) (end string, ok bool) {
	seq := s.sequence(q.sequence)
	msg, isWhole := compose.Read(s.Model, seq, s.Machine(seq.Parts[0].Machine.Name), q.given, stream)
	switch {
	case msg.Refused != "":
		return msg.Refused, false
	case !isWhole && msg.Wants > 0:
		return fmt.Sprint("octet ", uint64(len(stream))+msg.Wants), true
	case !isWhole:
		return "", false
	}
	return fmt.Sprint("octet ", msg.End), true
}

// Matrix asks all of our own readers beside all peers: default, and default with all
// variants. A witness that the peer's document lists is no failure, if there is none
// without the numbers that the peer can't hold.
func Matrix(ours []*Subject, peers []*Subject) (*Report, error) {
	r := &Report{Check: "desync", About: "our readers beside the models of peers", Assumes: desyncAssumes}
	for _, s := range slices.Concat(ours, peers) {
		if err := s.need(); err != nil {
			return nil, err
		}
	}
	answers, err := askAll(ours, peers)
	if err != nil {
		return nil, err
	}
	for _, peer := range peers {
		r.Claims = append(r.Claims, row(ours, peer, answers)...)
	}
	return r, nil
}

// asked is what an answer is to: one of our own readers beside a peer.
type asked struct {
	question string
	a, b     *Subject
}

// askAll asks all of our own readers beside all peers, each question on a processor of
// its own: subjects share what they are explored for by it. Where a witness was found
// that the peer lists, it is asked again without the numbers that wrap, since another
// may stand behind it.
func askAll(ours, peers []*Subject) (map[asked][]Claim, error) {
	var all []question
	for _, a := range ours {
		for _, q := range a.questions() {
			if !slices.ContainsFunc(all, func(o question) bool { return o.String() == q.String() }) {
				all = append(all, q)
			}
		}
	}
	answers := map[asked][]Claim{}
	var mu sync.Mutex
	err := parallel(len(all), func(i int) error {
		k, held := newAsker(all[i]), newAsker(all[i])
		held.heldOnly = true
		for _, a := range ours {
			if a.sequence(k.sequence) == nil {
				continue
			}
			for _, b := range peers {
				c, err := k.ask(a, b)
				if err != nil {
					return err
				}
				claims := []Claim{c}
				if c.Verdict == Fails && b.lists(a) >= 0 {
					if c, err = held.ask(a, b); err != nil {
						return err
					}
					claims = append(claims, c)
				}
				mu.Lock()
				answers[asked{k.String(), a, b}] = claims
				mu.Unlock()
			}
		}
		return nil
	})
	return answers, err
}

// row is what was answered beside one peer.
func row(ours []*Subject, peer *Subject, answers map[asked][]Claim) (claims []Claim) {
	known := peer.witnesses()
	used := make([]bool, len(known))
	for _, a := range ours {
		for _, q := range a.questions() {
			all := answers[asked{q.String(), a, peer}]
			i := peer.lists(a)
			for k, c := range all {
				switch {
				case c.Verdict != Fails:
				case k == 0 && i >= 0:
					used[i] = true
					c.Name = fmt.Sprintf("%s: %s and %s end a message at different octets, as is listed of numbers that wrap", q, a.Name, peer.Name)
					c.Verdict, c.Reason, c.At = Says, known[i].Cells[1].Text, known[i].Pos
				case k > 0:
					c.Evidence += "; no number wraps there, so that the row of the peer's document doesn't excuse it: mend it"
				default:
					c.Evidence += "; mend it, or, if it comes of numbers that wrap, list it in the peer's document, in a table | desync with | because |"
				}
				claims = append(claims, c)
			}
		}
	}
	for i, r := range known {
		if !used[i] && slices.ContainsFunc(ours, func(a *Subject) bool { return a.Name == r.Cells[0].Text }) {
			claims = append(claims, Claim{Name: peer.Name + " is out of step where its document says so", Verdict: Fails, At: r.Pos, Evidence: "no witness was found; remove the row"})
		}
	}
	return claims
}

// witnesses are the rows of known desyncs in a peer's document.
func (s *Subject) witnesses() (rows []spec.Row) {
	s.Set.Tables(spec.KindPeerWitness, func(_ *spec.Document, t *spec.Table) { rows = append(rows, t.Rows...) })
	return rows
}

// lists is the number of the row by which a peer's document says that it is out of step
// with a reader, or -1.
func (s *Subject) lists(a *Subject) int {
	return slices.IndexFunc(s.witnesses(), func(r spec.Row) bool { return r.Cells[0].Text == a.Name })
}

// translation is the document with what is said of messages that go from one version to
// the other.
const translation = "translation.md"

// Output asks what our writers emit beside our own readers and all peers: each reads it
// as the same messages, as far as their ends go. What HTTP/2 lets in, written as
// HTTP/1.1, is asked of the first reader: those are the proofs of translation.md.
func Output(written *Subject, readers []*Subject) (*Report, error) {
	r, err := Matrix([]*Subject{written}, readers)
	if err != nil {
		return nil, err
	}
	r.Check, r.About = "output", "what our writers emit, read by us and by the models of peers"
	r.Assumes = append([]string{"our writers emit no more than spec/output/specht.md describes: a test reads what they emit by it, no proof"}, r.Assumes...)
	for i := range r.Claims {
		r.Claims[i].Name = strings.Replace(r.Claims[i].Name, "that both accept", "that we write and it accepts", 1)
	}
	proofs := &Report{}
	if err := proveProperties(proofs, readers[0].Model); err != nil {
		return nil, err
	}
	said := len(r.Claims)
	for _, c := range proofs.Claims {
		if path.Base(c.At.File) == translation {
			r.Add(c)
		}
	}
	if len(r.Claims) == said {
		r.Add(Claim{Name: "what HTTP/2 lets in is a message over HTTP/1.1", Verdict: Undecided, Evidence: "nothing was asked: there is no property in " + translation})
	}
	return r, nil
}

// OpenOurs opens our own readers: the strict one, and the one with all variants.
func OpenOurs() (all []*Subject, err error) {
	for _, name := range []string{Default, Default + "+lenient"} {
		s, err := Open(name)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// OpenPeers opens the models of all peers.
func OpenPeers() (all []*Subject, err error) {
	names, err := spec.PeerNames(spec.Peers())
	if err != nil {
		return nil, err
	}
	all = make([]*Subject, len(names))
	return all, parallel(len(names), func(i int) (err error) {
		if all[i], err = Open("peer:" + names[i]); err == nil {
			err = all[i].need()
		}
		return err
	})
}
