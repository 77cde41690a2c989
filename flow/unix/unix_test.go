package unix_test

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/unix"
)

// closer is a listener of either kind.
type closer interface {
	Close() error
	Addr() string
}

// kinds are the two ways to listen.
var kinds = []struct {
	name   string
	listen func(path string) (closer, error)
}{
	{"blocking", func(path string) (closer, error) { return unix.Listen(path) }},
	{"polling", func(path string) (closer, error) { return unix.ListenPoll(path) }},
}

// each runs f for every way to listen that works here.
func each(t *testing.T, f func(t *testing.T, path string, listen func(string) (closer, error))) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			l, err := k.listen(filepath.Join(t.TempDir(), "try"))
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
			f(t, filepath.Join(t.TempDir(), "socket"), k.listen)
		})
	}
}

func TestAddressInUse(t *testing.T) {
	each(t, func(t *testing.T, path string, listen func(string) (closer, error)) {
		l, err := listen(path)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if l.Addr() != path {
			t.Errorf("listens on %s, want %s", l.Addr(), path)
		}
		if _, err := listen(path); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("listening twice: %v", err)
		}
		if c, err := unix.Dial(t.Context(), path); err != nil {
			t.Errorf("the first listener is gone: %v", err)
		} else {
			c.Close()
		}
	})
}

func TestCloseRemovesTheFile(t *testing.T) {
	each(t, func(t *testing.T, path string, listen func(string) (closer, error)) {
		l, err := listen(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(path); !os.IsNotExist(err) {
			t.Errorf("the socket file is still there (%v)", err)
		}
	})
}

// A socket file that a dead server left is in nobody's way.
func TestStaleFileIsRemoved(t *testing.T) {
	each(t, func(t *testing.T, path string, listen func(string) (closer, error)) {
		dead, err := net.Listen("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		dead.(*net.UnixListener).SetUnlinkOnClose(false)
		dead.Close()
		l, err := listen(path)
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
	})
}

func TestOtherFilesStay(t *testing.T) {
	each(t, func(t *testing.T, path string, listen func(string) (closer, error)) {
		if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := listen(path); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("listening on a file: %v", err)
		}
		if b, err := os.ReadFile(path); string(b) != "precious" {
			t.Errorf("the file is damaged: %q, %v", b, err)
		}
	})
}

func TestPoll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	l, err := unix.ListenPoll(path)
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	if _, err := l.TryAccept(); err != flow.ErrWouldBlock {
		t.Errorf("TryAccept: %v", err)
	}
	client, err := unix.DialPoll(path)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := l.TryAccept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if n, err := client.TryWrite([][]byte{[]byte("ab"), []byte("c")}); n != 3 || err != nil {
		t.Errorf("TryWrite: %d, %v", n, err)
	}
	client.CloseWrite()
	b := make([]byte, 10)
	if n, err := server.TryRead(b); string(b[:n]) != "abc" || err != nil {
		t.Errorf("TryRead: %q, %v", b[:n], err)
	}
	if _, err := server.TryRead(b); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	client.Close()
	if _, err := server.TryWrite([][]byte{[]byte("x")}); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("writing to a peer that has gone: %v", err)
	}
}
