package loop

import (
	"errors"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow/mem"
)

// killedEngine counts what it is told.
type killedEngine struct {
	engine.Engine
	told []error
}

func (e *killedEngine) ReportError(err error) { e.told = append(e.told, err) }

// A connection that breaks after a write has been chosen and before it begins
// tells its engine so, though the write then doesn't begin.
func TestKilledBeforeItsWriteBegins(t *testing.T) {
	f, _ := mem.Pipe(mem.Options{})
	o := Options{}.withDefaults()
	e := &killedEngine{}
	r := newRunner(f, e, &o, nil)
	r.isWriting = true // choose has said jobWrite
	broken := errors.New("broken")
	r.kill(broken) // by who reads
	r.Wake()
	if len(e.told) != 0 {
		t.Fatal("the engine was told while a write has what it lent")
	}
	r.write()
	if len(e.told) != 1 || e.told[0] != broken || r.isWriting {
		t.Errorf("the engine was told %v, want %v once; isWriting is %v", e.told, broken, r.isWriting)
	}
}
