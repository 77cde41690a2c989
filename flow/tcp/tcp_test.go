package tcp_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/tcp"
)

func TestFlow(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", ":0"} {
		t.Run(address, func(t *testing.T) {
			l, err := tcp.Listen(address)
			if err != nil {
				t.Skip(err)
			}
			defer l.Close()
			client, err := tcp.Dial(t.Context(), reachable(l.Addr()))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			server, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			if got := server.(flow.Addressed).Peer().String(); got != client.LocalAddr().String() {
				t.Errorf("the peer is %s, want %s", got, client.LocalAddr())
			}
			v := [][]byte{[]byte("ab"), {}, []byte("c")}
			if n, err := client.WriteVector(v); n != 3 || err != nil {
				t.Errorf("WriteVector: %d, %v", n, err)
			}
			if len(v[0]) != 2 || len(v[2]) != 1 {
				t.Errorf("the vector was changed: %q", v)
			}
			client.CloseWrite()
			if got, err := io.ReadAll(server); string(got) != "abc" || err != nil {
				t.Errorf("read %q, %v", got, err)
			}
		})
	}
}

// reachable is an address to dial for one to listen on.
func reachable(address string) string {
	return strings.Replace(address, "[::]", "[::1]", 1)
}

func TestAddressInUse(t *testing.T) {
	l, err := tcp.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := tcp.Listen(l.Addr()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("Listen: %v", err)
	}
	if _, err := tcp.ListenPoll(l.Addr()); !errors.Is(err, syscall.EADDRINUSE) && !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("ListenPoll: %v", err)
	}
}

// listenPoll listens where there are polling flows.
func listenPoll(t *testing.T, address string) flow.PollListener {
	t.Helper()
	l, err := tcp.ListenPoll(address)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestPoll(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", ":0"} {
		t.Run(address, func(t *testing.T) {
			l := listenPoll(t, address)
			if _, err := l.TryAccept(); err != flow.ErrWouldBlock {
				t.Errorf("TryAccept: %v", err)
			}
			client, err := tcp.Dial(t.Context(), reachable(l.Addr()))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			server := until(t, l.TryAccept)
			defer server.Close()
			if got, want := server.(flow.Addressed).Peer(), netip.MustParseAddrPort(client.LocalAddr().String()); got != want {
				t.Errorf("the peer is %s, want %s", got, want)
			}
			b := make([]byte, 100)
			if _, err := server.TryRead(b); err != flow.ErrWouldBlock {
				t.Errorf("TryRead: %v", err)
			}
			var v [][]byte
			for i := range 100 { // more than one sendmsg takes
				v = append(v, bytes.Repeat([]byte{byte(i)}, i))
			}
			all := bytes.Join(v, nil)
			if n, err := server.TryWrite(v); n != len(all) || err != nil {
				t.Errorf("TryWrite: %d, %v", n, err)
			}
			got := make([]byte, len(all))
			if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, all) {
				t.Errorf("the octets are damaged: %v", err)
			}
			client.Write([]byte("hello"))
			client.CloseWrite()
			n := until(t, func() (int, error) { return server.TryRead(b) })
			if string(b[:n]) != "hello" {
				t.Errorf("read %q", b[:n])
			}
			if _, err := try(func() (int, error) { return server.TryRead(b) }); err != io.EOF {
				t.Errorf("at the end: %v", err)
			}
			if err := server.CloseWrite(); err != nil {
				t.Error(err)
			}
			if _, err := client.Read(b); err != io.EOF {
				t.Errorf("after CloseWrite: %v", err)
			}
			server.Close()
			if _, err := server.TryRead(b); !errors.Is(err, syscall.EBADF) {
				t.Errorf("after Close: %v", err)
			}
		})
	}
}

// A flow that is full takes a part, and says so.
func TestPollFull(t *testing.T) {
	l := listenPoll(t, "127.0.0.1:0")
	client, err := tcp.Dial(t.Context(), l.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server := until(t, l.TryAccept)
	defer server.Close()
	all := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	n, err := server.TryWrite([][]byte{all[:1000], all[1000:]})
	if n == 0 || n == len(all) || err != flow.ErrWouldBlock {
		t.Fatalf("TryWrite: %d, %v", n, err)
	}
	got := make([]byte, n)
	if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, all[:n]) {
		t.Errorf("the octets are damaged: %v", err)
	}
}

func TestDialPoll(t *testing.T) {
	l := listenPoll(t, "127.0.0.1:0")
	client, err := tcp.DialPoll(l.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server := until(t, l.TryAccept)
	defer server.Close()
	if n, err := try(func() (int, error) { return client.TryWrite([][]byte{[]byte("hello")}) }); n != 5 || err != nil {
		t.Errorf("TryWrite: %d, %v", n, err)
	}
	b := make([]byte, 100)
	if n := until(t, func() (int, error) { return server.TryRead(b) }); string(b[:n]) != "hello" {
		t.Errorf("read %q", b[:n])
	}
	address := l.Addr()
	l.Close()
	refused, err := tcp.DialPoll(address)
	if err == nil {
		defer refused.Close()
		_, err = try(func() (int, error) { return refused.TryRead(b) })
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialing nobody: %v", err)
	}
}

// try repeats f while it would block.
func try[T any](f func() (T, error)) (T, error) {
	for {
		if v, err := f(); err != flow.ErrWouldBlock {
			return v, err
		}
	}
}

// until is try where nothing may fail.
func until[T any](t *testing.T, f func() (T, error)) T {
	t.Helper()
	v, err := try(f)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Listeners that share an address get every connection between them, and who
// doesn't share can't take it.
func TestListenPollShared(t *testing.T) {
	all, err := tcp.ListenPollShared("127.0.0.1:0", 3)
	if err != nil {
		t.Skip(err)
	}
	for _, l := range all {
		defer l.Close()
		if l.Addr() != all[0].Addr() {
			t.Errorf("one listens on %s, another on %s", all[0].Addr(), l.Addr())
		}
	}
	if _, err := tcp.ListenPoll(all[0].Addr()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("ListenPoll: %v", err)
	}
	for range 20 {
		c, err := tcp.Dial(t.Context(), all[0].Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	accepted := 0
	for _, l := range all {
		for f, err := l.TryAccept(); err == nil; f, err = l.TryAccept() {
			accepted++
			f.Close()
		}
	}
	if accepted != 20 {
		t.Errorf("%d connections were accepted, want 20", accepted)
	}
}

// Only what listens for streams makes a listener.
func TestPollListenerOf(t *testing.T) {
	l, err := tcp.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := tcp.Dial(t.Context(), l.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = tcp.PollListenerOf(c.TCPConn)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err == nil || !strings.Contains(err.Error(), "doesn't listen") {
		t.Errorf("of a connection: %v", err)
	}
	at := t.TempDir() + "/s"
	u, err := net.Listen("unix", at)
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	if _, err = tcp.PollListenerOf(u.(*net.UnixListener)); err == nil || !strings.Contains(err.Error(), "isn't one of TCP") {
		t.Errorf("of a Unix socket: %v", err)
	}
}
