package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	slowPeers = flag.Int("slow", 0, "how many slow peers there are in TestSlowHerd, which takes as long as a head may")
	slowAt    = flag.String("slow.at", "", "host:port of a specht serve that TestSlowHerd is to ask, instead of its own")
)

// A herd that drips an octet a second is cut when its time is over, while
// others are served. It is h1's TestSlowPeers at its full size and in real
// time, so it runs only when asked for:
//
//	go test ./cmd/specht -run SlowHerd -v -slow 2000
func TestSlowHerd(t *testing.T) {
	if *slowPeers == 0 {
		t.Skip("takes 15 s of real time: ask for it by -slow 2000")
	}
	if *slowAt != "" {
		slowHerd(t, *slowAt)
		return
	}
	drivers(t, 0, func(t *testing.T, s *served) { slowHerd(t, strings.TrimPrefix(s.url, "http://")) })
}

func slowHerd(t *testing.T, address string) {
	var cut, wrong atomic.Int64
	var mu sync.Mutex
	var lasted []time.Duration
	var herd sync.WaitGroup
	began := time.Now()
	for range *slowPeers {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		herd.Go(func() {
			took, answer := drip(conn)
			if !strings.HasPrefix(answer, "HTTP/1.1 408 ") {
				if wrong.Add(1) < 5 {
					t.Errorf("a slow peer received %.60q", answer)
				}
				return
			}
			cut.Add(1)
			mu.Lock()
			defer mu.Unlock()
			lasted = append(lasted, took)
		})
	}
	t.Logf("%d slow peers have connected within %v", *slowPeers, time.Since(began).Round(time.Millisecond))

	over := make(chan struct{})
	var waits []time.Duration
	var asking sync.WaitGroup
	asking.Go(func() { waits = askUntil(t, address, over) })
	herd.Wait()
	close(over)
	asking.Wait()
	slices.Sort(lasted)
	slices.Sort(waits)
	if len(waits) == 0 || len(lasted) == 0 {
		t.Fatal("nobody was cut, or nobody served")
	}
	t.Logf("%d of them were answered by 408 and cut, after %v to %v", cut.Load(), lasted[0].Round(time.Millisecond), lasted[len(lasted)-1].Round(time.Millisecond))
	t.Logf("%d other requests were served meanwhile; half of them within %v, 99 in 100 within %v, all within %v",
		len(waits), waits[len(waits)/2].Round(time.Microsecond), waits[len(waits)*99/100].Round(time.Microsecond), waits[len(waits)-1].Round(time.Microsecond))
}

// drip sends an octet a second until the peer has finished. It is how long that
// took, and what was received.
func drip(conn net.Conn) (took time.Duration, answer string) {
	began := time.Now()
	var sending sync.WaitGroup
	done := make(chan struct{})
	sending.Go(func() {
		_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nX: ")
		for err == nil {
			select {
			case <-done:
				return
			case <-time.After(time.Second):
				_, err = conn.Write([]byte("a"))
			}
		}
	})
	b, _ := io.ReadAll(conn) // reset or not, the answer counts
	took = time.Since(began)
	close(done)
	sending.Wait()
	conn.Close()
	return took, string(b)
}

// askUntil asks again and again on one connection, and is how long each answer
// took.
func askUntil(t *testing.T, address string, over <-chan struct{}) (waits []time.Duration) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer conn.Close()
	p := make([]byte, 1000)
	for {
		select {
		case <-over:
			return waits
		case <-time.After(2 * time.Millisecond):
		}
		asked := time.Now()
		if _, err := fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
			t.Error(err)
			return waits
		}
		for got := []byte(nil); !bytes.HasSuffix(got, []byte("\r\n\r\nHello, World!")); {
			n, err := conn.Read(p)
			if got = append(got, p[:n]...); err != nil {
				t.Errorf("%q, %v", got, err)
				return waits
			}
		}
		waits = append(waits, time.Since(asked))
	}
}
