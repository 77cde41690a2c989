package loop_test

import (
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// busyPeersVariable has the address that TestBusyPeers keeps busy, and after a
// space how many lines it sends at once.
const busyPeersVariable = "SPECHT_LOOP_BUSY_PEERS"

// TestBusyPeers is a part of BenchmarkHandlerWhileLoopIsBusy: the other end of 64
// connections, in a process of its own, until its input ends.
func TestBusyPeers(t *testing.T) {
	address, lines, _ := strings.Cut(os.Getenv(busyPeersVariable), " ")
	if address == "" {
		t.Skip("it is run by a benchmark")
	}
	depth, err := strconv.Atoi(lines)
	if err != nil {
		t.Fatal(err)
	}
	for range 64 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			defer c.Close()
			request := []byte(strings.Repeat("hello, world\n", depth))
			for answer := make([]byte, len(request)); err == nil; {
				if _, err = c.Write(request); err == nil {
					_, err = io.ReadFull(c, answer)
				}
			}
		}()
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// timedEngine answers by a handler on a goroutine, and says how long that took.
type timedEngine struct {
	handlerEngine
	read, started time.Time

	mu                              sync.Mutex
	untilStarted, untilWritten, all []time.Duration
}

func (e *timedEngine) Read(b []byte) int {
	e.read = time.Now()
	e.heard = append(e.heard[:0], b...)
	if !e.executor.Execute(e) {
		panic("no goroutine for a handler")
	}
	return len(b)
}

func (e *timedEngine) Run() {
	e.started = time.Now()
	e.handlerEngine.Run()
}

func (e *timedEngine) ReportWrite(n int, err error) {
	now := time.Now()
	e.mu.Lock()
	e.untilStarted = append(e.untilStarted, e.started.Sub(e.read))
	e.untilWritten = append(e.untilWritten, now.Sub(e.started))
	e.all = append(e.all, now.Sub(e.read))
	e.mu.Unlock()
	e.handlerEngine.ReportWrite(n, err)
}

// report is the middle and the slowest hundredth of each, in µs.
func (e *timedEngine) report(b *testing.B) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for name, d := range map[string][]time.Duration{"start": e.untilStarted, "write": e.untilWritten, "all": e.all} {
		slices.Sort(d)
		b.ReportMetric(float64(d[len(d)/2].Nanoseconds())/1e3, name+"-p50-µs")
		b.ReportMetric(float64(d[len(d)*99/100].Nanoseconds())/1e3, name+"-p99-µs")
	}
}

// BenchmarkHandlerWhileLoopIsBusy is how long a handler on a goroutine takes while
// its Loop has 64 other connections that are always busy: from the octets' being
// read to its start, from there to the answer's being written, and both. What the
// client sees, ns/op, is also the wait of its octets for the Loop.
func BenchmarkHandlerWhileLoopIsBusy(b *testing.B) {
	for _, lines := range []string{"1", "64"} {
		b.Run(lines+" lines at once", func(b *testing.B) { benchmarkBusy(b, lines) })
	}
}

func benchmarkBusy(b *testing.B, lines string) {
	l, err := loop.New(loop.Options{})
	if err != nil {
		b.Skip(err)
	}
	pl, err := tcp.ListenPoll("127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	timed := &timedEngine{handlerEngine: handlerEngine{executor: newWorkers(b)}}
	isFirst := true
	ended := make(chan error, 1)
	go func() {
		ended <- l.Serve(pl, func(any) engine.Engine {
			if isFirst {
				isFirst = false
				return timed
			}
			return newLineEngine(nil)
		})
	}()
	b.Cleanup(func() {
		l.Close()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
	client, err := net.Dial("tcp", pl.Addr())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { client.Close() })
	looptest.Eventually(b, "the timed connection is the first", func() bool { return l.Stats().Connections == 1 })
	keepBusy(b, pl.Addr()+" "+lines)
	looptest.Eventually(b, "the Loop is busy", func() bool { return l.Stats().Reads > 10_000 })
	benchmarkEcho(b, client)
	timed.report(b)
}

// keepBusy starts TestBusyPeers, and ends it with the benchmark.
func keepBusy(b *testing.B, what string) {
	peers := exec.Command(os.Args[0], "-test.run=^TestBusyPeers$")
	peers.Env = append(os.Environ(), "GOMAXPROCS=1", busyPeersVariable+"="+what)
	input, err := peers.StdinPipe()
	if err == nil {
		err = peers.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		input.Close()
		if err := peers.Wait(); err != nil {
			b.Errorf("the peers: %v", err)
		}
	})
}
