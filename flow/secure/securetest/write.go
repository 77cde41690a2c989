package securetest

import (
	"bytes"
	"io"
	"sync"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
)

// counting counts the records that a Flow reads.
type counting struct {
	flow.Flow
	mu     sync.Mutex
	octets []byte
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.Flow.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.octets = append(c.octets, b[:n]...)
	return n, err
}

// applicationData are records of that type (RFC 8446, Section 5.1): how many
// there are, and how many octets the longest has.
func (c *counting) applicationData() (n, longest int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for b := c.octets; len(b) >= 5; {
		k := int(b[3])<<8 | int(b[4])
		if b[0] == 23 {
			n, longest = n+1, max(longest, k)
		}
		b = b[min(5+k, len(b)):]
	}
	return n, longest
}

// records: small slices are encrypted together.
func (p Pair) records(t *testing.T) {
	const octets = 64 << 10
	v := make([][]byte, octets/8)
	for i := range v {
		v[i] = []byte("8 octets")
	}
	check := func(t *testing.T, server end, below *counting) {
		defer server.Close()
		client := p.Client.Flow(below)
		defer client.Close()
		wrote := make(chan error, 1)
		go func() {
			_, err := server.WriteVector(v)
			wrote <- err
		}()
		got := make([]byte, octets)
		if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, bytes.Join(v, nil)) {
			t.Fatalf("other octets came than were sent, or %v", err)
		}
		if err := <-wrote; err != nil {
			t.Fatal(err)
		}
		// A few more: in TLS 1.3 those of the handshake look alike.
		if n, longest := below.applicationData(); n > 4+8 || longest < 16<<10 {
			t.Errorf("64 KiB came in %d records, the longest of %d octets", n, longest)
		}
	}
	t.Run("blocking", func(t *testing.T) {
		a, b := mem.Pipe(mem.Options{})
		check(t, whole{p.Server.Flow(a)}, &counting{Flow: b})
	})
	t.Run("polling", func(t *testing.T) {
		b, a := mem.MixedPipe(mem.Options{})
		check(t, newPolling(p.Server.Poll(a)), &counting{Flow: b})
	})
}

// written: an octet counts as written when the flow below has taken its record.
func (p Pair) written(t *testing.T) {
	const room = 5000
	for name, isServer := range map[string]bool{"server": true, "client": false} {
		t.Run(name, func(t *testing.T) {
			c := p.connect(form{"", isServer, !isServer}, mem.Options{BufferOctets: room})
			defer c.close()
			c.open(t)
			from, to := c.client, c.server
			if isServer {
				from, to = to, from
			}
			text := bytes.Repeat([]byte("0123456789"), 10_000)
			poll := from.(*polling)
			if n, err := poll.TryWrite([][]byte{text[:10]}); n != 10 && err == nil {
				t.Fatalf("TryWrite of 10 octets into an empty flow: %d, %v", n, err)
			} else {
				text = text[n:]
			}
			n, err := poll.TryWrite([][]byte{text})
			if err != flow.ErrWouldBlock || n > room || !poll.IsFull() {
				t.Errorf("%d octets are said to be written to a flow that holds %d; full: %v; %v", n, room, poll.IsFull(), err)
			}
			wrote := make(chan error, 1)
			go func() {
				_, err := from.Write(text[n:])
				wrote <- err
			}()
			if _, err := io.ReadFull(to, make([]byte, 100_000)); err != nil {
				t.Error(err)
			}
			if err := <-wrote; err != nil {
				t.Error(err)
			}
		})
	}
}
