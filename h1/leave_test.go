package h1_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

const (
	echoOffer = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
	switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n"
)

// echoing sends back what comes, in upper case, and half-closes at the end.
func echoing(s message.Stream, rest []byte) {
	defer s.Close()
	p := append(make([]byte, 0, 1000), rest...)
	for {
		if _, err := s.Write([]byte(strings.ToUpper(string(p)))); err != nil {
			return
		}
		n, err := s.Read(p[:cap(p)])
		if p = p[:n]; err != nil {
			_ = s.(flow.CloseWriter).CloseWrite()
			return
		}
	}
}

// upgrading is a service whose handler upgrades, and options for its loop.
func upgrading(t *testing.T, isInline bool, take func(message.Stream, []byte)) *h1.Service {
	h := message.Handler(message.HandlerFunc(func(x message.Exchange) {
		if err := x.Upgrade(message.StatusSwitchingProtocols, []message.Field{{Name: "Upgrade", Value: "echo"}}, take); err != nil {
			t.Error(err)
		}
	}))
	if isInline {
		h = message.Inline(h)
	}
	w := loop.NewWorkers(loop.WorkersOptions{Max: 10})
	t.Cleanup(func() {
		if err := w.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return h1.NewService(h1.Options{Handler: h, Executor: w, OnPanic: func(v any) {
		if v != "oh" {
			t.Error(v)
		}
	}})
}

// expect reads what must come.
func expect(t *testing.T, c looptest.Client, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("received %q, %v, want %q", got[:n], err, want)
	}
}

// expectSwitch reads a response of 101, whose Date varies.
func expectSwitch(t *testing.T, c looptest.Client) {
	t.Helper()
	var head []byte
	for p := make([]byte, 1); !strings.HasSuffix(string(head), "\r\n\r\n"); head = append(head, p...) {
		if _, err := io.ReadFull(c, p); err != nil {
			t.Fatalf("received %q, %v", head, err)
		}
	}
	if got := varying.ReplaceAllString(string(head), ""); got != switching {
		t.Fatalf("received %q, want %q", got, switching)
	}
}

// TestUpgradedEcho upgrades under every driver, over every flow: octets that
// come in one write with the request are taken along, both sides go on for as
// long as they want, and each ends its side alone.
func TestUpgradedEcho(t *testing.T) {
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		for _, isInline := range []bool{true, false} {
			for _, early := range []string{"", "early "} {
				name := s.Name + "/goroutine"
				if isInline {
					name = s.Name + "/inline"
				}
				t.Run(name+"/"+early, func(t *testing.T) {
					c, server := s.StartOptions(t, upgrading(t, isInline, echoing).NewServer(nil), loop.Options{})
					if _, err := io.WriteString(c, echoOffer+early); err != nil {
						t.Fatal(err)
					}
					expectSwitch(t, c)
					expect(t, c, strings.ToUpper(early))
					for range 3 {
						if _, err := io.WriteString(c, "hello "); err != nil {
							t.Fatal(err)
						}
						expect(t, c, "HELLO ")
					}
					if err := server.Close(); err != nil {
						t.Fatal(err)
					}
					if n := server.Stats().Connections; n != 0 {
						t.Errorf("%d connections are the driver's", n)
					}
					sent := make(chan error, 1)
					go func() { // an echo that isn't read blocks where buffers are small
						_, err := io.WriteString(c, "not the driver's")
						_ = c.CloseWrite() // fails where the echo, which has read the end, has closed already
						sent <- err
					}()
					if rest, err := io.ReadAll(c); string(rest) != "NOT THE DRIVER'S" || err != nil {
						t.Errorf("then %q, %v", rest, err)
					}
					if err := <-sent; err != nil {
						t.Error(err)
					}
				})
			}
		}
	}
}

// TestUpgradedServerSpeaksFirst takes a connection whose peer waits to be
// spoken to, and that is a net.Conn where package net has one.
func TestUpgradedServerSpeaksFirst(t *testing.T) {
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		t.Run(s.Name, func(t *testing.T) {
			service := upgrading(t, false, func(stream message.Stream, rest []byte) {
				defer stream.Close()
				if _, ok := stream.(flow.Deadliner); !ok || len(rest) > 0 {
					t.Errorf("a %T, with %q", stream, rest)
				}
				_, _ = io.WriteString(stream, "speak")
				answer, err := io.ReadAll(stream)
				if string(answer) != "friend" || err != nil {
					t.Errorf("heard %q, %v", answer, err)
				}
			})
			c := s.Start(t, service.NewServer(nil))
			_, _ = io.WriteString(c, echoOffer)
			expectSwitch(t, c)
			expect(t, c, "speak")
			_, _ = io.WriteString(c, "friend")
			_ = c.CloseWrite()
			if rest, err := io.ReadAll(c); len(rest) > 0 || err != nil {
				t.Errorf("then %q, %v", rest, err)
			}
		})
	}
}

// TestUpgradedPanics closes the connection.
func TestUpgradedPanics(t *testing.T) {
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		t.Run(s.Name, func(t *testing.T) {
			c := s.Start(t, upgrading(t, true, func(message.Stream, []byte) { panic("oh") }).NewServer(nil))
			_, _ = io.WriteString(c, echoOffer)
			expectSwitch(t, c)
			if rest, err := io.ReadAll(c); len(rest) > 0 || err != nil {
				t.Errorf("then %q, %v", rest, err)
			}
		})
	}
}

// TestAbortUnderDrivers cuts a response whose end is that of the connection: its
// reader reads an error, where flows have resets.
func TestAbortUnderDrivers(t *testing.T) {
	service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		_ = x.Start(message.StatusOK, nil, -1)
		_, _ = x.Write([]byte("half an ans"))
		x.OnFlushed(func(x message.Exchange, _ error) { x.Reset() })
	}))})
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		t.Run(s.Name, func(t *testing.T) {
			c := s.Start(t, service.NewServer(nil))
			_, _ = io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
			got, err := io.ReadAll(c)
			if isUnix := strings.HasSuffix(s.Name, "unix"); (err == nil) != isUnix {
				t.Errorf("received %q, %v", got, err)
			}
		})
	}
}

// TestCutUnderDrivers closes the driver under such a response, of which all that
// there is has been written.
func TestCutUnderDrivers(t *testing.T) {
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		t.Run(s.Name, func(t *testing.T) {
			written := make(chan struct{})
			service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
				_ = x.Start(message.StatusOK, nil, -1)
				_, _ = x.Write([]byte("half an ans"))
				x.OnFlushed(func(message.Exchange, error) { close(written) })
				x.Detach()
			}))})
			c, server := s.StartOptions(t, service.NewServer(nil), loop.Options{})
			_, _ = io.WriteString(c, "GET / HTTP/1.0\r\n\r\n")
			for b := []byte{0}; b[0] != 'f'; { // of half: some flows hold less than the head
				if _, err := c.Read(b); err != nil {
					t.Fatal(err)
				}
			}
			closed := make(chan struct{})
			go func() {
				<-written
				server.Close()
				close(closed)
			}()
			got, err := io.ReadAll(c)
			if isUnix := strings.HasSuffix(s.Name, "unix"); (err == nil) != isUnix {
				t.Errorf("received %q, %v", got, err)
			}
			<-closed
		})
	}
}

// TestPeerAborts resets an upgraded connection from the other side.
func TestPeerAborts(t *testing.T) {
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		t.Run(s.Name, func(t *testing.T) {
			told := make(chan error, 1)
			c := s.Start(t, upgrading(t, false, func(stream message.Stream, _ []byte) {
				_, err := io.ReadAll(stream)
				told <- err
				_ = stream.Close()
			}).NewServer(nil))
			_, _ = io.WriteString(c, echoOffer)
			expectSwitch(t, c)
			r, ok := c.(flow.Resetter)
			if !ok {
				t.Skip("no resets")
			}
			r.Reset()
			if err := <-told; err == nil || errors.Is(err, io.EOF) {
				t.Errorf("told %v", err)
			}
		})
	}
}
