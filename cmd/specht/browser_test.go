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

// TestBrowser shows server-sent events in a browser, as they come, clear and
// over TLS. It takes Chromium and node, and some seconds, so it runs only when
// asked for:
//
//	go test ./cmd/specht -run Browser -v -browser -browser.pictures DIR
func TestBrowser(t *testing.T) {
	if !*browse {
		t.Skip("starts a browser: ask for it by -browser")
	}
	node, chromium := program(t, "node"), program(t, "chromium")
	drivers(t, 0, func(t *testing.T, s *served) {
		for scheme, url := range map[string]string{"http": s.url, "https": "https://" + s.overTLS(t)} {
			args := []string{"--experimental-websocket", filepath.Join("testdata", "interop", "browser.mjs"), chromium, t.TempDir(), url}
			if *pictures != "" {
				args = append(args, filepath.Join(*pictures, "events-"+scheme+"-"+string(s.app.server.Driver())+".png"))
			}
			out, err := exec.Command(node, args...).CombinedOutput()
			t.Logf("%s\n%s", url, out)
			if err != nil {
				t.Errorf("the browser: %v", err)
			}
		}
	})
}
