package specht_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	specht "github.com/specht-http/specht"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// gate answers requests one by one when the test says so.
type gate struct {
	begun chan string // targets
	opens chan struct{}
	now   atomic.Int32 // requests under way
	most  atomic.Int32
}

func newGate() *gate { return &gate{begun: make(chan string, 1000), opens: make(chan struct{})} }

func (g *gate) Serve(x message.Exchange) {
	n := g.now.Add(1)
	for most := g.most.Load(); n > most && !g.most.CompareAndSwap(most, n); most = g.most.Load() {
	}
	g.begun <- string(x.Target())
	<-g.opens
	g.now.Add(-1)
	hello(x)
}

// Many goroutines share a few connections, and none gets what another asked for.
func TestClientIsShared(t *testing.T) {
	s, url := serveSite(t)
	c := closed(t, &specht.Client{ConnectionsPerHostMax: 4})
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			for j := range 20 {
				path := fmt.Sprintf("/%d/%d", i, j)
				switch j % 4 {
				case 0:
					want(t, c, &specht.Request{Method: "POST", URL: url + "/echo", Content: strings.NewReader(path)}, 200, fmt.Sprintf("POST %d 0 %s", len(path), path))
				case 1:
					r, err := c.Get(t.Context(), url+"/some")
					if err != nil {
						t.Error(err)
						return
					}
					r.Close()
				case 2:
					ctx, cancel := context.WithCancel(t.Context())
					time.AfterFunc(time.Duration(i)*time.Millisecond/16, cancel)
					if r, err := c.Get(ctx, url+"/wait"); err == nil {
						t.Errorf("got %v", r.Status)
					}
				default:
					want(t, c, &specht.Request{URL: url + path}, 200, "hello "+path)
				}
			}
		})
	}
	wg.Wait()
	if n := c.Stats(); n.Waiting != 0 || n.Connections > 4 {
		t.Errorf("there are %+v", n)
	}
	looptest.Eventually(t, "no connection is in use", func() bool { s := c.Stats(); return s.Idle == s.Connections })
	c.Close()
	looptest.Eventually(t, "the server's connections have ended", func() bool { return s.Stats().Connections == 0 })
}

// Requests above the limit wait in their order, and end with their context.
func TestClientWaits(t *testing.T) {
	g := newGate()
	s := newServer(t, specht.ServerOptions{Handler: g})
	url := start(t, s, specht.Service{}).URL()
	c := closed(t, &specht.Client{ConnectionsPerHostMax: 2, WaitingPerHostMax: 4})
	var wg sync.WaitGroup
	get := func(i int) {
		wg.Go(func() {
			want(t, c, &specht.Request{URL: fmt.Sprintf("%s/%d", url, i)}, 200, fmt.Sprintf("hello /%d", i))
		})
	}
	get(0)
	get(1)
	<-g.begun
	<-g.begun
	for i := range 3 {
		get(2 + i)
		looptest.Eventually(t, "it waits", func() bool { return c.Stats().Waiting == i+1 })
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error)
	go func() {
		_, err := c.Get(ctx, url+"/cancelled")
		ended <- err
	}()
	looptest.Eventually(t, "it waits", func() bool { return c.Stats().Waiting == 4 })
	var limit *specht.LimitError
	if _, err := c.Get(t.Context(), url+"/refused"); !errors.As(err, &limit) || !strings.Contains(err.Error(), "waiting for a connection: specht: so many requests wait for connections to "+url) ||
		!strings.HasSuffix(err.Error(), "(Client.WaitingPerHostMax is 4)") {
		t.Errorf("above the limit: %v", err)
	}
	enough := errors.New("enough")
	cancel(enough)
	if err := <-ended; !errors.Is(err, enough) || !strings.Contains(err.Error(), "/cancelled: waiting for a connection: enough") {
		t.Errorf("cancelled: %v", err)
	}
	var order []string
	for range 5 {
		g.opens <- struct{}{}
		if len(order) < 3 {
			order = append(order, <-g.begun)
		}
	}
	wg.Wait()
	if got := strings.Join(order, " "); got != "/2 /3 /4" {
		t.Errorf("served in the order %s", got)
	}
	if n := s.Stats().Accepted; n != 2 || g.most.Load() != 2 {
		t.Errorf("%d connections, %d requests at once", n, g.most.Load())
	}
}

// At the limit of all connections, an idle one to another place makes room; where
// there is none, the first that becomes idle.
func TestClientLimitOfAll(t *testing.T) {
	g := newGate()
	s := newServer(t, specht.ServerOptions{Handler: g})
	urls := make([]string, 4)
	for i := range urls {
		urls[i] = start(t, s, specht.Service{}).URL()
	}
	c := closed(t, &specht.Client{ConnectionsMax: 2})
	var wg sync.WaitGroup
	get := func(i int) {
		wg.Go(func() { want(t, c, &specht.Request{URL: urls[i]}, 200, "hello /") })
	}
	for i := range 2 {
		get(i)
		<-g.begun
		g.opens <- struct{}{}
		looptest.Eventually(t, "it is idle", func() bool { return c.Stats().Idle == i+1 })
	}
	get(2) // instead of 0, which has been idle longest
	<-g.begun
	if got := c.Stats(); got.Idle != 1 || got.Connections != 2 {
		t.Errorf("there are %+v", got)
	}
	get(1) // which is there still
	<-g.begun
	get(3)
	looptest.Eventually(t, "it waits", func() bool { return c.Stats().Waiting == 1 })
	g.opens <- struct{}{}
	<-g.begun
	g.opens <- struct{}{}
	g.opens <- struct{}{}
	wg.Wait()
	if n := s.Stats().Accepted; n != 4 || g.most.Load() != 2 {
		t.Errorf("%d connections, %d requests at once", n, g.most.Load())
	}
}

// inBubble is options for a bubble of testing/synctest, which helpers may not
// come from outside of.
func inBubble(t *testing.T) loop.Options {
	w := loop.NewWorkers(loop.WorkersOptions{})
	t.Cleanup(func() { _ = w.Close(context.Background()) })
	return loop.Options{Helpers: w}
}

// Not more idle connections are kept than may be, and not for longer.
func TestClientIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fl := mem.Listen(mem.Options{})
		g := newGate()
		o := inBubble(t)
		s := newServer(t, specht.ServerOptions{Handler: g, Loop: o, Driver: specht.DriverGoroutine, HTTP1: h1.Options{IdleNs: -1}})
		start(t, s, specht.Service{Listener: fl})
		c := closed(t, &specht.Client{Loop: o, IdleMax: 2, IdleTimeout: time.Hour, Dial: func(context.Context, specht.Address) (flow.Flow, error) { return fl.Dial() }})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { want(t, c, &specht.Request{URL: "http://a.example/"}, 200, "hello /") })
		}
		synctest.Wait()
		if got := c.Stats(); got != (specht.ClientStats{Connections: 4}) {
			t.Errorf("there are %+v", got)
		}
		close(g.opens)
		wg.Wait()
		synctest.Wait()
		if got := c.Stats(); got != (specht.ClientStats{Connections: 2, Idle: 2}) {
			t.Errorf("there are %+v", got)
		}
		<-time.After(time.Hour - time.Second)
		synctest.Wait()
		if got := c.Stats(); got != (specht.ClientStats{Connections: 2, Idle: 2}) {
			t.Errorf("within the time there are %+v", got)
		}
		<-time.After(2 * time.Second)
		synctest.Wait()
		if got := c.Stats(); got != (specht.ClientStats{}) {
			t.Errorf("after it there are %+v", got)
		}
		c.Close()
		s.Close()
	})
}

// cancelling is a request that is cancelled when reached is called.
type cancelling struct {
	stage   specht.Stage
	how     string
	dial    func(ctx context.Context, reached func()) (flow.Flow, error) // nil for a peer in memory
	peer    func(f *mem.Flow, reached func())
	content func(reached func()) // is called for each 1,000 octets; may be nil
	head    func(reached func()) // is called when the head is there; may be nil
}

// stay reads until the peer has gone.
func stay(f *mem.Flow, reached func()) {
	for p := make([]byte, 1000); ; reached() {
		if _, err := f.Read(p); err != nil {
			return
		}
	}
}

// A context ends a request at every stage, with its cause, and nothing of it
// is left.
func TestClientCancels(t *testing.T) {
	now, never := func(reached func()) { reached() }, func() {}
	for _, test := range []cancelling{
		{stage: specht.StageConnecting, how: "dialing", dial: func(ctx context.Context, reached func()) (flow.Flow, error) {
			reached()
			<-ctx.Done()
			return nil, ctx.Err()
		}},
		{stage: specht.StageConnecting, how: "shaking hands", peer: stay},
		{stage: specht.StageAwaiting, how: "sending the head", peer: stay},
		{stage: specht.StageAwaiting, how: "sending content", content: now, peer: func(f *mem.Flow, _ func()) {
			readHead(f)
			_, _ = f.Read(make([]byte, 3000))
			// What is queued now is taken by nobody, until the other end is closed.
			for {
				if _, err := f.Write([]byte("HTTP/1.1 103 Hi\r\n\r\n")); err != nil {
					return
				}
				runtime.Gosched()
			}
		}},
		{stage: specht.StageAwaiting, how: "within a head", peer: func(f *mem.Flow, reached func()) {
			readHead(f)
			_, _ = io.WriteString(f, "HTTP/1.1 103 Hi\r\n\r\nHTTP/1.1 2")
			stay(f, reached)
		}},
		{stage: specht.StageReceiving, how: "within content", head: now, peer: func(f *mem.Flow, _ func()) {
			readHead(f)
			_, _ = io.WriteString(f, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome")
			stay(f, never)
		}},
	} {
		goroutines := runtime.NumGoroutine()
		t.Run(test.how, func(t *testing.T) { test.run(t) })
		looptest.Eventually(t, "every goroutine has ended", func() bool { return runtime.NumGoroutine() <= goroutines })
	}
}

func (test *cancelling) run(t *testing.T) {
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	reached := func() { cancel(enough) }
	var running sync.WaitGroup
	c := &specht.Client{Loop: loop.Options{WriteStall: -1}, HTTP1: h1.ClientOptions{InterimMax: 1 << 30}}
	defer c.Close()
	c.Dial = func(ctx context.Context, _ specht.Address) (flow.Flow, error) {
		if test.dial != nil {
			return test.dial(ctx, reached)
		}
		near, far := mem.Pipe(mem.Options{BufferOctets: 1000})
		running.Go(func() { test.peer(far, reached); far.Close() })
		return near, nil
	}
	url := "http://a.example/"
	if test.how == "shaking hands" {
		url = "https://a.example/"
	}
	read, write := io.Pipe()
	running.Go(func() {
		for p := make([]byte, 1000); ; {
			if _, err := write.Write(p); err != nil {
				return // the content has been closed
			}
			if test.content != nil {
				test.content(reached)
			}
		}
	})
	r, err := c.Do(ctx, &specht.Request{Method: "PUT", URL: url, Content: read})
	if err == nil {
		if test.head != nil {
			test.head(reached)
		}
		_, err = io.ReadAll(r)
		r.Close()
	}
	var e *specht.ClientError
	if !errors.As(err, &e) || e.Stage != test.stage || e.Err != enough {
		t.Errorf("ended with %v", err)
	}
	looptest.Eventually(t, "the connection is gone", func() bool { return c.Stats() == specht.ClientStats{} })
	running.Wait()
}

// Times that are out are told by the field that says how long.
func TestClientTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := closed(t, &specht.Client{Loop: inBubble(t), Dial: func(ctx context.Context, a specht.Address) (flow.Flow, error) {
			if a.Host == "far.example" {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			near, far := mem.Pipe(mem.Options{})
			go func() { _, _ = io.Copy(io.Discard, far); far.Close() }()
			return near, nil
		}})
		began := time.Now()
		_, err := c.Get(t.Context(), "http://far.example/")
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "connecting: specht: connecting has taken longer than 30s (Client.DialTimeout)") || time.Since(began) != 30*time.Second {
			t.Errorf("connecting ended with %v", err)
		}
		if _, err = c.Get(t.Context(), "http://near.example/"); err == nil || !strings.Contains(err.Error(), "HeadNs") {
			t.Errorf("awaiting ended with %v", err)
		}
		c.Close()
	})
}

// Close ends what is under way at every stage, and waits.
func TestClientCloses(t *testing.T) {
	goroutines := runtime.NumGoroutine()
	g := newGate()
	s := newServer(t, specht.ServerOptions{Handler: g})
	url := start(t, s, specht.Service{}).URL()
	c := &specht.Client{ConnectionsPerHostMax: 1, Dial: func(ctx context.Context, a specht.Address) (flow.Flow, error) {
		if a.Host == "far.example" {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return specht.Dial(ctx, a)
	}}
	ended := make(chan error)
	for i, url := range []string{url, url, "http://far.example"} {
		go func() {
			_, err := c.Get(t.Context(), url)
			ended <- err
		}()
		looptest.Eventually(t, "it has come", func() bool { s := c.Stats(); return s.Connections+s.Waiting == i+1 })
	}
	<-g.begun
	c.Close()
	for range 3 {
		if err := <-ended; !errors.Is(err, specht.ErrClientClosed) {
			t.Errorf("ended with %v", err)
		}
	}
	if got := c.Stats(); got != (specht.ClientStats{}) {
		t.Errorf("there are %+v", got)
	}
	if _, err := c.Get(t.Context(), url); !errors.Is(err, specht.ErrClientClosed) {
		t.Errorf("after Close: %v", err)
	}
	c.Close()
	close(g.opens)
	s.Close()
	looptest.Eventually(t, "every goroutine has ended", func() bool { return runtime.NumGoroutine() <= goroutines })
}
