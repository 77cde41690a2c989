package loop_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// hasResets says whether a connection can be cut so that its peer notices: a Unix
// socket has no reset, but TLS over one can leave the end out.
func hasResets(s looptest.Setup) bool { return s.Layers > 0 || !strings.HasSuffix(s.Name, "unix") }

// Octets that are cut by the end of a driver don't look complete.
func TestCloseCuts(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		client, server := s.StartOptions(t, newLineEngine(newWorkers(t)), loop.Options{})
		n := 4_000_000 // systems buffer a lot
		if s.IsMem {
			n = 200_000
		}
		if strings.Contains(s.Name, "octet") || strings.Contains(s.Name, "would block") {
			n = 5_000 // they hold little, and take their time
		}
		send(t, client, fmt.Sprintf("count %d\n", n))
		want(t, client, string(counted(1)))
		server.Close()
		if got, err := io.ReadAll(client); err == nil && len(got) < n-1 && hasResets(s) {
			t.Errorf("%d octets of %d came, and then the end", len(got), n-1)
		}
	})
}

// Those that were written before are not lost to that.
func TestCloseLosesNothing(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		client, server := s.StartOptions(t, newLineEngine(newWorkers(t)), loop.Options{})
		if strings.Contains(s.Name, "small") || strings.Contains(s.Name, "octet") || strings.Contains(s.Name, "would block") {
			t.Skip("they hold less than an answer and the end")
		}
		send(t, client, "hello\n")
		looptest.Eventually(t, "the answer is written", func() bool { return server.Stats().Writes > 0 })
		server.Close()
		want(t, client, "hello\n")
		wantEnd(t, client)
	})
}

// cutter is an engine that has nothing to write, but isn't done.
type cutter struct {
	lineEngine
	isCut bool
}

func (e *cutter) ReportError(err error) {
	e.isCut = true
	e.lineEngine.ReportError(err)
}

func (e *cutter) NextWrite() (engine.Op, [][]byte) {
	if e.isCut {
		return engine.Abort, nil
	}
	return e.lineEngine.NextWrite()
}

// An engine can say, once it has been told the error, that it isn't done.
func TestErrorThatCuts(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		e := &cutter{}
		e.attached = make(chan struct{})
		client, server := s.StartOptions(t, e, loop.Options{})
		send(t, client, "hello\n")
		want(t, client, "hello\n")
		server.Close()
		if got, err := io.ReadAll(client); err == nil && hasResets(s) {
			t.Errorf("%q, and then the end", got)
		}
	})
}

// A peer that reads nothing doesn't keep the end of a driver.
func TestCloseWaitsForNobody(t *testing.T) {
	for _, s := range looptest.TLS() {
		if !s.IsMem || s.IsPump {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newLineEngine(nil)
				client, server := s.StartOptions(t, e, loop.Options{})
				send(t, client, "hold\n")
				synctest.Wait()
				begin := time.Now()
				server.Close()
				if d := time.Since(begin); d > time.Second {
					t.Errorf("Close took %v", d)
				}
			})
		})
	}
}
