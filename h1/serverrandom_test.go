package h1

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// serverWhim is an application of a server, and a client that wishes it ill, in
// which a seed decides on all. Whatever they do, each exchange is told once how it
// has ended, each loan comes back once, and so does each buffer; and answers come in
// the order of the requests.
type serverWhim struct {
	*testConn
	rand     *rand.Rand
	methods  []string
	input    []byte
	tasks    []engine.Task
	live     []*servedWhim // whose exchanges can be used in a turn
	all      []*servedWhim
	detached int
	mayPanic bool
}

// servedWhim is what one exchange was told.
type servedWhim struct {
	x          message.Exchange
	handle     message.Exchange // if it was detached
	target     string
	hasContent bool
	ends       int
	over, told int // OnOver
	lent, back int
	asked, had int // OnFlushed
}

// whimHeads are the beginnings of requests, behind a method and a target.
var whimHeads = []string{
	" HTTP/1.1\r\nHost: a\r\n", " HTTP/1.1\r\nHost: a\r\n", " HTTP/1.1\r\nHost: a\r\n", " HTTP/1.0\r\nConnection: keep-alive\r\n", " HTTP/1.0\r\n",
	" HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n", " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n",
	" HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n", " HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\nExpect: 100-continue\r\n",
}

func newServerWhim(t *testing.T, seed uint64) *serverWhim {
	r := rand.New(rand.NewPCG(seed, 3))
	v := &serverWhim{rand: r, mayPanic: seed%4 == 0}
	o := Options{
		Handler: message.HandlerFunc(v.serve), Executor: v, OnEnd: v.onEnd,
		PipelinedMax: 1 + r.IntN(5), PipelinedHeadOctets: 1 + r.IntN(300), ContentOctets: []int64{0, 0, 0, 20}[r.IntN(4)],
		ContentWindowOctets: 1 + r.IntN(40), WriteWindowOctets: 1 + r.IntN(200), DiscardOctets: []int64{0, -1, 10}[r.IntN(3)],
		DrainNs: []int64{0, -1}[r.IntN(2)],
	}
	if r.IntN(2) == 0 {
		o.Handler, o.Executor = message.Inline(o.Handler), nil
	}
	if r.IntN(2) == 0 {
		o.ErrorHandler = v.handleError
	}
	for n := range 1 + r.IntN(8) {
		v.request(n)
	}
	v.testConn = newTestConn(t, o)
	return v
}

// request adds a request to what is to come.
func (v *serverWhim) request(n int) {
	r := v.rand
	method := []string{"GET", "GET", "GET", "HEAD", "POST", "DELETE", "OPTIONS", "CONNECT"}[r.IntN(8)]
	target := fmt.Sprintf("/%d", n)
	if method == "CONNECT" {
		target = fmt.Sprintf("a:%d", n)
	}
	if r.IntN(15) == 0 {
		v.input = append(v.input, "\r\n"...)
	}
	v.methods = append(v.methods, method)
	v.input = append(v.input, method+" "+target+whimHeads[r.IntN(len(whimHeads))]...)
	content := "012345678901234567890123456789012345678901234567890123456789"[:r.IntN(60)]
	switch r.IntN(9) {
	case 0, 1:
		v.input = fmt.Appendf(v.input, "Content-Length: %d\r\n\r\n%s", len(content), content)
	case 2, 3:
		v.input = append(v.input, "Transfer-Encoding: chunked\r\n\r\n"...)
		for len(content) > 0 {
			k := 1 + v.rand.IntN(len(content))
			v.input = fmt.Appendf(v.input, "%x;a=\"b\"\r\n%s\r\n", k, content[:k])
			content = content[k:]
		}
		v.input = append(v.input, "0\r\nx: y\r\n\r\n"...)
	case 4:
		v.input = append(v.input, []string{"Content-Length: 99999999\r\n\r\n", "Content-Length: 1, 1\r\n\r\na", "a b: c\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc"}[r.IntN(5)]...)
	default:
		v.input = append(v.input, "\r\n"...)
	}
}

// Execute keeps a task for later.
func (v *serverWhim) Execute(t engine.Task) bool {
	if v.rand.IntN(10) == 0 {
		return false
	}
	v.tasks = append(v.tasks, t)
	return true
}

func (v *serverWhim) serve(x message.Exchange) {
	e := &servedWhim{x: x, target: string(x.Target())}
	v.all = append(v.all, e)
	if _, ok := x.(*inTurn); ok {
		v.live = append(v.live, e)
	}
	for range v.rand.IntN(4) {
		v.act(e, x)
	}
	if v.mayPanic && v.rand.IntN(10) == 0 {
		panic(errWhim)
	}
}

func (v *serverWhim) handleError(x message.Exchange, r *ErrorResponse) {
	switch v.rand.IntN(5) {
	case 0:
		e := &servedWhim{x: x, target: string(x.Target())}
		for _, f := range v.all {
			if f.x == x || f.handle != nil && (*inTurn)(f.handle.(*handle)) == x {
				return // it has it already
			}
		}
		v.all = append(v.all, e)
		v.act(e, x)
	case 1:
		r.Status, r.Content = message.Status(v.rand.IntN(700)), []byte("x")
	case 2:
		r.Fields = []message.Field{{Name: "Content-Length", Value: "5\r\n"}}
	case 3:
		if v.mayPanic {
			panic(errWhim)
		}
	}
}

func (v *serverWhim) onEnd(x message.Exchange, _ message.Summary) {
	for i, e := range v.live {
		if e.x == x {
			v.live = append(v.live[:i], v.live[i+1:]...)
			break
		}
	}
}

// anything does something in a turn.
func (v *serverWhim) anything() {
	for v.rand.IntN(2) == 0 && len(v.live) > 0 {
		if v.mayPanic && v.rand.IntN(30) == 0 {
			panic(errWhim)
		}
		e := v.live[v.rand.IntN(len(v.live))]
		v.act(e, e.x)
	}
}

func (v *serverWhim) act(e *servedWhim, x message.Exchange) {
	r := v.rand
	fields := []message.Field{{Name: "N", Value: e.target}}
	_, isInTurn := x.(*inTurn)
	switch r.IntN(16) {
	case 0, 1, 2:
		_ = x.Respond([]message.Status{200, 200, 404, 204, 304, 205}[r.IntN(6)], fields, make([]byte, r.IntN(2)*r.IntN(50)))
	case 3, 4:
		_ = x.Start([]message.Status{200, 200, 404, 204, 304}[r.IntN(5)], fields, []int64{-1, -1, 0, 20}[r.IntN(4)])
	case 5:
		if isInTurn {
			_, _ = x.Write(make([]byte, r.IntN(30)))
		}
	case 6:
		if isInTurn {
			e.lent++
			_ = x.WriteLent(make([]byte, r.IntN(30)), func(error) { e.back++; v.anything() })
		}
	case 7:
		_ = x.End()
	case 8:
		_ = x.End(message.Field{Name: "T", Value: "v"})
	case 9:
		e.asked++
		x.OnFlushed(func(message.Exchange, error) { e.had++; v.anything() })
	case 10:
		x.Resume()
	case 11:
		if !e.hasContent {
			v.takeContent(e, x)
		}
	case 12:
		if isInTurn {
			_ = x.Interim(103, fields)
			_, _ = x.Read(make([]byte, r.IntN(20)))
		}
	case 13:
		if r.IntN(4) == 0 {
			x.Reset()
		}
	case 14:
		_ = x.Upgrade([]message.Status{101, 200, 0}[r.IntN(3)], []message.Field{{Name: "Upgrade", Value: "echo"}, {Name: "N", Value: e.target}}[r.IntN(2):], func(message.Stream, []byte) {})
	case 15:
		if e.handle == nil {
			e.handle = x.Detach()
			v.detached++
		}
		e.over++
		x.OnOver(func(message.Exchange, error) { e.told++; v.anything() })
	}
	_, _, _ = x.Err(), x.Fields().Len(), x.Trailers().Len()
}

func (v *serverWhim) takeContent(e *servedWhim, x message.Exchange) {
	e.hasContent = true
	if x.OnContent(func(x message.Exchange, p []byte, err error) int {
		if err != nil {
			e.ends++
			if v.rand.IntN(2) == 0 {
				_ = x.Respond(200, []message.Field{{Name: "N", Value: e.target}}, nil)
			}
			return 0
		}
		v.anything()
		return v.rand.IntN(len(p) + 1)
	}) != nil {
		e.hasContent = false
	}
}

// run has all of it.
func (v *serverWhim) run() {
	r := v.rand
	for range 10 + r.IntN(40) {
		if v.s.NextRead() == engine.Upgrade {
			break
		}
		switch r.IntN(9) {
		case 0:
			v.most = r.IntN(3)*r.IntN(20) - r.IntN(2)
			v.look()
		case 1:
			v.after(int64(r.IntN(3)) * int64(r.IntN(70)) * second / 10)
		case 2:
			v.byHandle()
			v.lend()
		case 3, 4:
			if len(v.tasks) > 0 {
				k := r.IntN(len(v.tasks))
				t := v.tasks[k]
				v.tasks = append(v.tasks[:k], v.tasks[k+1:]...)
				t.Run()
				v.look()
			}
		default:
			n := r.IntN(len(v.input) + 1)
			if r.IntN(2) == 0 {
				n = min(n, 20)
			}
			v.feed(string(v.input[:n]))
			v.input = v.input[n:]
		}
	}
	v.finish()
}

// byHandle does something by a handle, outside of turns.
func (v *serverWhim) byHandle() {
	for _, e := range v.all {
		if e.handle != nil && v.rand.IntN(3) == 0 {
			v.act(e, e.handle)
			v.look()
		}
	}
}

// lend takes what is to be written, and is slow to say what has become of it.
func (v *serverWhim) lend() {
	v.h.Lock()
	defer v.h.Unlock()
	op, octets := v.s.NextWrite()
	if op != engine.Write || v.rand.IntN(4) > 0 {
		return
	}
	n := 0
	for _, b := range octets {
		n += len(b)
	}
	n = v.rand.IntN(n + 1)
	for left := n; left > 0; octets = octets[1:] {
		k := min(left, len(octets[0]))
		v.out = append(v.out, octets[0][:k]...)
		left -= k
	}
	var err error
	if v.rand.IntN(6) == 0 {
		err = errAborted
	}
	v.s.ReportWrite(n, err)
}

func (v *serverWhim) finish() {
	v.most = 0
	switch v.rand.IntN(4) {
	case 0:
		v.end()
	case 1:
		v.h.Lock()
		v.s.Shutdown()
		v.h.Unlock()
		v.look()
	}
	v.runTasks()
	v.finishByItself()
	v.h.Lock()
	if op, _ := v.s.NextWrite(); op == engine.Upgrade && v.s.NextRead() == engine.Upgrade {
		v.s.Upgraded()
	} else {
		v.s.ReportError(errAborted)
	}
	v.h.Unlock()
	v.runTasks()
	for range 5 {
		v.after(1)
	}
	for _, e := range v.all {
		if e.handle != nil {
			e.handle.Reset()
		}
	}
}

// finishByItself gives up what the application has, and lets time pass: then the
// connection is over, or has left, or another request is waited for without end.
func (v *serverWhim) finishByItself() {
	for range 30 {
		if v.runTasks(); v.s.NextRead() == engine.Upgrade {
			return
		}
		v.h.Lock()
		if x := v.s.first; x != nil {
			_ = x.respond(message.StatusOK, nil, nil)
			if _ = x.finish(); x.response.Direction != ResponseDirectionDone {
				x.reset()
			}
			v.s.endTurn()
		}
		v.h.Unlock()
		if v.s.NextRead() != engine.Upgrade {
			v.look().after(100 * second).look()
		}
	}
	op, _ := v.s.NextWrite()
	if v.s.NextRead() != engine.Upgrade && !v.s.Closed() && (v.s.first != nil || !v.s.isPartial) {
		v.t.Errorf("the connection goes on: NextRead is %v, NextWrite %v, %v left, %+v", v.s.NextRead(), op, v.s.isLeft, *v.s)
	}
}

// runTasks runs what waits, and what follows from it.
func (v *serverWhim) runTasks() {
	for len(v.tasks) > 0 {
		t := v.tasks[0]
		v.tasks = v.tasks[1:]
		t.Run()
		if v.s.NextRead() != engine.Upgrade {
			v.look()
		}
	}
}

func TestServerWhims(t *testing.T) {
	seeds := uint64(5000)
	if testing.Short() {
		seeds = 500
	}
	answers, requests := 0, 0
	for seed := range seeds {
		v := newServerWhim(t, seed)
		v.run()
		for i, e := range v.all {
			isEnded := !e.hasContent || e.ends == 1 || e.ends == 0 && v.mayPanic // whoever panics isn't told any more
			if !isEnded || e.told != e.over || e.back != e.lent || e.had != e.asked {
				t.Errorf("seed %d: exchange %d was told %+v", seed, i, *e)
			}
		}
		if v.h.got < 0 || v.h.got > 2*v.detached {
			t.Errorf("seed %d: %d buffers are out, and %d exchanges were detached", seed, v.h.got, v.detached)
		}
		answers += v.checkAnswers(seed)
		requests += len(v.all)
		if t.Failed() {
			return
		}
	}
	if answers*3 < requests { // behind a cut nothing is answered
		t.Errorf("%d answers to %d requests", answers, requests)
	}
}

// checkAnswers holds that answers are whole, and in the order of the requests.
func (v *serverWhim) checkAnswers(seed uint64) (answers int) {
	b := bufio.NewReader(bytes.NewReader(v.out))
	for n := 0; n < len(v.methods); n++ {
		response, err := http.ReadResponse(b, &http.Request{Method: v.methods[n]})
		if err != nil {
			if _, rest := b.Peek(1); rest != io.EOF { // else it was cut
				v.t.Errorf("seed %d: answer %d: %v\n%q", seed, n, err, v.out)
			}
			return n
		}
		if response.StatusCode == 101 || v.methods[n] == "CONNECT" && response.StatusCode == 200 {
			return n + 1
		}
		want := fmt.Sprintf("/%d", n)
		if v.methods[n] == "CONNECT" {
			want = fmt.Sprintf("a:%d", n)
		}
		if got := response.Header.Get("N"); got != want && got != "" {
			v.t.Errorf("seed %d: answer %d is %s to %q, want %q: %q", seed, n, response.Status, got, want, v.out)
		}
		if response.StatusCode < 200 {
			n--
			continue
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil || response.Close {
			return n
		}
	}
	return len(v.methods)
}
