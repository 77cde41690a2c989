package loop_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// A server is replaced by another process while clients go on, in the two ways
// there are: both listen on one port (SO_REUSEPORT), or the listening descriptor
// is passed on. The processes are this test binary, once more:
//
//	SPECHT_RESTART=PORT    listen there, with others
//	SPECHT_RESTART=passed  accept from descriptor 3
//
// SPECHT_RESTARTS is how many times it is replaced; -v shows what clients saw.
// What was measured so is in ARCHITECTURE.md.

const restartVariable = "SPECHT_RESTART"

// TestRestartServer is the server. It says where it listens, and shuts down when
// its standard input ends.
func TestRestartServer(t *testing.T) {
	where := os.Getenv(restartVariable)
	if where == "" {
		t.Skip("it is the other process of TestRollingRestart")
	}
	l, err := loop.NewLoops(2, loop.Options{})
	if err != nil {
		t.Fatal(err)
	}
	service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, nil, []byte("hello"))
	}))})
	newEngine := func(any) engine.Engine { return service.NewServer(nil) }
	at, err := restartListen(l, where, newEngine)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- l.Run() }()
	fmt.Fprintln(os.Stdout, "listening on", at)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := l.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// restartListen makes l listen.
func restartListen(l *loop.Loops, where string, newEngine loop.NewEngine) (at string, err error) {
	if where == "passed" {
		pl, err := tcp.PollListenerOf(os.NewFile(3, "listener"))
		if err != nil {
			return "", err
		}
		return pl.Addr(), l.Listen(pl, newEngine)
	}
	pls, err := tcp.ListenPollShared("127.0.0.1:"+where, l.Len())
	if err != nil {
		return "", err
	}
	return pls[0].Addr(), l.ListenEach(pls, newEngine)
}

// restartProcess is a server that runs.
type restartProcess struct {
	command *exec.Cmd
	stdin   io.Closer
	address string
}

// startProcess starts a server, and returns when it listens.
func startProcess(t *testing.T, where string, passed ...*os.File) *restartProcess {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	c := exec.Command(self, "-test.run=^TestRestartServer$")
	c.Env = append(os.Environ(), restartVariable+"="+where)
	c.ExtraFiles = passed
	c.Stderr = os.Stderr
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { c.Process.Kill() }) // it has ended, unless the test failed
	line, err := bufio.NewReader(stdout).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		t.Fatalf("the server said %q (%v)", line, err)
	}
	return &restartProcess{c, stdin, address}
}

// drain shuts the server down, and waits for its end.
func (p *restartProcess) drain(t *testing.T) {
	t.Helper()
	p.stdin.Close()
	if err := p.command.Wait(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// restartClients send requests, each on a connection of its own.
type restartClients struct {
	address        string
	stop           atomic.Bool
	running        sync.WaitGroup
	served         atomic.Int64
	failed, wasted atomic.Int64 // requests that failed once; those that failed again
	mu             sync.Mutex
	reasons        map[string]int
}

// start starts n clients.
func (c *restartClients) start(n int) {
	c.reasons = map[string]int{}
	for range n {
		c.running.Go(func() {
			for !c.stop.Load() {
				c.one()
			}
		})
	}
}

// one sends a request, and if that fails once more.
func (c *restartClients) one() {
	err := c.get()
	if err != nil {
		c.failed.Add(1)
		c.mu.Lock()
		c.reasons[reason(err)]++
		c.mu.Unlock()
		if err = c.get(); err != nil {
			c.wasted.Add(1)
			return
		}
	}
	c.served.Add(1)
}

// get sends a request and reads the answer.
func (c *restartClients) get() error {
	conn, err := net.Dial("tcp", c.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"); err != nil {
		return err
	}
	b, err := io.ReadAll(conn)
	if err == nil && !strings.HasSuffix(string(b), "\r\n\r\nhello") {
		err = fmt.Errorf("%d octets, and the end", len(b))
	}
	return err
}

// reason is the last words of an error, which name no port.
func reason(err error) string {
	var o *net.OpError
	if errors.As(err, &o) {
		return o.Op + ": " + o.Err.Error()
	}
	return err.Error()
}

// more waits until n more requests have been answered.
func (c *restartClients) more(t *testing.T, n int64) {
	t.Helper()
	until := c.served.Load() + n
	looptest.Eventually(t, "requests are answered", func() bool { return c.served.Load() >= until })
}

// restarts is how many times the server is replaced.
func restarts(t *testing.T) int {
	if s := os.Getenv("SPECHT_RESTARTS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 3
}

// replace replaces the server again and again, while clients go on. next starts
// another server.
func replace(t *testing.T, next func(before *restartProcess) *restartProcess) *restartClients {
	server := next(nil)
	clients := &restartClients{address: server.address}
	clients.start(4)
	defer clients.running.Wait()
	defer clients.stop.Store(true)
	for range restarts(t) {
		clients.more(t, 100)
		successor := next(server)
		clients.more(t, 100)
		server.drain(t)
		server = successor
	}
	clients.more(t, 100)
	clients.stop.Store(true)
	clients.running.Wait()
	server.drain(t)
	t.Logf("%d restarts, %d requests answered, %d failed once %v, %d failed again",
		restarts(t), clients.served.Load(), clients.failed.Load(), clients.reasons, clients.wasted.Load())
	return clients
}

// With a port that processes share, no request fails twice. That it fails once
// can't be ruled out: see ARCHITECTURE.md.
func TestRollingRestartOfASharedPort(t *testing.T) {
	clients := replace(t, func(before *restartProcess) *restartProcess {
		if before == nil {
			return startProcess(t, "0")
		}
		_, port, _ := net.SplitHostPort(before.address)
		return startProcess(t, port)
	})
	if n := clients.wasted.Load(); n > 0 {
		t.Errorf("%d requests failed twice", n)
	}
}

// With a listening descriptor that is passed on, no request fails.
func TestRollingRestartOfAPassedListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	clients := replace(t, func(*restartProcess) *restartProcess { return startProcess(t, "passed", file) })
	if n := clients.failed.Load(); n > 0 {
		t.Errorf("%d requests failed", n)
	}
}
