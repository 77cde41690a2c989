package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// Node's own client talks to the echo, under both drivers. Each line that the
// script prints is something it tried.
func TestNode(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node isn't installed here, so nothing is tried with it")
	}
	if out, _ := exec.Command(node, "--experimental-websocket", "-p", "typeof WebSocket").CombinedOutput(); !strings.Contains(string(out), "function") {
		t.Skip("this node has no WebSocket of its own")
	}
	for _, setup := range looptest.Setups() {
		if !strings.HasSuffix(setup.Name, "/tcp") {
			continue
		}
		t.Run(setup.Name, func(t *testing.T) {
			url := "ws://" + setup.Serve(t, newEngine(), loop.Options{}).Addr
			out, err := exec.Command(node, "--experimental-websocket", "testdata/client.mjs", url).CombinedOutput()
			t.Logf("%s", out)
			if err != nil {
				t.Errorf("node: %v", err)
			}
		})
	}
}
