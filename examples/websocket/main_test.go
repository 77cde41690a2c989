package main

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// The client of the same library talks to the echo, under both drivers.
func TestEcho(t *testing.T) {
	for _, setup := range looptest.Setups() {
		if !strings.HasSuffix(setup.Name, "/tcp") {
			continue
		}
		t.Run(setup.Name, func(t *testing.T) {
			url := "http://" + setup.Serve(t, newEngine(), loop.Options{}).Addr
			ctx := context.Background()
			c, response, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"echo"}})
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseNow()
			c.SetReadLimit(messageOctetsMax)
			if response.StatusCode != http.StatusSwitchingProtocols || c.Subprotocol() != "echo" {
				t.Errorf("status %d, subprotocol %q", response.StatusCode, c.Subprotocol())
			}
			for _, message := range [][]byte{nil, []byte("hello"), bytes.Repeat([]byte("x"), 1<<20), []byte("again")} {
				go func() { _ = c.Write(ctx, websocket.MessageBinary, message) }() // Read tells if it failed
				kind, got, err := c.Read(ctx)
				if err != nil || kind != websocket.MessageBinary || !bytes.Equal(got, message) {
					t.Fatalf("sent %d octets, received %d as %v, %v", len(message), len(got), kind, err)
				}
			}
			if err := c.Close(websocket.StatusNormalClosure, "done"); err != nil {
				t.Error(err)
			}

			// What isn't a handshake is answered as HTTP, on a connection that goes on.
			for range 2 {
				plain, err := http.Get(url)
				if err != nil {
					t.Fatal(err)
				}
				plain.Body.Close()
				if plain.StatusCode != http.StatusUpgradeRequired || plain.Header.Get("Upgrade") != "websocket" {
					t.Errorf("without a handshake: %s, %v", plain.Status, plain.Header)
				}
			}
		})
	}
}
