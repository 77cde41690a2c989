package h1

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// clientWhim is an application of a client, and a server that wishes it ill, in
// which a seed decides on all. Whatever they do, each exchange is told once how it
// has ended, each loan comes back once, and so does each buffer.
type clientWhim struct {
	*testClient
	rand     *rand.Rand
	live     []*whimExchange
	all      []*whimExchange
	mayPanic bool
}

// whimExchange is what one exchange was told.
type whimExchange struct {
	x          message.ClientExchange // in a turn
	handle     message.ClientExchange // if it was detached
	responses  int
	overs      int
	hasContent bool
	ends       int
	lent, back int
	asked, had int // OnFlushed
}

var errWhim = errors.New("a whim")

func newClientWhim(t *testing.T, seed uint64) *clientWhim {
	r := rand.New(rand.NewPCG(seed, 2))
	v := &clientWhim{rand: r, mayPanic: seed%4 == 0}
	v.testClient = newTestClient(t, ClientOptions{
		WaitingMax: 1 + r.IntN(6), PipelinedMax: 1 + r.IntN(4), InterimMax: 1 + r.IntN(3),
		ContentOctets: []int64{0, 0, 20, 100}[r.IntN(4)], ContentWindowOctets: 1 + r.IntN(40), WriteWindowOctets: 1 + r.IntN(60),
		DiscardOctets: []int64{0, -1, 10}[r.IntN(3)], ContentOctetsPerSecondMin: []int64{0, 5}[r.IntN(2)], ContinueNs: []int64{0, -1}[r.IntN(2)],
	})
	return v
}

// begin begins a request, in a turn.
func (v *clientWhim) begin() {
	r := v.rand
	h := message.RequestHead{Authority: "a", Method: []string{"GET", "GET", "HEAD", "POST", "PUT", "DELETE"}[r.IntN(6)]}
	switch r.IntN(8) {
	case 0, 1:
		h.ContentLength = -1
	case 2:
		h.ContentLength = int64(r.IntN(50))
	case 3:
		h.Fields = []message.Field{{Name: "Upgrade", Value: "echo"}}
	case 4:
		h.Method, h.Target = "CONNECT", "a:80"
	}
	if h.ContentLength != 0 && r.IntN(2) == 0 {
		h.Fields = append(h.Fields, message.Field{Name: "Expect", Value: "100-continue"})
	}
	if r.IntN(10) == 0 {
		h.Fields = append(h.Fields, message.Field{Name: "Connection", Value: "close"})
	}
	x, err := v.client.BeginInTurn(&h)
	if err != nil {
		return
	}
	if r.IntN(6) == 0 { // nobody looks at it again
		return
	}
	e := &whimExchange{x: x}
	v.all = append(v.all, e)
	v.live = append(v.live, e)
	x.OnOver(func(message.ClientExchange, error) {
		e.overs++
		v.drop(e)
		v.anything(e, false)
	})
	x.OnInterim(func(message.ClientExchange, message.Status, message.Fields) { v.anything(e, true) })
	x.OnResponse(func(_ message.ClientExchange, err error) {
		e.responses++
		if v.anything(e, err == nil); e.overs == 0 && err == nil && r.IntN(2) == 0 {
			_ = x.Status()
			v.takeContent(e)
		}
	})
}

func (v *clientWhim) drop(e *whimExchange) {
	for i := range v.live {
		if v.live[i] == e {
			v.live = append(v.live[:i], v.live[i+1:]...)
			return
		}
	}
}

func (v *clientWhim) takeContent(e *whimExchange) {
	if e.x.OnContent(func(x message.ClientExchange, p []byte, err error) int {
		if err != nil {
			if e.ends++; len(p) > 0 {
				v.t.Error("octets with the end")
			}
			return 0
		}
		n := 0
		if len(p) > 0 {
			n = v.rand.IntN(len(p) + 1)
		}
		v.anything(e, true)
		return n
	}) == nil {
		e.hasContent = true
	}
}

// anything does something, in a turn; to e, if it isn't over.
func (v *clientWhim) anything(e *whimExchange, isAlive bool) {
	r := v.rand
	for r.IntN(2) == 0 {
		if r.IntN(3) == 0 {
			v.begin()
		}
		if v.mayPanic && r.IntN(40) == 0 {
			panic(errWhim)
		}
		if !isAlive && len(v.live) > 0 {
			e = v.live[r.IntN(len(v.live))]
		} else if !isAlive {
			return
		}
		v.act(e)
	}
}

func (v *clientWhim) act(e *whimExchange) {
	x, r := e.x, v.rand
	switch r.IntN(14) {
	case 0, 1:
		_, _ = x.Write(make([]byte, r.IntN(30)))
	case 2:
		e.lent++
		_ = x.WriteLent(make([]byte, r.IntN(30)), func(error) { e.back++; v.anything(nil, false) })
	case 3, 4:
		_ = x.End()
	case 5:
		_ = x.End(message.Field{Name: "T", Value: "v"})
	case 6:
		e.asked++
		x.OnFlushed(func(message.ClientExchange, error) { e.had++; v.anything(nil, false) })
	case 7:
		x.Resume()
	case 8:
		if !e.hasContent {
			v.takeContent(e)
		}
	case 9:
		_, _ = x.Read(make([]byte, r.IntN(20)))
	case 10:
		x.Close()
	case 11:
		if r.IntN(3) == 0 {
			x.Reset()
		}
	case 12:
		_ = x.Upgrade(func(message.Stream, []byte) {})
	case 13:
		if e.handle == nil {
			e.handle = x.Detach()
		}
	}
	_, _, _, _ = x.Err(), x.Fields().Len(), x.Reason(), x.Trailers().Len()
}

// responses are what the server says, one or more of these after each other.
var whimResponses = []string{
	okHello, okHello, "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\nT: v\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1e\r\n012345678901234567890123456789\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n012345678901234567890123456789", "HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno",
	"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n" + okHello,
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nuntil close",
	"HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\na", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na",
	"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n012345678901234567", "\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "junk",
}

// run has all of it.
func (v *clientWhim) run() {
	r := v.rand
	said := ""
	v.in(func() { v.begin(); v.begin() })
	for range 10 + r.IntN(30) {
		if v.client.NextRead() == engine.Upgrade {
			break
		}
		switch r.IntN(8) {
		case 0, 1:
			v.in(func() { v.anythingSafely() })
		case 2:
			v.most = r.IntN(3)*r.IntN(20) - r.IntN(2)
			v.look()
		case 3:
			v.after(int64(r.IntN(3)) * int64(r.IntN(70)) * second / 10)
		case 4:
			v.byHandle()
			v.lend()
		default:
			if said == "" {
				said = whimResponses[r.IntN(len(whimResponses))]
			}
			n := 1 + r.IntN(len(said))
			if r.IntN(2) == 0 {
				n = len(said)
			}
			v.feed(said[:n])
			said = said[n:]
		}
	}
	v.finish()
}

// anythingSafely is anything where no callback contains what panics.
func (v *clientWhim) anythingSafely() {
	defer func() {
		if p := recover(); p != nil && p != errWhim {
			panic(p)
		}
	}()
	v.anything(nil, false)
}

// byHandle does something by a handle, outside of turns.
func (v *clientWhim) byHandle() {
	r := v.rand
	for _, e := range v.all {
		if e.handle == nil || r.IntN(3) > 0 {
			continue
		}
		switch r.IntN(6) {
		case 0:
			e.handle.Close()
		case 1:
			e.handle.Reset()
		case 2:
			e.asked++
			e.handle.OnFlushed(func(message.ClientExchange, error) { e.had++; v.anything(nil, false) })
		case 3:
			e.handle.Resume()
		case 4:
			_ = e.handle.End()
		case 5:
			_ = e.handle.Upgrade(func(message.Stream, []byte) {})
		}
		v.look()
	}
}

// lend takes what is to be written, and is slow to say what has become of it.
func (v *clientWhim) lend() {
	v.h.Lock()
	defer v.h.Unlock()
	op, octets := v.client.NextWrite()
	if op != engine.Write || v.rand.IntN(4) > 0 {
		return
	}
	n := 0
	for _, b := range octets {
		n += len(b)
	}
	switch n = v.rand.IntN(n + 1); v.rand.IntN(6) {
	case 0:
		v.client.ReportWrite(n, errAborted)
	default:
		v.client.ReportWrite(n, nil)
	}
}

// finish ends the connection in some way, and gives all up that was taken over.
func (v *clientWhim) finish() {
	v.most = 0
	switch v.rand.IntN(3) {
	case 0:
		isTunnel := v.client.first != nil && v.client.first.isTunnel
		if v.end().after(100 * second); !isTunnel && v.client.NextRead() != engine.Yield && !v.client.Closed() {
			v.t.Errorf("the connection goes on: NextRead is %v", v.client.NextRead())
		}
	case 1:
		v.h.Lock()
		v.client.Shutdown()
		v.h.Unlock()
		v.look()
	}
	v.h.Lock()
	if op, _ := v.client.NextWrite(); op == engine.Upgrade && v.client.NextRead() == engine.Upgrade {
		v.client.Upgraded()
	}
	v.client.ReportError(errAborted)
	v.h.Unlock()
	for range 20 {
		v.after(1)
	}
	for _, e := range v.all {
		if e.handle != nil {
			e.handle.Close()
		} else if e.overs == 0 { // its callback is asked to go on
			v.client.Turn(e.x.Close)
		}
	}
}

func TestClientWhims(t *testing.T) {
	seeds := uint64(5000)
	if testing.Short() {
		seeds = 500
	}
	for seed := range seeds {
		v := newClientWhim(t, seed)
		v.run()
		for i, e := range v.all {
			isEnded := !e.hasContent || e.ends == 1 || e.ends == 0 && v.mayPanic // whoever panics isn't told any more
			if e.responses != 1 || e.overs != 1 || !isEnded || e.back != e.lent || e.had != e.asked {
				t.Errorf("seed %d: exchange %d was told %+v", seed, i, *e)
			}
		}
		if v.h.got != 0 {
			t.Errorf("seed %d: %d buffers are out", seed, v.h.got)
		}
		if t.Failed() {
			return
		}
	}
}
