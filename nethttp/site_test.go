package nethttp_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/nethttp"
)

// site is a server that runs a handler: net/http's, or ours under a driver.
type site struct {
	t      *testing.T
	name   string
	isOurs bool
	addr   string
	url    string
	client *http.Client
	log    *logged
}

// logged is what a server has logged.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// onSites runs f against net/http's server, and ours under both drivers. The
// same has to hold for all.
func onSites(t *testing.T, h http.HandlerFunc, f func(s *site)) {
	t.Helper()
	t.Run("net/http", func(t *testing.T) {
		l := new(logged)
		server := httptest.NewUnstartedServer(h)
		server.Config.ErrorLog = log.New(l, "", 0)
		server.Start()
		t.Cleanup(server.Close)
		f(newSite(t, "net/http", server.Listener.Addr().String(), l))
	})
	onOurs(t, h, f)
}

// onOurs is onSites without net/http's server.
func onOurs(t *testing.T, h http.HandlerFunc, f func(s *site)) {
	t.Helper()
	onTCP(t, func(t *testing.T, setup looptest.Setup) {
		l := new(logged)
		f(newSite(t, setup.Name, serve(t, setup, h, l, h1.Options{}), l))
	})
}

// onTCP runs f under both drivers.
func onTCP(t *testing.T, f func(t *testing.T, setup looptest.Setup)) {
	t.Helper()
	for _, setup := range append(looptest.Setups(), looptest.TLS()...) {
		if name, isTCP := strings.CutSuffix(setup.Name, "/tcp"); isTCP {
			t.Run(name, func(t *testing.T) { f(t, setup) })
		}
	}
}

// serve runs h on our engine, and is its address.
func serve(t testing.TB, setup looptest.Setup, h http.Handler, l io.Writer, o h1.Options) string {
	workers := loop.NewWorkers(loop.WorkersOptions{})
	t.Cleanup(func() { _ = workers.Close(context.Background()) })
	o.Handler, o.Executor = nethttp.Handler(h, nethttp.Options{ErrorLog: log.New(l, "", 0)}), workers
	o.OnPanic = func(v any) { fmt.Fprintf(l, "panic: %v\n", v) }
	service := h1.NewService(o)
	return setup.Serve(t, func(f any) engine.Engine { return service.NewServer(loop.PeerOf(f).String()) }, loop.Options{}).Addr
}

func newSite(t *testing.T, name, addr string, l *logged) *site {
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &site{
		t: t, name: name, isOurs: name != "net/http", addr: addr, url: "http://" + addr, log: l,
		client: &http.Client{Transport: transport},
	}
}

// dial opens a connection, which is closed when the test is over.
func (s *site) dial() net.Conn {
	s.t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	return c
}

// get is a response and its content, by net/http's client.
func (s *site) get(path string) (*http.Response, string) {
	s.t.Helper()
	r, err := s.client.Get(s.url + path)
	if err != nil {
		s.t.Fatal(err)
	}
	return r, s.content(r)
}

func (s *site) do(r *http.Request) (*http.Response, string) {
	s.t.Helper()
	answer, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer, s.content(answer)
}

func (s *site) content(r *http.Response) string {
	s.t.Helper()
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("reading the content after %q: %v", b, err)
	}
	return string(b)
}

// talk sends requests of a method, and tells all responses that come until the
// connection ends. If the requests don't end it, another one behind them does.
func (s *site) talk(method, octets string) string {
	s.t.Helper()
	c := s.dial()
	defer c.Close()
	isLast := strings.Contains(octets, "lose\r\n") || strings.Contains(octets, " HTTP/1.0\r\n") && !strings.Contains(octets, "keep-alive")
	if last := method; !isLast {
		if last == http.MethodConnect {
			last = http.MethodGet
		}
		octets += last + " /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
	}
	if _, err := io.WriteString(c, octets); err != nil {
		s.t.Fatal(err)
	}
	var b strings.Builder
	r := bufio.NewReader(c)
	for {
		response, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			if err != io.ErrUnexpectedEOF {
				fmt.Fprintf(&b, "then %v\n", err)
			}
			return b.String() + takeAside(c.LocalAddr())
		}
		tell(&b, response)
	}
}

// tell writes down what matters of a response.
func tell(w io.Writer, r *http.Response) {
	content, err := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%d, length %d, %v, close %v\n", r.StatusCode, r.ContentLength, r.TransferEncoding, r.Close)
	tellFields(w, "field", r.Header)
	fmt.Fprintf(w, "content %.300q (%d), %v\n", content, len(content), err)
	tellFields(w, "trailer", r.Trailer)
}

func tellFields(w io.Writer, kind string, fields http.Header) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		values := fields[name]
		switch name {
		case "Date":
			values = []string{fmt.Sprint(len(values))}
		case "Connection": // ReadResponse takes close out of it, by version
			continue
		}
		fmt.Fprintf(w, "%s %s: %q\n", kind, name, values)
	}
}
