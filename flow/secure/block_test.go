package secure_test

import (
	"bytes"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/loop/looptest"
)

// answering is a session that writes when it reads, as for a KeyUpdate.
type answering struct{ plain }

func (s answering) Read(p []byte) (int, error) {
	n, err := s.plain.Read(p)
	if n > 0 {
		_, _ = s.Conn.Write(bytes.Repeat([]byte("a"), 100))
	}
	return n, err
}

// A Poll that leaves its loop keeps nobody waiting there: what a peer that reads
// nothing makes the session write is written by whoever takes the flow.
func TestBlockDoesNotBlock(t *testing.T) {
	var freed atomic.Int64
	a, b := mem.MixedPipe(mem.Options{BufferOctets: 7})
	poll := secure.New(secure.Options{NewSession: func(c net.Conn) secure.Session {
		return answering{plain{c, false, &freed}}
	}}).Poll(b)
	if _, err := a.Write([]byte{0, 'x'}); err != nil {
		t.Fatal(err)
	}
	looptest.Eventually(t, "the flow is open", func() bool { return poll.Open() == nil })
	if n, err := poll.TryRead(make([]byte, 10)); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if !poll.IsFull() {
		t.Fatal("nothing waits for the flow below")
	}
	left, err := poll.Block()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = left.Write([]byte("end"))
		_ = left.(flow.CloseWriter).CloseWrite()
	}()
	got, err := io.ReadAll(a)
	if want := string(bytes.Repeat([]byte("a"), 100)) + "end"; string(got) != want || err != nil {
		t.Errorf("the peer read %q, %v, want %q", got, err, want)
	}
	left.Close()
}
