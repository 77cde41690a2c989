package h2

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// randomPair is a pair whose octets arrive in pieces and whose ends do as a seed
// says.
type randomPair struct {
	pair
	r       *rand.Rand
	all     []*randomExchange
	begun   int
	over    int
	whole   int
	pushed  int // of those begun
	running []*randomExchange
	held    []message.Exchange // at the server, to be answered some time
}

// randomExchange is one of the client's exchanges.
type randomExchange struct {
	x       message.ClientExchange
	id      byte
	left    int // octets to be sent
	got     []byte
	isOver  bool
	mayFail bool // it was reset by this side or that
}

// step does one thing.
func (p *randomPair) step(t *testing.T) {
	switch p.r.IntN(13) {
	case 12:
		if p.r.IntN(8) == 0 {
			p.renegotiate()
		}
	case 0:
		p.running = slices.DeleteFunc(p.running, func(e *randomExchange) bool { return e.isOver })
		if len(p.running) < 20 {
			p.c.Turn(func() { p.begin(t) })
		}
	case 1, 2:
		p.c.Turn(func() { p.send() })
	case 3:
		if len(p.running) > 0 && p.r.IntN(4) == 0 {
			e := p.running[p.r.IntN(len(p.running))]
			p.c.Turn(func() {
				if !e.isOver {
					e.mayFail = true
					if p.r.IntN(2) == 0 {
						e.x.Reset()
					} else {
						e.x.Close()
					}
				}
			})
		}
	case 4, 5:
		p.serve()
	case 6:
		p.write(p.c, &p.toServer)
	case 7:
		p.write(p.s, &p.toClient)
	case 8, 9:
		p.read(p.s, &p.toServer)
	default:
		p.read(p.c, &p.toClient)
	}
	p.calls()
}

// begin begins an exchange, which sends some octets of its id, and expects them
// back.
func (p *randomPair) begin(t *testing.T) {
	e := &randomExchange{id: byte('a' + p.begun%26)}
	h := message.RequestHead{Method: "PUT", Target: fmt.Sprintf("/%d", p.begun), Authority: "a", ContentLength: -1, Fields: []message.Field{{Name: "X", Value: fmt.Sprint(p.r.IntN(30))}}}
	e.left = p.r.IntN(3) * p.r.IntN(60_000)
	if p.r.IntN(3) == 0 {
		h.ContentLength = int64(e.left)
	}
	x, err := p.c.BeginInTurn(&h)
	if err != nil {
		t.Fatal(err)
	}
	p.begun++
	e.x = x
	p.all = append(p.all, e)
	p.running = append(p.running, e)
	x.OnResponse(func(x message.ClientExchange, err error) {
		if err == nil {
			_ = x.OnContent(func(_ message.ClientExchange, b []byte, err error) int {
				n := len(b)
				if err == nil && p.r.IntN(8) == 0 {
					n = p.r.IntN(n + 1)
					x.Resume()
				}
				e.got = append(e.got, b[:n]...)
				return n
			})
		}
	})
	want, length := e.left, h.ContentLength
	x.OnOver(func(_ message.ClientExchange, err error) {
		e.isOver = true
		p.over++
		switch {
		case err == message.ErrOver:
			p.whole++
			if len(e.got) != want && !e.mayFail || !bytes.Equal(e.got, bytes.Repeat([]byte{e.id}, len(e.got))) {
				t.Errorf("%c: %d octets came back of %d, with a length of %d", e.id, len(e.got), want, length)
			}
		case !e.mayFail:
			t.Errorf("%c: %v", e.id, err)
		}
	})
	p.sendOf(e)
}

// push takes what the server pushes, or not. It may be canceled at any time, by either
// side.
func (p *randomPair) push(t *testing.T, q *Push) {
	if p.r.IntN(3) == 0 {
		return
	}
	p.begun++
	p.pushed++
	p.all = append(p.all, nil)
	q.Exchange.OnResponse(func(x message.ClientExchange, err error) {
		if err != nil {
			return
		}
		_ = x.OnContent(func(x message.ClientExchange, b []byte, err error) int {
			if len(bytes.Trim(b, "p")) > 0 {
				t.Errorf("%q is pushed", b)
			}
			if p.r.IntN(20) == 0 {
				x.Close()
			}
			return len(b)
		})
	})
	q.Exchange.OnOver(func(_ message.ClientExchange, err error) {
		p.over++
		if err == message.ErrOver {
			p.whole++
		}
	})
}

func (p *randomPair) send() {
	if len(p.running) > 0 {
		p.sendOf(p.running[p.r.IntN(len(p.running))])
	}
}

// sendOf sends some of what is left of an exchange, then its end.
func (p *randomPair) sendOf(e *randomExchange) {
	if e.isOver || e.left < 0 || e.x.Err() != nil {
		return
	}
	if e.left > 0 {
		b := bytes.Repeat([]byte{e.id}, min(e.left, 1+p.r.IntN(30_000)))
		var err error
		if p.r.IntN(2) == 0 {
			_, err = e.x.Write(b)
		} else {
			err = e.x.WriteLent(b, func(error) { clear(b) })
		}
		if err == nil {
			e.left -= len(b)
		}
	}
	if e.left == 0 && e.x.End() == nil {
		e.left = -1
	}
}

// serve lets one of the server's exchanges go on: what it reads it sends back.
func (p *randomPair) serve() {
	if len(p.held) == 0 {
		return
	}
	i := p.r.IntN(len(p.held))
	x := p.held[i]
	if p.serveSome(x) {
		p.held = append(p.held[:i], p.held[i+1:]...)
	}
}

func (p *randomPair) serveSome(x message.Exchange) (isDone bool) {
	b := make([]byte, 1+p.r.IntN(20_000))
	h := (*exchange)(x.(*handle))
	was, y := h.server.view(), (*inTurn)(h)
	h.pins++
	defer func() {
		if isDone {
			h.isDetached = false
		}
		h.leave(&was)
	}()
	h.server.host.Lock()
	if h.err() != nil {
		return true
	}
	if h.isFull() {
		return false
	}
	isPushed := string(y.Target()) == "/pushed"
	if p.r.IntN(100) == 0 {
		if !isPushed {
			n, _ := strconv.Atoi(string(y.Target()[1:]))
			p.all[n].mayFail = true
		}
		y.Reset()
		return true
	}
	if !isPushed && p.r.IntN(20) == 0 {
		_ = y.Push(&message.RequestHead{Target: "/pushed", Fields: []message.Field{{Name: "X", Value: strconv.Itoa(p.r.IntN(30))}}})
	}
	if isPushed {
		_ = y.Respond(200, nil, bytes.Repeat([]byte{'p'}, len(b)))
		return true
	}
	if h.said == HTTP2MessageHead {
		_ = y.Start(200, nil, -1)
	}
	n, err := y.Read(b)
	if n > 0 {
		_, _ = y.Write(b[:n])
	}
	if err == message.ErrEnd {
		_ = y.End()
		return true
	}
	return err != nil && err != message.ErrWouldBlock
}

// renegotiate has one end change its settings, unless it has some under way: the
// windows of streams, which may become negative by that, and the table of fields.
func (p *randomPair) renegotiate() {
	c := p.c.conn
	if p.r.IntN(2) == 0 {
		c = p.s.conn
	}
	if !c.IsAgreed() {
		return
	}
	window := frames.Setting{Identifier: frames.SettingInitialWindowSize, Value: uint32(c.options.ContentWindowOctets + p.r.IntN(60_000))}
	table := frames.Setting{Identifier: frames.SettingHeaderTableSize, Value: uint32(p.r.IntN(5000))}
	c.ours.Set(window)
	c.ours.Set(table)
	c.pending = frames.AppendSettingsFrame(c.pending, window, table)
	c.settings = c.settings.On(SettingsStateOnSentSettings).Next
}

// write has the flow take some of what e writes.
func (p *randomPair) write(e engine.Engine, to *[]byte) {
	op, v := e.NextWrite()
	if op != engine.Write || len(*to) > 1<<20 {
		return
	}
	n, most := 0, 1+p.r.IntN(40_000)
	for _, b := range v {
		b = b[:min(len(b), most-n)]
		*to = append(*to, b...)
		n += len(b)
	}
	e.ReportWrite(n, nil)
}

// read offers e some of what there is.
func (p *randomPair) read(e engine.Engine, from *[]byte) {
	if len(*from) == 0 || e.NextRead() != engine.Read {
		return
	}
	k := 1 + p.r.IntN(len(*from))
	n := e.Read(bytes.Clone((*from)[:k]))
	*from = (*from)[n:]
}

// calls has both ends make the calls that are left to the driver.
func (p *randomPair) calls() {
	if due := p.c.callbacks.Due; due != 0 {
		p.h.mono = max(p.h.mono, due)
		p.c.Expire()
	}
	if due := p.s.Deadline(); due != 0 && due <= p.h.mono+2 {
		p.h.mono = max(p.h.mono, due)
		p.s.Expire()
	}
}

// However octets arrive and whatever both ends do, each exchange has what is its
// own, and in the end nothing is left of any.
func TestClientRandomSchedules(t *testing.T) {
	seeds := 100
	if testing.Short() {
		seeds = 20
	}
	pushed := 0
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			pushed += converseAtRandom(t, rand.New(rand.NewPCG(uint64(seed), 1)), 3000)
		})
		if t.Failed() {
			return
		}
	}
	if pushed < seeds {
		t.Errorf("only %d responses were pushed", pushed)
	}
}

// converseAtRandom has a pair do so many steps, as r says, then lets it come to its end.
// It says how many pushed responses the client took.
func converseAtRandom(t *testing.T, r *rand.Rand, steps int) (pushed int) {
	p := &randomPair{r: r}
	onError := func(e *Error) { t.Errorf("an end is told to have done wrong: %v", e) }
	p.pair = *newPair(t,
		ClientOptions{OnError: onError, OnPush: func(q *Push) { p.push(t, q) }, Credits: Credits{Resets: 1 << 30}, HeadNs: -1, StreamsMax: 1 + p.r.IntN(10), ContentWindowOctets: 1000 + p.r.IntN(50_000), ConnectionWindowOctets: 70_000 + p.r.IntN(100_000), WriteWindowOctets: 2000 + p.r.IntN(50_000), OnPanic: func(v any) { t.Errorf("panic: %v", v) }},
		Options{
			OnError: func(_ any, e *Error) { onError(e) }, Credits: Credits{Resets: 1 << 30, Empties: 1 << 30, WindowUpdates: 1 << 30},
			Handler:             message.Inline(message.HandlerFunc(func(x message.Exchange) { p.held = append(p.held, x.Detach()) })),
			ContentWindowOctets: 1000 + p.r.IntN(50_000), ConnectionWindowOctets: 70_000 + p.r.IntN(100_000),
			OnPanic: func(v any) { t.Errorf("panic: %v", v) },
		})
	p.h.reuse = false
	for range steps {
		p.step(t)
	}
	for i := 0; i < 20_000 && p.over < p.begun; i++ {
		for _, e := range p.running {
			p.c.Turn(func() { p.sendOf(e) })
		}
		for range len(p.held) {
			p.serve()
		}
		p.run()
		p.calls()
	}
	if p.over != p.begun || p.c.first != nil || p.c.conn.Open() != 0 {
		t.Errorf("%d exchanges were begun, and %d are over, %d of them whole; %d streams are open", p.begun, p.over, p.whole, p.c.conn.Open())
	}
	w, most := &p.c.conn.windows, int64(p.c.options.ConnectionWindowOctets)
	if w.received+w.owed != most {
		t.Errorf("the client's window is %d and %d are owed, together not %d", w.received, w.owed, most)
	}
	w, most = &p.s.conn.windows, int64(p.s.service.ConnectionWindowOctets)
	if w.received+w.owed != most {
		t.Errorf("the server's window is %d and %d are owed, together not %d", w.received, w.owed, most)
	}
	return p.pushed
}

// octetSource is randomness that a fuzzer chooses, an octet a choice; behind them
// a seed does.
type octetSource struct {
	octets []byte
	rest   rand.PCG
}

// Uint64 implements rand.Source.
func (s *octetSource) Uint64() uint64 {
	if len(s.octets) == 0 {
		return s.rest.Uint64()
	}
	c := s.octets[0]
	s.octets = s.octets[1:]
	return uint64(c) * 0x0101010101010101
}

// FuzzSchedules is TestClientRandomSchedules with schedules that are searched for.
func FuzzSchedules(f *testing.F) {
	f.Add([]byte("a client and a server"), uint16(50))
	f.Add([]byte{}, uint16(600))
	f.Fuzz(func(t *testing.T, octets []byte, steps uint16) {
		converseAtRandom(t, rand.New(&octetSource{octets: octets}), int(steps)%1000)
	})
}
