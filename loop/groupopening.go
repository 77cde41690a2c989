package loop

// groupOpenings are a Group's connections whose flows are being opened, in the
// order in which they began. They are under the Group's lock.
type groupOpenings struct {
	oldest, newest *runner
	count          int
}

// insert takes r in.
func (o *groupOpenings) insert(r *runner) {
	r.opening.before = o.newest
	if o.newest != nil {
		o.newest.opening.after = r
	} else {
		o.oldest = r
	}
	o.newest = r
	o.count++
	r.opening.isListed = true
}

// remove takes r out, if it is in.
func (o *groupOpenings) remove(r *runner) {
	if !r.opening.isListed {
		return
	}
	r.opening.isListed = false
	before, after := r.opening.before, r.opening.after
	if before != nil {
		before.opening.after = after
	} else {
		o.oldest = after
	}
	if after != nil {
		after.opening.before = before
	} else {
		o.newest = before
	}
	o.count--
}

// open opens the flow of r, if it has to be opened, and says whether it is. If
// too many are opening, the one that has taken longest is cut.
func (g *Group) open(r *runner) bool {
	if r.opening == nil {
		return true
	}
	g.mu.Lock()
	g.openings.insert(r)
	var crowded *runner
	if most := g.options.OpeningMax; most > 0 && g.openings.count > most {
		crowded = g.openings.oldest
		g.openings.remove(crowded)
	}
	g.mu.Unlock()
	if crowded != nil {
		crowded.cut(ErrOpenCrowded)
	}
	err := r.open()
	g.mu.Lock()
	g.openings.remove(r)
	g.mu.Unlock()
	if err == nil {
		return true
	}
	g.counters.openErrors.Add(1)
	g.options.OnOpenError(r.flow, err)
	r.refuse(err)
	return false
}
