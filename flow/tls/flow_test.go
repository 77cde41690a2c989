package tls_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/flow/tls"
)

// openFlows is both ends of a connection that is open, over buffers of so many
// octets, and what is below the server.
func openFlows(t *testing.T, bufferOctets int) (server, client *secure.Flow, below *mem.Flow) {
	t.Helper()
	s, c := pair()
	a, b := mem.Pipe(mem.Options{BufferOctets: bufferOctets})
	server, client = tls.Server(a, s), tls.Client(b, c)
	go func() { _, _ = io.WriteString(server, "!") }() // behind the tickets
	if _, err := io.ReadFull(client, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return server, client, a
}

// lender counts what it has lent.
type lender struct {
	size, lent int
	b          []byte
}

func (l *lender) Lend() []byte {
	l.lent++
	l.b = make([]byte, l.size)
	return l.b
}

func (l *lender) Return() { l.lent-- }

// A flow that waits for octets has no buffer for them, and one read gives what has
// come.
func TestReadLate(t *testing.T) {
	for _, size := range []int{1, 5, 100} {
		synctest.Test(t, func(t *testing.T) {
			server, client, _ := openFlows(t, 0)
			defer server.Close()
			var got strings.Builder
			l := &lender{size: size}
			ended := make(chan error)
			reads := 0
			go func() {
				for {
					n, err := server.ReadLate(l)
					if n == 0 {
						ended <- err
						return
					}
					reads++
					got.Write(l.b[:n])
					l.lent--
				}
			}()
			for i, text := range []string{"hello", "a", "you there"} {
				synctest.Wait()
				if l.lent != 0 {
					t.Errorf("%d buffers are lent to a flow that waits", l.lent)
				}
				if i == 1 && reads != (5+size-1)/size {
					t.Errorf("5 octets took %d reads of %d", reads, size)
				}
				if _, err := io.WriteString(client, text); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Wait()
			client.Close()
			if err := <-ended; err != io.EOF || got.String() != "helloayou there" {
				t.Errorf("%q, %v", got.String(), err)
			}
			if _, err := server.ReadLate(l); err != io.EOF {
				t.Errorf("then %v", err)
			}
		})
	}
}

// One whose connection is cut reads that, behind what has come.
func TestReadLateOfACut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client, _ := openFlows(t, 0)
		defer server.Close()
		_, _ = io.WriteString(client, "hello")
		client.Reset()
		l := &lender{size: 100}
		n, err := server.ReadLate(l)
		if n > 0 {
			n, err = server.ReadLate(l)
		}
		if n != 0 || err == nil || err == io.EOF || errors.Is(err, flow.ErrWouldBlock) {
			t.Errorf("%d, %v", n, err)
		}
	})
}

// Close waits for a peer that reads nothing no longer than the deadline says.
func TestCloseHeedsTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client, below := openFlows(t, 1000)
		defer client.Close()
		if _, err := below.Write(make([]byte, 1000)); err != nil { // it takes nothing more
			t.Fatal(err)
		}
		begin := time.Now()
		if err := server.SetWriteDeadline(begin.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		_ = server.Close() // it tells that it couldn't tell
		if d := time.Since(begin); d > time.Second {
			t.Errorf("Close took %v", d)
		}
	})
}
