package report

import (
	"fmt"
	"html"
	"html/template"
	"strings"
	"unicode/utf8"

	"github.com/specht-http/specht/audit"
)

func runes(s string) int { return utf8.RuneCountInString(s) }

// short is a text of at most n letters.
func short(s string, n int) string {
	if runes(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// label is what is written on a way; all of it is in its title.
func label(on string) string { return short(on, 26) }

// merge makes one edge of those between the same two nodes.
func merge(g *audit.Graph) (out []audit.Edge) {
	at := map[[2]int]int{}
	for _, e := range g.Edges {
		i, ok := at[[2]int{e.From, e.To}]
		if !ok {
			at[[2]int{e.From, e.To}] = len(out)
			out = append(out, e)
		} else if e.On != out[i].On {
			out[i].On += ", " + e.On
		}
	}
	return out
}

// svg draws a diagram. Each node leads to what anchor says of its index.
func svg(g *audit.Graph, id string, anchor func(int) string) template.HTML {
	edges := merge(g)
	l := place(g, edges)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="diagram" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="group" aria-label="Diagram of %s: %d places and %d ways, which are listed below">`,
		l.width, l.height, l.width, l.height, html.EscapeString(g.Name), len(g.Nodes), len(edges))
	fmt.Fprintf(&b, `<defs><marker id="arrow-%s" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" class="arrow"/></marker></defs>`, id)
	var words strings.Builder
	for _, w := range l.ways {
		l.drawWay(&b, &words, w, id)
	}
	for _, e := range edges {
		if e.From == e.To {
			l.drawLoop(&b, &words, e, id)
		}
	}
	for i, n := range g.Nodes {
		drawNode(&b, l.points[i], n, anchor(i), i == 0)
	}
	b.WriteString(words.String())
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// drawNode draws a node as a link. What may be the end has a second line around
// it, and the first one a mark before it.
func drawNode(b *strings.Builder, p point, n audit.Node, href string, isFirst bool) {
	class := "node"
	if n.IsEnd {
		class += " end"
	}
	means := n.Means
	if means == n.Name {
		means = ""
	}
	fmt.Fprintf(b, `<a href="#%s" class="%s"><title>%s</title>`, href, class, html.EscapeString(strings.TrimSuffix(n.Name+": "+means, ": ")))
	if isFirst {
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="5" class="start"/>`, p.x-12, p.y+p.h/2)
	}
	fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="7"/>`, p.x, p.y, p.w, p.h)
	if n.IsEnd {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="5" class="inner"/>`, p.x+3, p.y+3, p.w-6, p.h-6)
	}
	if means == "" {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" class="name">%s</text>`, p.x+p.w/2, p.y+p.h/2+4, html.EscapeString(n.Name))
	} else {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" class="name">%s</text><text x="%.1f" y="%.1f" class="means">%s</text>`,
			p.x+p.w/2, p.y+15, html.EscapeString(n.Name), p.x+p.w/2, p.y+28, html.EscapeString(short(means, 22)))
	}
	b.WriteString("</a>")
}

// drawWay draws a way through its points, with its words near its beginning.
func (l *layout) drawWay(b, words *strings.Builder, w way, id string) {
	a, z := l.points[w.points[0]], l.points[w.points[len(w.points)-1]]
	x, y := a.x+a.w, a.y+a.h/2
	endX, endY := z.x, z.y+z.h/2
	class := "way"
	if w.isBack {
		class += " back"
		x, endX = a.x, z.x+z.w
		y, endY = y+8, endY+8
	}
	var d strings.Builder
	fmt.Fprintf(&d, "M%.1f %.1f", x, y)
	if a.layer == z.layer { // around, on the left
		fmt.Fprintf(&d, "C%.1f %.1f %.1f %.1f %.1f %.1f", x-34, y, z.x-34, endY, z.x, endY)
		fmt.Fprintf(b, `<path class="%s" d="%s" marker-end="url(#arrow-%s)"/>`, class, d.String(), id)
		word(words, (x+z.x)/2-28, (y+endY)/2, "middle", w.edge.On)
		return
	}
	wordX, wordY, isFirst := 0.0, 0.0, true
	curve := func(toX, toY float64) {
		m := (x + toX) / 2
		if isFirst {
			wordX, wordY, isFirst = x+(toX-x)*0.58, y+(toY-y)*0.66, false // where the curve is at 0.6
		}
		fmt.Fprintf(&d, "C%.1f %.1f %.1f %.1f %.1f %.1f", m, y, m, toY, toX, toY)
		x, y = toX, toY
	}
	for _, k := range w.points[1 : len(w.points)-1] {
		p := l.points[k]
		curve(p.x, p.y+p.h/2)
	}
	curve(endX, endY)
	fmt.Fprintf(b, `<path class="%s" d="%s" marker-end="url(#arrow-%s)"/>`, class, d.String(), id)
	word(words, wordX, wordY-4, "middle", w.edge.On)
}

// drawLoop draws a way from a node to itself, above it.
func (l *layout) drawLoop(b, words *strings.Builder, e audit.Edge, id string) {
	p := l.points[e.From]
	x := p.x + p.w/2
	fmt.Fprintf(b, `<path class="way loop" d="M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f" marker-end="url(#arrow-%s)"/>`,
		x-9, p.y, x-15, p.y-19, x+15, p.y-19, x+9, p.y, id)
	word(words, x, p.y-17, "middle", e.On)
}

func word(b *strings.Builder, x, y float64, anchor, on string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" class="on"><title>%s</title>%s</text>`, x, y, anchor, html.EscapeString(on), html.EscapeString(label(on)))
}
