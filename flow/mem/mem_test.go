package mem_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
)

func TestPipe(t *testing.T) {
	a, b := mem.Pipe(mem.Options{BufferOctets: 3})
	go func() {
		a.Write([]byte("hello, world"))
		a.CloseWrite()
	}()
	if got, err := io.ReadAll(b); string(got) != "hello, world" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("writing after CloseWrite: %v", err)
	}
	go b.Write([]byte("and back"))
	got := make([]byte, 8)
	if _, err := io.ReadFull(a, got); string(got) != "and back" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	b.Close()
	if n, err := a.Read(got); err != io.EOF {
		t.Errorf("reading after the peer closed: %d, %v", n, err)
	}
	if _, err := b.Read(got); !errors.Is(err, os.ErrClosed) {
		t.Errorf("reading after Close: %v", err)
	}
}

func TestWritingToAPeerThatHasGone(t *testing.T) {
	a, b := mem.Pipe(mem.Options{})
	b.Close()
	if _, err := a.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("a blocking end: %v", err)
	}
	c, d := mem.PollPipe(mem.Options{})
	d.Close()
	if _, err := c.TryWrite([][]byte{[]byte("x")}); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("a polling end: %v", err)
	}
}

func TestCloseUnblocks(t *testing.T) {
	a, b := mem.Pipe(mem.Options{BufferOctets: 1})
	read, written := make(chan error), make(chan error)
	go func() {
		_, err := b.Read(make([]byte, 1))
		read <- err
	}()
	go func() {
		_, err := b.Write([]byte("ab"))
		written <- err
	}()
	b.Close()
	if err := <-read; err == nil {
		t.Error("Read returned no error")
	}
	if err := <-written; err == nil {
		t.Error("Write returned no error")
	}
	a.Close()
}

func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := mem.Pipe(mem.Options{BufferOctets: 1})
		begin := time.Now()
		a.SetReadDeadline(begin.Add(time.Second))
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read: %v", err)
		}
		a.SetWriteDeadline(begin.Add(2 * time.Second))
		if n, err := a.Write([]byte("ab")); n != 1 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write: %d, %v", n, err)
		}
		if d := time.Since(begin); d != 2*time.Second {
			t.Errorf("it took %v", d)
		}
		a.SetReadDeadline(time.Time{})
		go b.Write([]byte("c"))
		if _, err := a.Read(make([]byte, 1)); err != nil {
			t.Errorf("Read without a deadline: %v", err)
		}
	})
}

func TestReset(t *testing.T) {
	a, b := mem.Pipe(mem.Options{})
	a.Write([]byte("lost"))
	a.Reset()
	if _, err := b.Read(make([]byte, 1)); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("Read: %v", err)
	}
}

// edges counts what a polling end announces.
type edges struct{ readable, writable int }

func (e *edges) Ready(_ uint64, r flow.Readiness) {
	if r&flow.Readable != 0 {
		e.readable++
	}
	if r&flow.Writable != 0 {
		e.writable++
	}
}

// Whatever the operations, the octets arrive in order, and an end that waits
// for its edges never waits in vain.
func TestPollEdges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := mem.Options{
			BufferOctets: rapid.IntRange(1, 20).Draw(t, "buffer"),
			ReadMax:      rapid.IntRange(0, 3).Draw(t, "read max"),
			WriteMax:     rapid.IntRange(0, 3).Draw(t, "write max"),
			Hesitate:     rapid.Bool().Draw(t, "hesitate"),
		}
		a, b := mem.PollPipe(o)
		var writer, reader edges
		a.Announce(&writer, 0)
		b.Announce(&reader, 0)
		sent := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "octets")
		left, canWrite := sent, true
		var got []byte
		canRead, hasEnded := false, false
		for turns := 0; !hasEnded; turns++ {
			if turns > 5000 {
				t.Fatalf("no end: %d of %d octets arrived", len(got), len(sent))
			}
			if canWrite && rapid.Bool().Draw(t, "write") {
				k := rapid.IntRange(0, len(left)).Draw(t, "cut")
				n, err := a.TryWrite([][]byte{left[:k], nil, left[k:]})
				if left = left[n:]; len(left) == 0 {
					canWrite = false
					a.CloseWrite()
				} else if err == flow.ErrWouldBlock {
					canWrite = false
				} else {
					t.Fatalf("TryWrite took %d octets with %v", n, err)
				}
			} else if canRead {
				into := make([]byte, rapid.IntRange(1, 30).Draw(t, "read"))
				n, err := b.TryRead(into)
				got = append(got, into[:n]...)
				switch {
				case err == io.EOF:
					hasEnded = true
				case err != nil && err != flow.ErrWouldBlock:
					t.Fatal(err)
				}
				canRead = n == len(into)
			}
			if writer.writable > 0 {
				canWrite, writer.writable = len(left) > 0, 0
			}
			if reader.readable > 0 {
				canRead, reader.readable = true, 0
			}
		}
		if !bytes.Equal(got, sent) {
			t.Fatalf("sent %q, got %q", sent, got)
		}
	})
}

func TestListeners(t *testing.T) {
	l := mem.Listen(mem.Options{})
	c, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	go c.Write([]byte("x"))
	if _, err := s.Read(make([]byte, 1)); err != nil {
		t.Error(err)
	}
	waiting, _ := l.Dial()
	l.Close()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept after Close: %v", err)
	}
	if _, err := l.Dial(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Dial after Close: %v", err)
	}
	if _, err := waiting.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Errorf("reading what was never accepted: %v", err)
	}
	p := mem.ListenPoll(mem.Options{})
	if _, err := p.TryAccept(); err != flow.ErrWouldBlock {
		t.Errorf("TryAccept: %v", err)
	}
	var e edges
	p.Announce(&e, 0)
	if _, err := p.DialPoll(); err != nil || e.readable != 1 {
		t.Errorf("DialPoll: %v, %d edges", err, e.readable)
	}
	if _, err := p.TryAccept(); err != nil {
		t.Errorf("TryAccept: %v", err)
	}
	p.Close()
	if _, err := p.TryAccept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("TryAccept after Close: %v", err)
	}
}
