package loop_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/flow/unix"
	"github.com/specht-http/specht/loop"
)

// What a Poller promises, asked of the system's: epoll's, kqueue's.

// newPoller is the system's Poller.
func newPoller(t *testing.T) loop.Poller {
	t.Helper()
	p, err := loop.NewPoller()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// waitOnce is what one Wait reports, by token.
func waitOnce(t *testing.T, p loop.Poller, timeoutNs int64, isShared bool) map[uint64]flow.Readiness {
	t.Helper()
	var events [256]loop.Event
	n, err := p.Wait(events[:], timeoutNs, isShared)
	if err != nil {
		t.Fatal(err)
	}
	ready := map[uint64]flow.Readiness{}
	for _, e := range events[:n] {
		ready[e.Token] |= e.Ready
	}
	return ready
}

// wantReady waits until all of r has been reported with the token, and nothing
// with any other.
func wantReady(t *testing.T, p loop.Poller, token uint64, r flow.Readiness) {
	t.Helper()
	const wait = 10 * time.Second
	var got flow.Readiness
	for begin := time.Now(); got&r != r; {
		for its, ready := range waitOnce(t, p, int64(wait), false) {
			if its != token {
				t.Fatalf("token %d is reported, want %d", its, token)
			}
			got |= ready
		}
		if time.Since(begin) > wait {
			t.Fatalf("%b is reported, want %b", got, r)
		}
	}
	if extra := got &^ r; extra != 0 {
		t.Fatalf("%b is reported, want %b", got, r)
	}
}

// wantNothing looks once.
func wantNothing(t *testing.T, p loop.Poller) {
	t.Helper()
	if got := waitOnce(t, p, 0, false); len(got) > 0 {
		t.Fatalf("%v is reported, want nothing", got)
	}
}

// pollPair is a connection, watched by p with the token, and its peer.
func pollPair(t *testing.T, kind string, p loop.Poller, token uint64) (f, peer flow.Poll) {
	t.Helper()
	listen, dial, address := tcp.ListenPoll, tcp.DialPoll, "127.0.0.1:0"
	if kind == "unix" {
		listen, dial, address = unix.ListenPoll, unix.DialPoll, t.TempDir()+"/s"
	}
	l, err := listen(address)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := p.Add(l.(flow.Described).Descriptor(), 1); err != nil {
		t.Fatal(err)
	}
	if peer, err = dial(l.Addr()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close() })
	wantReady(t, p, 1, flow.Readable)
	if f, err = l.TryAccept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if err := p.Add(f.(flow.Described).Descriptor(), token); err != nil {
		t.Fatal(err)
	}
	return f, peer
}

func TestPollerReportsEdges(t *testing.T) {
	for _, kind := range []string{"tcp", "unix"} {
		t.Run(kind, func(t *testing.T) {
			p := newPoller(t)
			const token = 1<<40 + 7
			f, peer := pollPair(t, kind, p, token)
			descriptor := f.(flow.Described).Descriptor()
			wantNothing(t, p)
			write(t, peer, "a")
			wantReady(t, p, token, flow.Readable)
			wantNothing(t, p) // though nobody has read
			write(t, peer, "b")
			wantReady(t, p, token, flow.Readable)
			b := make([]byte, 10)
			if n, err := f.TryRead(b); string(b[:n]) != "ab" || err != nil {
				t.Fatalf("read %q, %v", b[:n], err)
			}
			wantNothing(t, p)

			if err := p.WatchWrites(descriptor, token, true); err != nil {
				t.Fatal(err)
			}
			wantReady(t, p, token, flow.Writable)
			wantNothing(t, p)
			if err := p.WatchWrites(descriptor, token, false); err != nil {
				t.Fatal(err)
			}
			if kind == "unix" { // whose octets are there at once
				pollerReportsRoom(t, p, f, peer, token)
			}
			// Reading has been watched all the time.
			if err := peer.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			wantReady(t, p, token, flow.Readable|flow.Ended)
			if _, err := f.TryRead(b); err != io.EOF {
				t.Fatalf("at the end: %v", err)
			}
		})
	}
}

// pollerReportsRoom fills f, and makes room.
func pollerReportsRoom(t *testing.T, p loop.Poller, f, peer flow.Poll, token uint64) {
	t.Helper()
	descriptor := f.(flow.Described).Descriptor()
	fill(t, f)
	drain(t, peer)
	wantNothing(t, p)
	fill(t, f)
	if err := p.WatchWrites(descriptor, token, true); err != nil {
		t.Fatal(err)
	}
	wantNothing(t, p)
	drain(t, peer)
	wantReady(t, p, token, flow.Writable)
	if err := p.WatchWrites(descriptor, token, false); err != nil {
		t.Fatal(err)
	}
}

// Our own end of writing is none of reading, whoever watches what.
func TestPollerCloseWriteIsNoEnd(t *testing.T) {
	p := newPoller(t)
	f, peer := pollPair(t, "tcp", p, 5)
	if err := p.WatchWrites(f.(flow.Described).Descriptor(), 5, true); err != nil {
		t.Fatal(err)
	}
	wantReady(t, p, 5, flow.Writable)
	if err := f.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	for _, r := range waitOnce(t, p, 0, false) {
		if r&flow.Ended != 0 {
			t.Error("the end is reported, but the peer hasn't finished")
		}
	}
	write(t, peer, "a")
	wantReadyAmong(t, p, 5, flow.Readable)
}

func TestPollerReportsWhatIsThere(t *testing.T) {
	p, late := newPoller(t), newPoller(t)
	f, peer := pollPair(t, "unix", p, 5)
	write(t, peer, "a")
	if err := late.Add(f.(flow.Described).Descriptor(), 6); err != nil {
		t.Fatal(err)
	}
	wantReady(t, late, 6, flow.Readable)
	peer.Close()
	wantReadyAmong(t, late, 6, flow.Readable|flow.Ended)
}

func TestPollerRemove(t *testing.T) {
	p := newPoller(t)
	f, peer := pollPair(t, "unix", p, 5)
	descriptor := f.(flow.Described).Descriptor()
	for _, watchesWrites := range []bool{false, true} {
		if watchesWrites {
			if err := p.WatchWrites(descriptor, 5, true); err != nil {
				t.Fatal(err)
			}
			wantReadyAmong(t, p, 5, flow.Writable)
		}
		if err := p.Remove(descriptor); err != nil {
			t.Fatal(err)
		}
		write(t, peer, "a")
		wantNothing(t, p)
		if err := p.Remove(descriptor); err == nil {
			t.Error("what isn't watched can be removed")
		}
		if err := p.Add(descriptor, 6); err != nil {
			t.Fatal(err)
		}
		wantReady(t, p, 6, flow.Readable)
		if _, err := f.TryRead(make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPollerRefusesWhatIsClosed(t *testing.T) {
	p := newPoller(t)
	f, _ := pollPair(t, "unix", p, 5)
	descriptor := f.(flow.Described).Descriptor()
	f.Close()
	for _, fd := range []int{descriptor, f.(flow.Described).Descriptor()} {
		if err := p.Add(fd, 6); err == nil {
			t.Errorf("descriptor %d is watched", fd)
		}
	}
	wantNothing(t, p)
}

// A connection that nobody takes is reported as one that can be tried, which
// then tells the error.
func TestPollerReportsRefusal(t *testing.T) {
	p := newPoller(t)
	l, err := tcp.ListenPoll("127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	address := l.Addr()
	l.Close()
	f, err := tcp.DialPoll(address)
	if err != nil {
		return // it was refused at once
	}
	defer f.Close()
	if err := p.Add(f.(flow.Described).Descriptor(), 5); err != nil {
		t.Fatal(err)
	}
	wantReadyAmong(t, p, 5, flow.Readable|flow.Ended)
	if _, err := f.TryRead(make([]byte, 1)); err == nil || err == flow.ErrWouldBlock {
		t.Errorf("reading a refused connection: %v", err)
	}
}

func TestPollerWaits(t *testing.T) {
	for _, isShared := range []bool{false, true} {
		p := newPoller(t)
		begin := time.Now()
		for len(waitOnce(t, p, 1e6, isShared)) == 0 && time.Since(begin) < 5*time.Millisecond {
		}
		p.Wake() // before
		waitOnce(t, p, -1, isShared)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 100 { // and meanwhile
				p.Wake()
			}
		}()
		waitOnce(t, p, -1, isShared)
		<-done
		waitOnce(t, p, 0, isShared)
		f, peer := pollPair(t, "unix", p, 9)
		write(t, peer, "a")
		if got := waitOnce(t, p, -1, isShared); got[9] != flow.Readable {
			t.Errorf("shared %v: %v is reported", isShared, got)
		}
		f.Close()
		wantNothing(t, p)
	}
}

// No Wake is lost: each one ends a Wait, however they cross.
func TestPollerWakesCross(t *testing.T) {
	for _, isShared := range []bool{false, true} {
		p := newPoller(t)
		asked, answered := make(chan struct{}), make(chan struct{})
		go func() {
			for range asked {
				p.Wake()
				answered <- struct{}{}
			}
		}()
		for range 5000 {
			asked <- struct{}{}
			waitOnce(t, p, -1, isShared)
			<-answered
		}
		close(asked)
	}
}

// Wake may come while the Poller is closed, and afterwards.
func TestPollerWakeWhileClosing(t *testing.T) {
	p := newPoller(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 1000 {
			p.Wake()
		}
	}()
	for range 2 {
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	<-done
}

// wantReadyAmong is wantReady where more may be reported.
func wantReadyAmong(t *testing.T, p loop.Poller, token uint64, r flow.Readiness) {
	t.Helper()
	var got flow.Readiness
	for begin := time.Now(); got&r != r; {
		got |= waitOnce(t, p, 1e9, false)[token]
		if time.Since(begin) > 10*time.Second {
			t.Fatalf("%b is reported, want %b", got, r)
		}
	}
}

// write writes all of s.
func write(t *testing.T, f flow.Poll, s string) {
	t.Helper()
	for {
		if _, err := f.TryWrite([][]byte{[]byte(s)}); err == nil {
			return
		} else if err != flow.ErrWouldBlock {
			t.Fatal(err)
		}
	}
}

// fill writes until f is full.
func fill(t *testing.T, f flow.Poll) {
	t.Helper()
	b := [][]byte{make([]byte, 1<<20)}
	for {
		if _, err := f.TryWrite(b); err == flow.ErrWouldBlock {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// drain reads until there is nothing.
func drain(t *testing.T, f flow.Poll) {
	t.Helper()
	b := make([]byte, 1<<20)
	for {
		if _, err := f.TryRead(b); err == flow.ErrWouldBlock {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
