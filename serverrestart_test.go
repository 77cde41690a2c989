package specht_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/loop/looptest"
)

// A server takes an address over from another one, under load: what the old one
// has begun it ends, and new connections come to the new one. A connection that
// arrives between the last accept of the old one and its end is reset by the
// system: that is the race that is left, so resets before a response are counted
// and logged, and whatever else fails is an error.
func TestTakingOver(t *testing.T) {
	options := specht.ServerOptions{Driver: specht.DriverPoll, Loops: 2, Grace: -1}
	old := newServer(t, options)
	e, err := old.Start(specht.Service{Address: "127.0.0.1:0", Shared: true})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var answered, reset atomic.Int64
	var isOver atomic.Bool
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for !isOver.Load() {
				switch err := once(e.Addr()); {
				case err == nil:
					answered.Add(1)
				case errors.Is(err, errReset):
					reset.Add(1)
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	servers := []*specht.Server{old}
	for range 10 {
		successor := newServer(t, options)
		start(t, successor, specht.Service{Address: e.Addr(), Shared: true})
		before := answered.Load()
		looptest.Eventually(t, "50 more are answered", func() bool { return t.Failed() || answered.Load() >= before+50 })
		if err := servers[len(servers)-1].Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		servers = append(servers, successor)
	}
	isOver.Store(true)
	clients.Wait()
	for i, s := range servers {
		if s.Stats().Accepted == 0 {
			t.Errorf("server %d has had no connection", i)
		}
	}
	t.Logf("10 times taken over, %d requests answered, %d connections reset before their response", answered.Load(), reset.Load())
}

// errReset is a connection that ended before the first octet of its response.
var errReset = errors.New("the connection was reset before its response")

// once asks over a connection of its own.
func once(address string) error {
	c, err := net.Dial("tcp", address)
	if errors.Is(err, syscall.ECONNRESET) {
		return errReset // while it was being opened
	}
	if err != nil {
		return err // nobody listens
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"); err != nil {
		return errReset
	}
	r := bufio.NewReader(c)
	if _, err := r.Peek(1); err != nil {
		return errReset
	}
	response, err := http.ReadResponse(r, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
