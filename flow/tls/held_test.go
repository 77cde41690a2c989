package tls_test

import (
	cryptotls "crypto/tls"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/flow/tls"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// recordOctets is what a record is at most, with what encryption adds.
const recordOctets = 18 << 10

// metered counts what is read from it.
type metered struct {
	*mem.Poll
	octets int
}

func (m *metered) TryRead(b []byte) (int, error) {
	n, err := m.Poll.TryRead(b)
	m.octets += n
	return n, err
}

// asConn is a flow as crypto/tls wants it.
type asConn struct{ *mem.Flow }

func (asConn) RemoteAddr() net.Addr            { return nil }
func (asConn) LocalAddr() net.Addr             { return nil }
func (c asConn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// openPoll is a server that polls and whose client is crypto/tls's own, both of
// them open, over buffers of so many octets.
func openPoll(t *testing.T, bufferOctets int) (p *secure.Poll, below *metered, c *cryptotls.Conn) {
	t.Helper()
	server, client := pair()
	a, b := mem.MixedPipe(mem.Options{BufferOctets: bufferOctets})
	below = &metered{Poll: b}
	p = tls.NewServer(server, tls.Options{}).Poll(below)
	c = cryptotls.Client(asConn{a}, client)
	done := make(chan error, 1)
	go func() { done <- c.Handshake() }()
	for p.Open() != nil {
		runtime.Gosched()
	}
	for p.IsFull() { // tickets
		_, _ = p.TryWrite(nil)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	below.octets = 0
	t.Cleanup(func() { p.Close(); a.Close() })
	return p, below, c
}

// A read takes no more from below than it is asked for, and a record.
func TestReadTakesARecordMore(t *testing.T) {
	p, below, c := openPoll(t, 8<<20)
	if _, err := c.Write(make([]byte, 128<<10)); err != nil {
		t.Fatal(err)
	}
	const asked = 4 << 10
	n, err := p.TryRead(make([]byte, asked))
	if n != asked || err != nil || below.octets > asked+recordOctets || p.Held() > recordOctets {
		t.Errorf("TryRead of %d octets: %d, %v; it has taken %d from below, and holds %d", asked, n, err, below.octets, p.Held())
	}
	t.Logf("a read of %d octets takes %d from below, and %d are held then", asked, below.octets, p.Held())
	for got := n; got < 128<<10; got += n {
		if n, err = p.TryRead(make([]byte, asked)); err != nil {
			t.Fatal(err)
		}
	}
	if p.Held() != 0 {
		t.Errorf("%d octets are held when everything has been read", p.Held())
	}
}

// One read decrypts a bounded number of records, however little is in them: others
// have their turns, and it has another.
func TestTinyRecords(t *testing.T) {
	const records = 20_000
	p, below, c := openPoll(t, 8<<20)
	for range records {
		if _, err := c.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	var told notifier
	p.Announce(&told, 0)
	got, b := 0, make([]byte, 64<<10)
	for rounds := 0; got < records; rounds++ {
		below.octets, told.n = 0, 0
		n, err := p.TryRead(b)
		if got += n; n == 0 || err != nil || below.octets > 68<<10 {
			t.Fatalf("round %d: %d octets of content out of %d from below, %v", rounds, n, below.octets, err)
		}
		if got < records && told.n == 0 {
			t.Fatalf("after %d octets nobody is told that there are more", got)
		}
	}
}

// notifier counts what it is told.
type notifier struct {
	mu sync.Mutex
	n  int
}

func (o *notifier) Ready(uint64, flow.Readiness) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.n++
}

// For a peer that is slow, a record is encrypted at a time.
func TestSlowPeerHoldsARecord(t *testing.T) {
	const octets = 1 << 20
	p, _, c := openPoll(t, 20_000)
	text := [][]byte{make([]byte, octets)}
	n, err := p.TryWrite(text)
	if err != flow.ErrWouldBlock {
		t.Fatal(n, err)
	}
	most, first := 0, p.Held()
	b := make([]byte, 1000)
	for left := octets; left > 0; {
		k, err := c.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		left -= k
		if text[0] = text[0][n:]; len(text[0]) > 0 {
			n, _ = p.TryWrite(text)
		} else {
			n, _ = p.TryWrite(nil)
		}
		if octets-left > 128<<10 { // the first batch has left
			most = max(most, p.Held())
		}
	}
	if most == 0 || most > recordOctets {
		t.Errorf("%d octets are held for a slow peer", most)
	}
	if p.Held() != 0 {
		t.Errorf("%d octets are held when everything has left", p.Held())
	}
	t.Logf("held: %d octets when the peer has just become slow, then %d", first, most)
}

// What layers hold for peers that read nothing is counted, and stops them from
// having more read: it is a batch of records for each.
func TestHeldOctetsOfLayers(t *testing.T) {
	const connections = 50
	server, client := pair()
	var mu sync.Mutex
	var polls []*secure.Poll
	l, err := loop.New(loop.Options{Poller: loop.NewQueue(), HeldOctetsMax: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	below := mem.ListenPoll(mem.Options{BufferOctets: 20_000})
	done := make(chan error, 1)
	go func() {
		done <- l.Serve(tls.NewServer(server, tls.Options{}).ListenPoll(below), func(f any) engine.Engine {
			mu.Lock()
			defer mu.Unlock()
			polls = append(polls, f.(*secure.Poll))
			return &told{text: make([]byte, 1<<20)}
		})
	}()
	for range connections {
		b, err := below.Dial()
		if err != nil {
			t.Fatal(err)
		}
		c := tls.Client(b, client)
		defer c.Close()
		if _, err := io.WriteString(c, "x\n"); err != nil {
			t.Fatal(err)
		}
	}
	looptest.Eventually(t, "what is held is counted", func() bool {
		mu.Lock()
		defer mu.Unlock()
		held := 0
		for _, p := range polls {
			held += p.Held()
		}
		return len(polls) == connections && held > connections*recordOctets && l.Stats().HeldOctets == int64(held)
	})
	if n := l.Stats().HeldOctets; n > connections*4*recordOctets {
		t.Errorf("%d connections hold %d octets", connections, n)
	} else {
		t.Logf("%d connections hold %d octets each", connections, n/connections)
	}
	l.Close()
	if err := <-done; err != nil || l.Stats().HeldOctets != 0 {
		t.Error(err, l.Stats().HeldOctets)
	}
}

// That layers hold something stops no connection for good.
func TestHeldOctetsOfLayersGoOn(t *testing.T) {
	server, client := pair()
	l, err := loop.New(loop.Options{Poller: loop.NewQueue(), HeldOctetsMax: 1 << 10})
	if err != nil {
		t.Fatal(err)
	}
	below := mem.ListenPoll(mem.Options{})
	go l.Serve(tls.NewServer(server, tls.Options{}).ListenPoll(below), func(any) engine.Engine { return &told{text: []byte("a line\n")} })
	defer l.Close()
	const lines = 20_000
	var wg sync.WaitGroup
	for range 4 {
		b, err := below.Dial()
		if err != nil {
			t.Fatal(err)
		}
		c := tls.Client(b, client)
		wg.Go(func() { _, _ = io.WriteString(c, strings.Repeat("a line\n", lines)) })
		wg.Go(func() {
			if _, err := io.ReadFull(c, make([]byte, lines*len("a line\n"))); err != nil {
				t.Error(err)
			}
			c.Close()
		})
	}
	wg.Wait()
}
