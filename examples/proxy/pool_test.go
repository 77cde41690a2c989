package main

import (
	"testing"
	"testing/synctest"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/h1"
)

// Connections that the server has closed are dropped, whenever they were used,
// and the others are used, the last one first.
func TestPoolDropsWhatHasEnded(t *testing.T) {
	for _, test := range []struct {
		name   string
		ended  []int
		taken  int // -1 for a new one
		remain int
	}{
		{"none", nil, 4, 4},
		{"the first ones", []int{0, 1, 2}, 4, 1},
		{"the last ones", []int{3, 4}, 2, 2},
		{"all", []int{0, 1, 2, 3, 4}, -1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var far []flow.Flow
				proxy := newProxy(func() (flow.Flow, error) {
					a, b := mem.Pipe(mem.Options{})
					far = append(far, b)
					return a, nil
				})
				defer proxy.close()
				p := &proxy.pool
				var all []*h1.Client
				for range 5 {
					c, isNew, err := p.get()
					if err != nil || !isNew {
						t.Fatal(isNew, err)
					}
					all = append(all, c)
				}
				for _, c := range all {
					p.put(c)
				}
				for _, i := range test.ended {
					far[i].Close()
				}
				synctest.Wait() // until the ends are seen
				c, isNew, err := p.get()
				if err != nil || isNew != (test.taken < 0) || !isNew && c != all[test.taken] || len(p.idle) != test.remain {
					t.Errorf("took a new one: %v, %v; %d remain", isNew, err, len(p.idle))
				}
			})
		})
	}
}
