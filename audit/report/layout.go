package report

import (
	"cmp"
	"slices"

	"github.com/specht-http/specht/audit"
)

// layout places a diagram in layers, from left to right: cycles are broken where a
// walk from the first node comes back, each node stands right of all that lead to
// it, and a way over several layers goes through a point in each. Within the
// layers the order is that of the middle of the neighbours, which crosses few
// ways; then places are moved towards their neighbours as far as there is room.
type layout struct {
	points []point
	layers [][]int // points, from above
	ways   []way
	width  float64
	height float64
}

// point is a node, or a place where a long way goes through a layer.
type point struct {
	node       int // of the graph, or -1
	layer      int
	x, y, w, h float64
	from, to   []int // neighbours in the layers before and behind
}

// way is an edge as it is drawn: through points from its beginning to its end.
type way struct {
	edge   audit.Edge
	points []int
	isBack bool // it leads to the left
}

const (
	nodeHeight = 36
	nodeGap    = 34
	passHeight = 16
	edgePad    = 44
	letter     = 6.3 // the width of one, in the smaller type of diagrams
)

// place makes the layout of a diagram.
func place(g *audit.Graph, edges []audit.Edge) *layout {
	l := &layout{}
	layer := layersOf(g, edges)
	for i, n := range g.Nodes {
		w := letter * 1.1 * float64(max(runes(n.Name), runes(short(n.Means, 22))))
		l.add(point{node: i, layer: layer[i], w: max(w+22, 48), h: nodeHeight})
	}
	for _, e := range edges {
		if e.From != e.To {
			l.route(e, layer)
		}
	}
	l.order()
	l.columns()
	l.rows()
	return l
}

func (l *layout) add(p point) int {
	for len(l.layers) <= p.layer {
		l.layers = append(l.layers, nil)
	}
	l.points = append(l.points, p)
	l.layers[p.layer] = append(l.layers[p.layer], len(l.points)-1)
	return len(l.points) - 1
}

// layersOf gives each node the layer behind the last of those that lead to it,
// but for ways that close a cycle.
func layersOf(g *audit.Graph, edges []audit.Edge) []int {
	out := make([][]int, len(g.Nodes))
	for _, e := range edges {
		if e.From != e.To {
			out[e.From] = append(out[e.From], e.To)
		}
	}
	const fresh, active, done = 0, 1, 2
	state := make([]int, len(g.Nodes))
	forward := make([][]int, len(g.Nodes))
	var order []int // ends first
	var visit func(int)
	visit = func(n int) {
		state[n] = active
		for _, to := range out[n] {
			if state[to] == active {
				continue // it closes a cycle
			}
			forward[n] = append(forward[n], to)
			if state[to] == fresh {
				visit(to)
			}
		}
		state[n] = done
		order = append(order, n)
	}
	for n := range g.Nodes {
		if state[n] == fresh {
			visit(n)
		}
	}
	layer := make([]int, len(g.Nodes))
	for _, n := range slices.Backward(order) {
		for _, to := range forward[n] {
			layer[to] = max(layer[to], layer[n]+1)
		}
	}
	return layer
}

// route takes a way through the layers between its ends.
func (l *layout) route(e audit.Edge, layer []int) {
	a, b := e.From, e.To
	w := way{edge: e, isBack: layer[a] >= layer[b]}
	if layer[a] == layer[b] {
		w.points = []int{a, b}
		l.ways = append(l.ways, w)
		return
	}
	if w.isBack {
		a, b = b, a
	}
	at := a
	w.points = []int{a}
	for k := layer[a] + 1; k <= layer[b]; k++ {
		next := b
		if k < layer[b] {
			next = l.add(point{node: -1, layer: k, h: passHeight})
		}
		l.points[at].to = append(l.points[at].to, next)
		l.points[next].from = append(l.points[next].from, at)
		w.points = append(w.points, next)
		at = next
	}
	if w.isBack {
		slices.Reverse(w.points)
	}
	l.ways = append(l.ways, w)
}

// order sorts each layer by the middle of the neighbours, forth and back.
func (l *layout) order() {
	place := make([]float64, len(l.points))
	number := func(layer []int) {
		for i, p := range layer {
			place[p] = float64(i)
		}
	}
	for _, layer := range l.layers {
		number(layer)
	}
	sweep := func(layer []int, neighbours func(point) []int) {
		key := map[int]float64{}
		for _, p := range layer {
			key[p] = middle(place, neighbours(l.points[p]), place[p])
		}
		slices.SortStableFunc(layer, func(a, b int) int { return cmp.Compare(key[a], key[b]) })
		number(layer)
	}
	for range 12 {
		for _, layer := range l.layers {
			sweep(layer, func(p point) []int { return p.from })
		}
		for _, layer := range slices.Backward(l.layers) {
			sweep(layer, func(p point) []int { return p.to })
		}
	}
}

func middle(place []float64, of []int, otherwise float64) float64 {
	if len(of) == 0 {
		return otherwise
	}
	sum := 0.0
	for _, p := range of {
		sum += place[p]
	}
	return sum / float64(len(of))
}

// columns gives each layer its x: room for its widest node, and for the words on
// the ways behind it.
func (l *layout) columns() {
	gap := make([]float64, len(l.layers)+1)
	for _, w := range l.ways {
		k := l.points[w.points[0]].layer
		if w.isBack {
			k = max(k-1, 0)
		}
		gap[k] = max(gap[k], letter*float64(runes(label(w.edge.On))))
	}
	x := 24.0
	for k, layer := range l.layers {
		widest := 0.0
		for _, p := range layer {
			widest = max(widest, l.points[p].w)
		}
		for _, p := range layer {
			l.points[p].x = x + (widest-l.points[p].w)/2
		}
		x += widest + gap[k] + edgePad
	}
	l.width = x
}

// rows gives each point its y.
func (l *layout) rows() {
	y := make([]float64, len(l.points))
	for _, layer := range l.layers {
		at := 0.0
		for _, p := range layer {
			y[p] = at
			at += l.points[p].h + nodeGap
		}
	}
	for i := range 24 {
		for k := range l.layers {
			if i%2 == 1 {
				k = len(l.layers) - 1 - k
			}
			l.settle(l.layers[k], y)
		}
	}
	least := y[0]
	for _, v := range y {
		least = min(least, v)
	}
	for p := range l.points {
		l.points[p].y = y[p] - least + 44
		l.height = max(l.height, l.points[p].y+l.points[p].h+30)
	}
}

// settle moves the points of a layer to the middle of their neighbours, as near
// as the room that each needs lets: where two would overlap they become a block,
// which stands where its members are best off together.
func (l *layout) settle(layer []int, y []float64) {
	type block struct{ sum, n float64 }
	var blocks []block
	offset := make([]float64, len(layer)) // of each point, if all stood together
	for i, p := range layer {
		if i > 0 {
			offset[i] = offset[i-1] + l.room(layer[i-1], p)
		}
		near := append(slices.Clone(l.points[p].from), l.points[p].to...)
		blocks = append(blocks, block{middle(y, near, y[p]) - offset[i], 1})
		for k := len(blocks) - 1; k > 0 && blocks[k-1].sum/blocks[k-1].n > blocks[k].sum/blocks[k].n; k-- {
			blocks[k-1].sum += blocks[k].sum
			blocks[k-1].n += blocks[k].n
			blocks = blocks[:k]
		}
	}
	i := 0
	for _, b := range blocks {
		for range int(b.n) {
			y[layer[i]] = b.sum/b.n + offset[i]
			i++
		}
	}
}

// room is how far apart the tops of two points in a layer have to be.
func (l *layout) room(above, below int) float64 {
	if l.points[above].node < 0 && l.points[below].node < 0 {
		return passHeight + 4
	}
	return l.points[above].h + nodeGap
}
