package loop_test

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/specht-http/specht/engine"
)

// lineEngine is a toy protocol that needs everything of its driver. It answers
// lines:
//
//	anything        the same line
//	later X         X, from another goroutine; reading stops meanwhile
//	count N         N octets in large and small slices
//	hold            reading stops until release is called
//	half            the writing direction ends after what is queued
//	quit            nothing more is read; both directions end
//
// At the end of the flow it answers "end of" and what was left over, then
// ends. It panics when its driver breaks the contract.
type lineEngine struct {
	host     engine.Host
	attached chan struct{}   // closed by Attach
	executor engine.Executor // for later
	idleNs   int64           // the deadline after each turn that read
	deadline int64

	out      [][]byte // queued octets
	lent     [][]byte // what of out the driver has, to see that it changes nothing
	lentCopy []byte
	lendSize int

	holding   int  // reasons not to read
	readOver  bool // NextRead is Close
	writeOver bool // NextWrite is Close once out is empty
	left      []byte
	mayRepeat bool // the same octets may be offered again

	inTurn   atomic.Bool
	errors   []error
	turns    int
	expired  int
	received int // octets
	eofs     int
	spare    [][]byte
}

// newLineEngine makes one whose tasks run by x.
func newLineEngine(x engine.Executor) *lineEngine {
	return &lineEngine{executor: x, attached: make(chan struct{})}
}

// look calls f under the lock, from any goroutine.
func (e *lineEngine) look(f func()) {
	<-e.attached
	e.host.Lock()
	defer e.host.Unlock()
	f()
}

// turn checks that turns are serialised.
func (e *lineEngine) turn() func() {
	if !e.inTurn.CompareAndSwap(false, true) {
		panic("two turns at once")
	}
	e.turns++
	return e.leave
}

func (e *lineEngine) leave() { e.inTurn.Store(false) }

func (e *lineEngine) Attach(h engine.Host) {
	if e.host != nil {
		panic("attached twice")
	}
	e.host = h
	e.rearm()
	close(e.attached)
}

func (e *lineEngine) rearm() {
	if e.idleNs != 0 {
		mono, _ := e.host.Now()
		e.deadline = mono + e.idleNs
	}
}

func (e *lineEngine) NextRead() engine.Op {
	switch {
	case e.readOver:
		return engine.Close
	case e.holding > 0:
		return engine.Yield
	}
	return engine.Read
}

func (e *lineEngine) Read(b []byte) (n int) {
	defer e.turn()()
	if e.NextRead() != engine.Read {
		panic("Read while NextRead is " + e.NextRead().String())
	}
	if !bytes.HasPrefix(b, e.left) || len(b) == 0 {
		panic(fmt.Sprintf("offered %q after %q was left", b, e.left))
	}
	if len(b) == len(e.left) && !e.mayRepeat {
		panic(fmt.Sprintf("offered %q again without anything more", b))
	}
	e.received += len(b) - len(e.left)
	e.rearm()
	for e.NextRead() == engine.Read {
		i := bytes.IndexByte(b[n:], '\n')
		if i < 0 {
			break
		}
		e.line(b[n : n+i+1])
		n += i + 1
	}
	e.left = append(e.left[:0], b[n:]...)
	e.mayRepeat = e.NextRead() == engine.Yield
	return n
}

// line answers one line.
func (e *lineEngine) line(line []byte) {
	word, rest, _ := bytes.Cut(line[:len(line)-1], []byte(" "))
	switch string(word) {
	case "later":
		e.holding++
		e.task(func() { e.queue(append(rest, '\n')); e.holding-- }, &rest)
	case "count":
		n, _ := strconv.Atoi(string(rest))
		e.count(n)
	case "hold":
		e.holding++
	case "half":
		e.writeOver = true
	case "quit":
		e.readOver, e.writeOver = true, true
	default:
		e.queue(line)
	}
}

// task runs f on another goroutine, under the lock.
func (e *lineEngine) task(f func(), keep *[]byte) {
	*keep = bytes.Clone(*keep)
	if !e.executor.Execute(taskFunc(func() {
		e.host.Lock()
		f()
		e.host.Unlock()
		e.host.Wake()
	})) {
		panic("no goroutine for a task")
	}
}

type taskFunc func()

func (f taskFunc) Run() { f() }

// queue queues a copy of b.
func (e *lineEngine) queue(b []byte) {
	if e.writeOver {
		return
	}
	var c []byte
	if k := len(e.spare) - 1; k >= 0 && cap(e.spare[k]) >= len(b) {
		c, e.spare = e.spare[k][:0], e.spare[:k]
	}
	e.out = append(e.out, append(c, b...))
}

// count queues n octets, in slices of many sizes.
func (e *lineEngine) count(n int) {
	all := counted(n)
	for size := 1; len(all) > 0; size = size*3%20_000 + 1 {
		k := min(size, len(all))
		e.queue(all[:k])
		all = all[k:]
	}
}

// counted is what count answers.
func counted(n int) []byte {
	var b []byte
	for i := 0; len(b) < n; i++ {
		b = append(strconv.AppendInt(b, int64(i), 10), ' ')
	}
	return b[:n]
}

// release ends what hold began; any goroutine may call it.
func (e *lineEngine) release() {
	e.look(func() { e.holding-- })
	e.host.Wake()
}

// push queues b from any goroutine.
func (e *lineEngine) push(b string) {
	e.look(func() { e.queue([]byte(b)) })
	e.host.Wake()
}

func (e *lineEngine) ReadEOF(b []byte) (n int) {
	defer e.turn()()
	if e.eofs++; e.eofs > 1 || e.readOver || e.holding > 0 {
		panic("ReadEOF when it can't be")
	}
	if !bytes.Equal(b, e.left) {
		panic(fmt.Sprintf("the end after %q, but %q was left", b, e.left))
	}
	e.queue(fmt.Appendf(nil, "end of %q\n", b))
	e.readOver, e.writeOver = true, true
	return len(b)
}

func (e *lineEngine) NextWrite() (engine.Op, [][]byte) {
	switch {
	case len(e.out) > 0:
		e.lent = e.out
		e.lendSize = 0
		e.lentCopy = e.lentCopy[:0]
		for _, b := range e.lent {
			e.lendSize += len(b)
			e.lentCopy = append(e.lentCopy, b...)
		}
		return engine.Write, e.lent
	case e.writeOver:
		return engine.Close, nil
	}
	return engine.Yield, nil
}

func (e *lineEngine) ReportWrite(n int, err error) {
	defer e.turn()()
	if n < 0 || n > e.lendSize || e.lent == nil {
		panic(fmt.Sprintf("wrote %d of %d octets", n, e.lendSize))
	}
	if err == nil && n == 0 {
		panic("wrote nothing and doesn't say why")
	}
	at := 0
	for _, b := range e.lent {
		if !bytes.Equal(b, e.lentCopy[at:at+len(b)]) {
			panic("the driver changed what it was lent")
		}
		at += len(b)
	}
	e.lent = nil
	if err != nil {
		e.errors = append(e.errors, err)
		e.out, e.writeOver = nil, true
		return
	}
	i := 0
	for ; i < len(e.out) && n >= len(e.out[i]); i++ {
		n -= len(e.out[i])
		e.spare = append(e.spare, e.out[i])
	}
	e.out = slices.Delete(e.out, 0, i)
	if n > 0 {
		e.out[0] = e.out[0][n:]
	}
}

func (e *lineEngine) Deadline() int64 { return e.deadline }

func (e *lineEngine) Expire() {
	defer e.turn()()
	if mono, _ := e.host.Now(); e.deadline == 0 || mono < e.deadline {
		panic("expired too early")
	}
	e.expired++
	e.deadline = 0
	e.queue([]byte("expired\n"))
	e.readOver, e.writeOver = true, true
}

func (e *lineEngine) ReportError(err error) {
	defer e.turn()()
	e.errors = append(e.errors, err)
	e.readOver, e.writeOver, e.out, e.lent, e.deadline = true, true, nil, nil, 0
}

func (e *lineEngine) Closed() bool { return e.readOver && e.writeOver && len(e.out) == 0 }

func (e *lineEngine) Shutdown() {
	defer e.turn()()
	e.queue([]byte("goodbye\n"))
	e.readOver, e.writeOver = true, true
}
