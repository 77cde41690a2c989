//go:build !wasip1

package main

import (
	"flag"
	"os/exec"
	"path/filepath"
	"testing"
)

var (
	browse   = flag.Bool("browser", false, "run TestBrowser, which starts a browser")
	pictures = flag.String("browser.pictures", "", "a directory for what TestBrowser sees")
)

// TestBrowser shows server-sent events in a browser, as they come. It takes
// Chromium and node, and some seconds, so it runs only when asked for:
//
//	go test ./cmd/specht -run Browser -v -browser -browser.pictures DIR
func TestBrowser(t *testing.T) {
	if !*browse {
		t.Skip("starts a browser: ask for it by -browser")
	}
	node, chromium := program(t, "node"), program(t, "chromium")
	drivers(t, 0, func(t *testing.T, s *served) {
		args := []string{"--experimental-websocket", filepath.Join("testdata", "interop", "browser.mjs"), chromium, t.TempDir(), s.url}
		if *pictures != "" {
			args = append(args, filepath.Join(*pictures, "events-"+string(s.app.server.Driver())+".png"))
		}
		out, err := exec.Command(node, args...).CombinedOutput()
		t.Logf("%s", out)
		if err != nil {
			t.Errorf("the browser: %v", err)
		}
	})
}
