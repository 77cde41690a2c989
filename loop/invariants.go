package loop

import (
	"bytes"

	"github.com/specht-http/specht/engine"
)

// poisonOctet is what returned loans are overwritten with.
const poisonOctet = 0xDB

// poison overwrites b.
func poison(b []byte) {
	for i := range b {
		b[i] = poisonOctet
	}
}

// isPoisoned says whether b is as poison left it.
func isPoisoned(b []byte) bool {
	for _, c := range b {
		if c != poisonOctet {
			return false
		}
	}
	return true
}

// readMoved calls e.Read with b at a fresh address, without room behind it,
// and overwrites it afterwards. What isn't consumed must be as it was.
func readMoved(e engine.Engine, b []byte) int {
	moved := bytes.Clone(b)
	moved = moved[:len(moved):len(moved)]
	n := e.Read(moved)
	if n >= 0 && n <= len(b) && !bytes.Equal(moved[n:], b[n:]) {
		panic("loop: bug: the engine has changed octets of its window that it hasn't consumed")
	}
	poison(moved)
	return n
}

// readEOFMoved does the same with e.ReadEOF.
func readEOFMoved(e engine.Engine, b []byte) int {
	moved := bytes.Clone(b)
	n := e.ReadEOF(moved)
	poison(moved)
	return n
}
