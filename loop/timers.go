package loop

// timers is a heap of members by the time at which they are due. A member is
// in it once at most. A deadline that moves away is left where it is: when it
// fires, its member looks at its deadline again.
type timers struct {
	heap []*member
}

// next is when the first member is due, or 0 for never.
func (t *timers) next() int64 {
	if len(t.heap) == 0 {
		return 0
	}
	return t.heap[0].due
}

// arm makes m due at the time due at the latest; 0 for never.
func (t *timers) arm(m *member, due int64) {
	switch {
	case due == 0:
	case m.timer == 0:
		m.due = due
		t.heap = append(t.heap, m)
		m.timer = int32(len(t.heap))
		t.up(len(t.heap) - 1)
	case due < m.due:
		m.due = due
		t.up(int(m.timer) - 1)
	}
}

// disarm takes m out.
func (t *timers) disarm(m *member) {
	if m.timer == 0 {
		return
	}
	i, last := int(m.timer)-1, len(t.heap)-1
	t.swap(i, last)
	t.heap[last] = nil
	t.heap = t.heap[:last]
	m.timer, m.due = 0, 0
	if i < last {
		t.up(i)
		t.down(i)
	}
}

// pop takes out a member that is due at the time now, or returns nil.
func (t *timers) pop(now int64) *member {
	if len(t.heap) == 0 || t.heap[0].due > now {
		return nil
	}
	m := t.heap[0]
	t.disarm(m)
	return m
}

// up moves the member at i towards the front.
func (t *timers) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if t.heap[parent].due <= t.heap[i].due {
			return
		}
		t.swap(i, parent)
		i = parent
	}
}

// down moves the member at i towards the back.
func (t *timers) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(t.heap) {
			return
		}
		if child+1 < len(t.heap) && t.heap[child+1].due < t.heap[child].due {
			child++
		}
		if t.heap[i].due <= t.heap[child].due {
			return
		}
		t.swap(i, child)
		i = child
	}
}

// swap exchanges two members.
func (t *timers) swap(i, j int) {
	t.heap[i], t.heap[j] = t.heap[j], t.heap[i]
	t.heap[i].timer, t.heap[j].timer = int32(i+1), int32(j+1)
}
