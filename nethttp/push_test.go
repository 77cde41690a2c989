package nethttp_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/nethttp"
)

// pusher serves a page that pushes what it is told by its query, and says what came of
// that.
func pusher(t *testing.T) string {
	mux := http.NewServeMux()
	mux.HandleFunc("/page", func(w http.ResponseWriter, r *http.Request) {
		err := w.(http.Pusher).Push(r.URL.Query().Get("target"), &http.PushOptions{Header: http.Header{"Accept": {"*/*"}}})
		if err == nil || errors.Is(err, http.ErrNotSupported) && err != http.ErrNotSupported {
			t.Errorf("%s: %v", r.URL, err)
		}
		fmt.Fprint(w, err)
	})
	mux.HandleFunc("/pushing", func(w http.ResponseWriter, r *http.Request) {
		if err := w.(http.Pusher).Push("http://a.example/style?a=b", &http.PushOptions{Header: http.Header{"Accept": {"text/css"}}}); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, "page")
	})
	mux.HandleFunc("/style", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Method, " ", r.Host, " ", r.URL, " ", r.Header.Get("Accept"))
	})
	s, err := specht.NewServer(specht.ServerOptions{Handler: nethttp.Handler(mux, nethttp.Options{})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	e, err := s.Start(specht.Service{Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	return e.Addr()
}

// TestPush takes what a handler of net/http pushes.
func TestPush(t *testing.T) {
	c, err := net.Dial("tcp", pusher(t))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var block strings.Builder
	encoder := hpack.NewEncoder(&block)
	for _, f := range []string{":method GET", ":scheme http", ":authority a.example", ":path /pushing"} {
		name, value, _ := strings.Cut(f, " ")
		_ = encoder.WriteField(hpack.HeaderField{Name: name, Value: value})
	}
	fr := http2.NewFramer(c, c)
	_, _ = io.WriteString(c, http2.ClientPreface)
	_ = fr.WriteSettings()
	_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte(block.String()), EndStream: true, EndHeaders: true})
	told, decoder := map[uint32]string{}, hpack.NewDecoder(4096, nil)
	for ended := 0; ended < 2; {
		f, err := fr.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		switch f := f.(type) {
		case *http2.PushPromiseFrame:
			fields, err := decoder.DecodeFull(f.HeaderBlockFragment())
			if err != nil || f.StreamID != 1 || f.PromiseID != 2 {
				t.Fatalf("%v: %v", f, err)
			}
			told[2] = fmt.Sprint(len(fields), fields[3].Value, fields[4].Value, " ")
		case *http2.DataFrame:
			told[f.StreamID] += string(f.Data())
			if f.StreamEnded() {
				ended++
			}
		}
	}
	if told[1] != "page" || told[2] != "5/style?a=btext/css GET a.example /style?a=b text/css" {
		t.Errorf("told is %v", told)
	}
}

// TestPushNotSupported is what handlers look for over HTTP/1.
func TestPushNotSupported(t *testing.T) {
	base := "http://" + pusher(t)
	for target, want := range map[string]string{
		"/a":                "feature not supported",
		base + "/a":         "feature not supported",
		"https://a.example": "message: request-target \"https://a.example\" can't be sent: what is pushed has the scheme of its request: use its path",
		"a b":               "can't be sent",
		"http://[":          "parse",
	} {
		r, err := http.Get(base + "/page?target=" + strings.ReplaceAll(target, " ", "%20"))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if !strings.Contains(string(got), want) {
			t.Errorf("%s: %s", target, got)
		}
	}
}
