package pump_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/pump"
)

// edges are what a Poll has announced.
type edges struct {
	mu       sync.Mutex
	readable int
	writable int
}

func (e *edges) Ready(_ uint64, r flow.Readiness) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r&flow.Readable != 0 {
		e.readable++
	}
	if r&flow.Writable != 0 {
		e.writable++
	}
}

// want says how many edges there must have been since it was asked last.
func (e *edges) want(t *testing.T, readable, writable int) {
	t.Helper()
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.readable != readable || e.writable != writable {
		t.Errorf("%d edges to read and %d to write, want %d and %d", e.readable, e.writable, readable, writable)
	}
	e.readable, e.writable = 0, 0
}

// bubble runs a test with a Poll over memory, the other end, and its edges.
func bubble(t *testing.T, o pump.Options, m mem.Options, test func(t *testing.T, p flow.Poll, peer *mem.Flow, e *edges)) {
	synctest.Test(t, func(t *testing.T) {
		peer, f := mem.Pipe(m)
		p := pump.New(f, o)
		e := &edges{}
		p.(flow.Announcing).Announce(e, 1)
		test(t, p, peer, e)
		p.Close()
		peer.Close()
		synctest.Wait() // the goroutines have gone, else the bubble says so
	})
}

// wantRead reads, and says what must come.
func wantRead(t *testing.T, p flow.Poll, max int, octets string, want error) {
	t.Helper()
	b := make([]byte, max)
	n, err := p.TryRead(b)
	if string(b[:n]) != octets || !errors.Is(err, want) {
		t.Errorf("read %q and %v, want %q and %v", b[:n], err, octets, want)
	}
}

// An edge comes when a drained Poll has octets again, or ends, and only then.
func TestReading(t *testing.T) {
	bubble(t, pump.Options{}, mem.Options{}, func(t *testing.T, p flow.Poll, peer *mem.Flow, e *edges) {
		e.want(t, 0, 0)
		io.WriteString(peer, "hello")
		e.want(t, 1, 0)
		wantRead(t, p, 3, "hel", nil)
		io.WriteString(peer, " world")
		e.want(t, 0, 0) // it isn't drained
		wantRead(t, p, 2, "lo", nil)
		e.want(t, 0, 0)
		wantRead(t, p, 100, " world", nil)
		wantRead(t, p, 100, "", flow.ErrWouldBlock)
		e.want(t, 0, 0)
		io.WriteString(peer, "!")
		peer.CloseWrite()
		e.want(t, 1, 0)
		wantRead(t, p, 100, "!", nil)
		e.want(t, 1, 0)
		wantRead(t, p, 100, "", io.EOF)
		wantRead(t, p, 100, "", io.EOF)
	})
}

// What nobody takes is bounded, and comes in order when somebody does.
func TestReadingIsBounded(t *testing.T) {
	const max = 64 << 10
	bubble(t, pump.Options{BufferOctets: max}, mem.Options{BufferOctets: 1000}, func(t *testing.T, p flow.Poll, peer *mem.Flow, e *edges) {
		all := bytes.Repeat([]byte("0123456789abcdef"), 100_000)
		taken := 0
		go func() {
			for b := all; len(b) > 0; {
				n, err := peer.Write(b[:min(len(b), 100)])
				if err != nil {
					return
				}
				b = b[n:]
				taken += n
			}
			peer.CloseWrite()
		}()
		synctest.Wait()
		if taken > max+1000+100 {
			t.Errorf("%d octets were taken, and nobody reads", taken)
		}
		var got []byte
		b := make([]byte, 1000)
		for {
			n, err := p.TryRead(b)
			got = append(got, b[:n]...)
			if err == io.EOF {
				break
			}
			if err == flow.ErrWouldBlock {
				synctest.Wait()
			}
		}
		if !bytes.Equal(got, all) {
			t.Errorf("%d octets arrived, want %d", len(got), len(all))
		}
	})
}

// A Poll that is full takes nothing, and says when it takes something again.
func TestWriting(t *testing.T) {
	bubble(t, pump.Options{BufferOctets: 100}, mem.Options{BufferOctets: 10}, func(t *testing.T, p flow.Poll, peer *mem.Flow, e *edges) {
		line := []byte(strings.Repeat("0123456789", 8))
		n, err := p.TryWrite([][]byte{line, nil, line})
		if n != 100 || err != flow.ErrWouldBlock {
			t.Errorf("wrote %d octets (%v)", n, err)
		}
		if n, err := p.TryWrite([][]byte{line}); n > 0 || err != flow.ErrWouldBlock {
			t.Errorf("wrote %d octets (%v) to a flow that is full", n, err)
		}
		e.want(t, 0, 0)
		b := make([]byte, 100)
		if _, err := io.ReadFull(peer, b); err != nil || string(b) != string(line)+string(line[:20]) {
			t.Errorf("received %q (%v)", b, err)
		}
		e.want(t, 0, 1)
		if n, err := p.TryWrite([][]byte{line}); n != 80 || err != nil {
			t.Errorf("wrote %d octets (%v)", n, err)
		}
		p.CloseWrite()
		if _, err := p.TryWrite([][]byte{line}); err == nil {
			t.Error("wrote after CloseWrite")
		}
		if b, err := io.ReadAll(peer); string(b) != string(line) || err != nil {
			t.Errorf("received %q (%v)", b, err)
		}
		io.WriteString(peer, "still here")
		synctest.Wait()
		wantRead(t, p, 100, "still here", nil)
	})
}

// What has been taken is written after Close, but not for ever.
func TestLinger(t *testing.T) {
	all := strings.Repeat("0123456789", 1000)
	write := func(t *testing.T, p flow.Poll) {
		if n, err := p.TryWrite([][]byte{[]byte(all)}); n != len(all) || err != nil {
			t.Fatalf("wrote %d octets (%v)", n, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if _, err := p.TryWrite(nil); !errors.Is(err, os.ErrClosed) {
			t.Errorf("writing after Close: %v", err)
		}
		wantRead(t, p, 1, "", os.ErrClosed)
	}
	bubble(t, pump.Options{}, mem.Options{BufferOctets: 10}, func(t *testing.T, p flow.Poll, peer *mem.Flow, e *edges) {
		write(t, p)
		time.Sleep(4 * time.Second)
		if b, err := io.ReadAll(peer); string(b) != all || err != nil {
			t.Errorf("received %d octets (%v)", len(b), err)
		}
	})
	bubble(t, pump.Options{}, mem.Options{BufferOctets: 10}, func(t *testing.T, p flow.Poll, peer *mem.Flow, e *edges) {
		write(t, p)
		time.Sleep(6 * time.Second)
		if b, _ := io.ReadAll(peer); len(b) > 20 {
			t.Errorf("received %d octets after Linger", len(b))
		}
	})
	bubble(t, pump.Options{Linger: -1}, mem.Options{BufferOctets: 10}, func(t *testing.T, p flow.Poll, peer *mem.Flow, e *edges) {
		write(t, p)
		synctest.Wait()
		if b, _ := io.ReadAll(peer); len(b) > 20 {
			t.Errorf("received %d octets", len(b))
		}
	})
}

// Reset loses what is under way, and the peer's reading fails.
func TestReset(t *testing.T) {
	bubble(t, pump.Options{}, mem.Options{BufferOctets: 10}, func(t *testing.T, p flow.Poll, peer *mem.Flow, e *edges) {
		p.TryWrite([][]byte{make([]byte, 1000)})
		p.(flow.Resetter).Reset()
		synctest.Wait()
		if b, err := io.ReadAll(peer); len(b) > 0 || err == nil {
			t.Errorf("received %d octets (%v)", len(b), err)
		}
	})
}

// A Poll that blocks gives first what it has read, and writes first what it has
// taken.
func TestBlock(t *testing.T) {
	bubble(t, pump.Options{}, mem.Options{BufferOctets: 10}, func(t *testing.T, p flow.Poll, peer *mem.Flow, e *edges) {
		io.WriteString(peer, "before")
		synctest.Wait()
		io.WriteString(peer, " and ")
		p.TryWrite([][]byte{[]byte("an answer that is longer than the buffer, ")})
		f, err := p.(flow.Blockable).Block()
		if err != nil {
			t.Fatal(err)
		}
		e.want(t, 1, 0)
		done := make(chan struct{})
		go func() {
			defer close(done)
			io.WriteString(f, "and more")
			f.(flow.CloseWriter).CloseWrite()
		}()
		if b, err := io.ReadAll(peer); string(b) != "an answer that is longer than the buffer, and more" || err != nil {
			t.Errorf("the peer received %q (%v)", b, err)
		}
		<-done
		go func() {
			io.WriteString(peer, "after that")
			time.Sleep(time.Hour)
			io.WriteString(peer, "much later")
			peer.CloseWrite()
		}()
		b := make([]byte, len("before and after that"))
		if _, err := io.ReadFull(f, b); string(b) != "before and after that" {
			t.Errorf("read %q (%v)", b, err)
		}
		d := f.(flow.Deadliner)
		d.SetReadDeadline(time.Now().Add(time.Minute))
		if n, err := f.Read(b); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read %d octets (%v) until the deadline", n, err)
		}
		d.SetReadDeadline(time.Time{})
		if b, err := io.ReadAll(f); string(b) != "much later" || err != nil {
			t.Errorf("read %q (%v)", b, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if _, err := f.Read(b); err == nil {
			t.Error("read after Close")
		}
	})
}

// A deadline that passes while the goroutine of the Poll still reads isn't the
// end of the flow.
func TestBlockWhileReading(t *testing.T) {
	bubble(t, pump.Options{}, mem.Options{}, func(t *testing.T, p flow.Poll, peer *mem.Flow, e *edges) {
		e.want(t, 0, 0)
		f, err := p.(flow.Blockable).Block()
		if err != nil {
			t.Fatal(err)
		}
		d := f.(flow.Deadliner)
		d.SetReadDeadline(time.Now().Add(time.Second))
		b := make([]byte, 10)
		if _, err := f.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read until the deadline: %v", err)
		}
		d.SetReadDeadline(time.Time{})
		io.WriteString(peer, "hello")
		if n, err := f.Read(b); string(b[:n]) != "hello" || err != nil {
			t.Errorf("read %q (%v)", b[:n], err)
		}
	})
}

// opened is a flow that has to be opened, and knows things then.
type opened struct {
	flow.Flow
	answer chan error
}

func (o *opened) Open() error             { return <-o.answer }
func (o *opened) ALPN() string            { return "h2" }
func (o *opened) Security() flow.Security { return flow.Security{Version: "TLS 9"} }

// A Poll opens, and tells what its flow tells; one over a flow that doesn't,
// doesn't.
func TestOptionalInterfaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, failure := range []error{nil, io.ErrNoProgress} {
			peer, f := mem.Pipe(mem.Options{})
			o := &opened{f, make(chan error)}
			p := pump.New(o, pump.Options{})
			e := &edges{}
			p.(flow.Announcing).Announce(e, 1)
			if err := p.(flow.Opener).Open(); err != flow.ErrWouldBlock {
				t.Errorf("Open: %v", err)
			}
			io.WriteString(peer, "hello")
			e.want(t, 0, 0)
			o.answer <- failure
			synctest.Wait()
			if err := p.(flow.Opener).Open(); err != failure {
				t.Errorf("Open: %v, want %v", err, failure)
			}
			if failure == nil {
				wantRead(t, p, 10, "hello", nil)
			}
			if p.(flow.Negotiated).ALPN() != "h2" || p.(flow.Secured).Security().Version != "TLS 9" {
				t.Error("it doesn't tell what its flow tells")
			}
			p.Close()
		}
		_, f := mem.Pipe(mem.Options{})
		p := pump.New(f, pump.Options{})
		_, opens := p.(flow.Opener)
		_, negotiates := p.(flow.Negotiated)
		_, secures := p.(flow.Secured)
		if opens || negotiates || secures {
			t.Error("it claims what its flow doesn't")
		}
		p.Close()
		for _, f := range []flow.Flow{
			struct {
				flow.Flow
				flow.Negotiated
			}{}, struct {
				flow.Flow
				flow.Secured
			}{}, struct {
				flow.Flow
				flow.Opener
			}{}, struct {
				flow.Flow
				flow.Opener
				flow.Negotiated
			}{}, struct {
				flow.Flow
				flow.Opener
				flow.Secured
			}{}, struct {
				flow.Flow
				flow.Negotiated
				flow.Secured
			}{},
		} {
			p := pump.New(f, pump.Options{})
			_, opens := f.(flow.Opener)
			_, negotiates := f.(flow.Negotiated)
			_, secures := f.(flow.Secured)
			if _, ok := p.(flow.Opener); ok != opens {
				t.Errorf("a %T opens: %v", f, ok)
			}
			if _, ok := p.(flow.Negotiated); ok != negotiates {
				t.Errorf("a %T negotiates: %v", f, ok)
			}
			if _, ok := p.(flow.Secured); ok != secures {
				t.Errorf("a %T is secured: %v", f, ok)
			}
		}
	})
}

// Any net.Conn will do.
func TestNetConn(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	p := pump.New(s, pump.Options{})
	if got, want := p.(flow.Addressed).Peer(), netip.MustParseAddrPort(c.LocalAddr().String()); got != want {
		t.Errorf("the peer is %v, want %v", got, want)
	}
	p.(flow.Resetter).Reset()
	if _, err := c.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Errorf("reading after a reset: %v", err)
	}
	x, y := net.Pipe()
	defer y.Close()
	q := pump.New(x, pump.Options{})
	if q.(flow.Addressed).Peer().IsValid() {
		t.Error("a pipe has an address")
	}
	if _, err := q.TryWrite([][]byte{[]byte("hello")}); err != nil {
		t.Error(err)
	}
	q.Close()
	if b, err := io.ReadAll(y); string(b) != "hello" || err != nil {
		t.Errorf("read %q (%v)", b, err)
	}
}
