package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/specht-http/specht/audit"
)

var (
	browse   = flag.Bool("browser", false, "run TestBrowser, which starts a browser")
	pictures = flag.String("browser.pictures", "", "a directory for what TestBrowser sees")
)

// made is a page, and as HTML.
type made struct {
	page *Page
	html string
}

// page is that of the specification of Specht, with its code, and with two
// readers beside each other. All tests read one.
func page(t testing.TB) (*Page, string) {
	t.Helper()
	m, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return m.page, m.html
}

var built = sync.OnceValues(func() (made, error) {
	s, err := audit.Open(audit.Default)
	if err != nil {
		return made{}, err
	}
	prove, err := audit.Prove(s)
	if err != nil {
		return made{}, err
	}
	pair := &audit.Report{Check: "desync", About: "our readers", Claims: []audit.Claim{{Name: "request-message: default and peer:go122 end each message at the same octet", Verdict: audit.Says, Evidence: "a <script>alert(1)</script>", Witness: []byte("0\n\r\n")}}}
	peer, err := audit.Open("peer:go122")
	if err != nil {
		return made{}, err
	}
	written, err := audit.Open(audit.Written)
	if err != nil {
		return made{}, err
	}
	output := &audit.Report{Check: "output", Claims: []audit.Claim{{Name: "request-message: output and peer:go122 end each message at the same octet", Verdict: audit.Holds}}}
	trace := &audit.Report{Check: "trace", Claims: []audit.Claim{{Name: "rfc9112#7.1/3: a test dies without it", Verdict: audit.Holds, Evidence: "measured and killed\nkilled by TestX"}}}
	p, err := Build(Source{Subject: s, Reports: []*audit.Report{prove, pair, output, trace}, Peers: []*audit.Subject{peer, written}, Module: os.DirFS("../..")})
	if err != nil {
		return made{}, err
	}
	var b bytes.Buffer
	if err := p.HTML(&b); err != nil {
		return made{}, err
	}
	return made{p, b.String()}, nil
})

// TestPage asks the page what an auditor asks who has nothing else.
func TestPage(t *testing.T) {
	t.Parallel()
	p, text := page(t)
	for what, want := range map[string]string{
		"a claim":                    `<span class="what">no bare LF: chunk-line</span>`,
		"its machine":                `<p class="from"><a href="#machine-chunk-line">machine chunk-line</a> `,
		"that it has no variant":     `it has no lenient variant`,
		"the row of a fault":         `<tr id="chunked-85">`,
		"a link to it":               `<a href="#chunked-85">chunked.md:85</a>`,
		"a state":                    `id="machine-chunk-line-s4"`,
		"what happens there":         `LF → <a href="#machine-chunk-line-s9">s9</a>`,
		"a diagram":                  `aria-label="Diagram of chunk-line: 25 places and `,
		"a rule with links":          `<b>chunk-size</b>   = 1*<a href="#core-`,
		"a grid":                     `<td class="stream-error"><a href="#stream-`,
		"a limit":                    `<th scope="row">ChunkLineOctets</th>`,
		"a limit of an engine":       `<th scope="row">PipelinedMax</th>`,
		"a budget":                   `<th scope="row">reset credit</th>`,
		"a variant":                  `id="variant-lenient-request-head"`,
		"a requirement":              `<tr id="rfc9112-6.3-3"`,
		"what holds it":              `data-by="code, by tests"`,
		"what kills it":              `<li>killed by TestX</li>`,
		"where":                      `spec/bodylength.md: chunked not last</a>`,
		"code under a row":           `if c == &#39;\n&#39; {`,
		"the pair in the matrix":     `<th scope="row"><a href="#doc-peers-go122.md">peer:go122</a>`,
		"what is known of the peer":  `<a href="https://pkg.go.dev/vuln/GO-2025-3563">`,
		"what our writers emit":      `<th scope="col"><a href="#doc-output-specht.md">output</a>`,
		"its witness":                `<code class="witness">&#34;0\n\r\n&#34;</code>`,
		"nothing of others' as HTML": `a &lt;script&gt;alert(1)`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s: no %s", what, want)
		}
	}
	if p.Verdict != audit.Holds {
		t.Errorf("the verdict is %s", p.Verdict)
	}
	names, err := filepath.Glob("../../spec/*.md")
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for _, name := range append(names, "../../spec/requirements.tsv") {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		h.Write(b)
	}
	if want := hex.EncodeToString(h.Sum(nil)); p.Digest != want || !strings.Contains(text, want) {
		t.Errorf("the digest is %s, want %s", p.Digest, want)
	}
	// Nothing is loaded from anywhere: what leads elsewhere is followed by a reader.
	for _, m := range regexp.MustCompile(`(?:src|action|srcset)="[^"]*"|<link [^>]*>|url\(([^)#][^)]*)\)|@import|<iframe|<object`).FindAllString(text, -1) {
		if m != `<link rel="icon" href="data:,">` {
			t.Errorf("the page loads %s", m)
		}
	}
	for _, m := range regexp.MustCompile(`href="([^"#][^"]*)"`).FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(m[1], "https://") && m[1] != "data:," {
			t.Errorf("the page leads to %s", m[1])
		}
	}
	if n := len(text); n > 5<<20 {
		t.Errorf("the page has %d octets", n)
	}
}

// TestTrace says by what requirements are held.
func TestTrace(t *testing.T) {
	t.Parallel()
	p, _ := page(t)
	want := map[string]string{
		"rfc9112#6.1/1": "grammar and tables", // the word, and decisions over what the codings are
		"rfc9112#2.2/4": "grammar",            // no bare CR
		"rfc9112#6.1/3": "code, by tests",     // what we send
		"rfc9112#6.3/6": "elsewhere",          // a proxy application's
		"rfc9112#6.3/3": "exception",          //
		"rfc9112#7.1/3": "grammar",            // the overflow of chunk-size
	}
	for _, r := range p.Trace.Requirements {
		if by, ok := want[r.ID]; ok && !strings.HasPrefix(r.By, by) {
			t.Errorf("%s is held by %s, want %s", r.ID, r.By, by)
		}
		delete(want, r.ID)
		for _, place := range r.Places {
			if strings.HasPrefix(place.Text, "spec/") && place.Kind != "test" && place.At == "" {
				t.Errorf("%s: %s isn't on the page", r.ID, place.Text)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
	seen := map[string]int{}
	for _, total := range p.Trace.Seen {
		for by, n := range total.N {
			seen[by] += n
		}
	}
	if seen["measured and killed"] != 1 || seen["exception"] != 30 || seen["not measured"] != 442 {
		t.Errorf("seen: %v", seen)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	p, _ := page(t)
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Verdict  string
		Checks   []struct{ Claims []audit.Claim }
		Chapters []struct {
			File  string
			Parts []struct {
				Name   string
				States []audit.State
			}
		}
	}
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if back.Verdict != "holds" || len(back.Checks) != 4 || len(back.Checks[0].Claims) != len(p.Checks[0].Claims) || len(back.Chapters) != len(p.Chapters) {
		t.Errorf("%.300s", text)
	}
}

// TestDiagrams holds that in no diagram two nodes overlap, or lie outside.
func TestDiagrams(t *testing.T) {
	t.Parallel()
	p, _ := page(t)
	n := 0
	for _, c := range p.Chapters {
		for _, part := range c.Parts {
			if part.Graph == nil {
				continue
			}
			n++
			l := place(part.Graph, merge(part.Graph))
			for i, a := range l.points {
				if a.node >= 0 && (a.x < 0 || a.y < 0 || a.x+a.w > l.width || a.y+a.h > l.height) {
					t.Errorf("%s: %s is outside", part.Name, part.Graph.Nodes[a.node].Name)
				}
				for _, b := range l.points[:i] {
					if a.node >= 0 && b.node >= 0 && a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h-0.01 && b.y < a.y+a.h-0.01 {
						t.Errorf("%s: %s lies on %s", part.Name, part.Graph.Nodes[a.node].Name, part.Graph.Nodes[b.node].Name)
					}
				}
			}
		}
	}
	if n < 40 {
		t.Errorf("%d diagrams", n)
	}
}

// TestFails shows documents that contradict themselves: the page then has no
// machines, and says why.
func TestFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.md"), []byte("# A\n\n```abnf choice\na = b\n```\n\n| machine | root | role | input | room |\n|---|---|---|---|---|\n| a-line | `a` | server | stream | h1 |\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := audit.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := audit.Prove(s)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Build(Source{Subject: s, Reports: []*audit.Report{r}})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := p.HTML(&b); err != nil || p.Verdict != audit.Fails || !strings.Contains(b.String(), "a.md:") {
		t.Errorf("%v, %s", err, p.Verdict)
	}
}

// TestBrowser opens the page in a browser and clicks through it. It takes Chromium
// and node, and a minute, so it runs only when asked for:
//
//	go test ./audit/report -run Browser -v -browser -browser.pictures DIR
func TestBrowser(t *testing.T) {
	t.Parallel()
	if !*browse {
		t.Skip("starts a browser: ask for it by -browser")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip(err)
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip(err)
	}
	_, text := page(t)
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--experimental-websocket", filepath.Join("testdata", "page.mjs"), chromium, t.TempDir(), file}
	if *pictures != "" {
		args = append(args, *pictures)
	}
	out, err := exec.Command(node, args...).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("the browser: %v", err)
	}
}
