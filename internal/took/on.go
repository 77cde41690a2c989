//go:build specaudit

package took

import (
	"fmt"
	"os"
	"sync"
)

// Row counts that the row with this key was taken.
func Row(key string) { tell(mark{key, -1, -1}) }

// Cell counts that the answer of a table of transitions to an event was taken, by
// the numbers of state and event.
func Cell(table string, state, event int) { tell(mark{table, state, event}) }

// mark is a row, or a cell of a table.
type mark struct {
	key          string
	state, event int
}

var (
	taken sync.Map // of marks
	file  = sync.OnceValue(func() *os.File {
		name := os.Getenv(Variable)
		if name == "" {
			return nil
		}
		f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
		if err != nil {
			panic("took: bug: " + err.Error())
		}
		return f
	})
)

// tell writes a mark, once. Each is one write, so that nothing is lost if the
// process ends at any time.
func tell(m mark) {
	f := file()
	if f == nil {
		return
	}
	if _, was := taken.LoadOrStore(m, true); was {
		return
	}
	if m.state < 0 {
		fmt.Fprintf(f, "%s\n", m.key)
		return
	}
	fmt.Fprintf(f, "%s\t%d\t%d\n", m.key, m.state, m.event)
}
