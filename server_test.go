package specht_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
	"github.com/specht-http/specht/nethttp"
)

// hello answers each exchange by its request-target.
var hello = message.HandlerFunc(func(x message.Exchange) {
	_ = x.Respond(message.StatusOK, nil, append([]byte("hello "), x.Target()...)) // the peer may have gone
})

// eachDriver runs a test under each driver that there is.
func eachDriver(t *testing.T, test func(t *testing.T, d specht.Driver)) {
	for _, d := range []specht.Driver{specht.DriverPoll, specht.DriverGoroutine} {
		t.Run(string(d), func(t *testing.T) { test(t, d) })
	}
}

// newServer makes a server that is closed when the test is over. Where the
// driver isn't there, the test is skipped.
func newServer(t *testing.T, o specht.ServerOptions) *specht.Server {
	t.Helper()
	if o.Handler == nil {
		o.Handler = hello
	}
	s, err := specht.NewServer(o)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// start starts a service on a free port of the loopback interface, unless it
// says where.
func start(t *testing.T, s *specht.Server, v specht.Service) *specht.Endpoint {
	t.Helper()
	if v.Address == "" && v.Listener == nil && v.PollListener == nil {
		v.Address = "127.0.0.1:0"
	}
	e, err := s.Start(v)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// client is one connection, whose requests are written as they are.
type client struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

// dial opens a connection to an endpoint, which is closed when the test is over.
func dial(t *testing.T, e *specht.Endpoint) *client {
	t.Helper()
	c, err := net.Dial(e.Network(), e.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &client{t, c, bufio.NewReader(c)}
}

// get asks for a target.
func (c *client) get(target string) (status int, content string) {
	c.t.Helper()
	c.send("GET " + target + " HTTP/1.1\r\nHost: a.example\r\n\r\n")
	return c.answer()
}

func (c *client) send(octets string) {
	c.t.Helper()
	if _, err := io.WriteString(c, octets); err != nil {
		c.t.Fatal(err)
	}
}

// answer reads a response; the status is 0 if none comes any more.
func (c *client) answer() (status int, content string) {
	c.t.Helper()
	r, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return 0, err.Error()
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Errorf("reading the content: %v", err)
	}
	return r.StatusCode, string(b)
}

// want compares what a target is answered by.
func (c *client) want(target string, status int, content string) {
	c.t.Helper()
	if gotStatus, got := c.get(target); gotStatus != status || got != content {
		c.t.Errorf("GET %s: %d %q, want %d %q", target, gotStatus, got, status, content)
	}
}

// isClosed says whether the peer has closed the connection.
func (c *client) isClosed() bool {
	_, err := c.r.ReadByte()
	return err != nil
}

// Connections are taken as soon as Start returns, on every kind of address.
func TestServerIsReady(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		s := newServer(t, specht.ServerOptions{Driver: d})
		path := filepath.Join(t.TempDir(), "s")
		tests := []struct {
			service specht.Service
			url     string // how it begins
		}{
			{specht.Service{Address: "127.0.0.1:0"}, "http://127.0.0.1:"},
			{specht.Service{Network: "tcp", Address: "[::1]:0"}, "http://[::1]:"},
			{specht.Service{Address: ":0"}, "http://127.0.0.1:"},
			{specht.Service{Network: "unix", Address: path}, ""},
		}
		for _, test := range tests {
			e, err := s.Start(test.service)
			if test.service.Address == "[::1]:0" && err != nil {
				t.Logf("there is no IPv6 here: %v", err)
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			dial(t, e).want("/a", 200, "hello /a")
			if !strings.HasPrefix(e.URL(), test.url) || (e.URL() == "") != (test.url == "") {
				t.Errorf("%s: the URL is %q", test.service.Address, e.URL())
			}
			if e.URL() != "" {
				r, err := http.Get(e.URL() + "/b")
				if err != nil {
					t.Fatal(err)
				}
				r.Body.Close()
			}
		}
		if s.Driver() != d || s.Stats().Accepted < 4 {
			t.Errorf("the driver is %q, and has accepted %d", s.Driver(), s.Stats().Accepted)
		}
	})
}

// Serve returns nil when its context is done, and what is under way is answered
// before.
func TestServeEnds(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		begun, release := make(chan struct{}), make(chan struct{})
		slow := message.HandlerFunc(func(x message.Exchange) {
			close(begun)
			<-release
			hello(x)
		})
		s := newServer(t, specht.ServerOptions{Driver: d, Handler: slow, Grace: -1})
		e := start(t, s, specht.Service{})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(ctx) }()
		busy, idle := dial(t, e), dial(t, start(t, s, specht.Service{Handler: hello}))
		idle.want("/", 200, "hello /")
		busy.send("GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n")
		<-begun
		cancel()
		if !idle.isClosed() {
			t.Error("an idle connection has octets")
		}
		close(release)
		if status, content := busy.answer(); status != 200 || content != "hello /a" {
			t.Errorf("what was under way is answered by %d %q", status, content)
		}
		busy.Close() // which the server waits for
		if err := <-ended; err != nil {
			t.Errorf("Serve returned %v", err)
		}
		if _, err := s.Start(specht.Service{Address: "127.0.0.1:0"}); err != specht.ErrServerClosed {
			t.Errorf("Start of a server that has ended: %v", err)
		}
		if _, err := net.Dial("tcp", e.Addr()); err == nil {
			t.Error("somebody listens still")
		}
		if err := s.Serve(t.Context()); err != nil {
			t.Errorf("Serve of a server that has ended: %v", err)
		}
	})
}

// What takes longer than the grace is cut, and Serve says so.
func TestServeCuts(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		begun, gone := make(chan struct{}), make(chan error, 1)
		stays := message.HandlerFunc(func(x message.Exchange) {
			close(begun)
			gone <- x.Wait()
		})
		s := newServer(t, specht.ServerOptions{Driver: d, Handler: stays, Grace: 1})
		c := dial(t, start(t, s, specht.Service{}))
		c.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
		<-begun
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Serve(ctx); err == nil || !strings.Contains(err.Error(), "1ns have passed") {
			t.Errorf("Serve returned %v", err)
		}
		if err := <-gone; err == nil {
			t.Error("the handler isn't told")
		}
		if !c.isClosed() {
			t.Error("the connection isn't closed")
		}
	})
}

// An endpoint ends alone: its connections go on, so do other endpoints, and its
// address is free.
func TestEndpointCloses(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		s := newServer(t, specht.ServerOptions{Driver: d})
		first, second := start(t, s, specht.Service{}), start(t, s, specht.Service{})
		c := dial(t, first)
		c.want("/before", 200, "hello /before")
		if got := s.Endpoints(); len(got) != 2 || got[0] != first {
			t.Errorf("the endpoints are %v", got)
		}
		if err := first.Close(); err != nil {
			t.Error(err)
		}
		if got := s.Endpoints(); len(got) != 1 || got[0] != second {
			t.Errorf("the endpoints are %v", got)
		}
		if _, err := net.Dial("tcp", first.Addr()); err == nil {
			t.Error("somebody listens there still")
		}
		c.want("/after", 200, "hello /after")
		dial(t, second).want("/other", 200, "hello /other")
		again := start(t, s, specht.Service{Address: first.Addr()})
		dial(t, again).want("/again", 200, "hello /again")
		c.want("/still", 200, "hello /still")
	})
}

// Each service has its handler and its limits, which show on the wire.
func TestServicesDiffer(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		s := newServer(t, specht.ServerOptions{Driver: d})
		limits := h1.DefaultRequestMessageLimits()
		limits.RequestLineOctets = 100
		strict := start(t, s, specht.Service{
			Handler: message.HandlerFunc(func(x message.Exchange) { _ = x.Respond(message.StatusNotFound, nil, nil) }),
			HTTP1:   &h1.Options{Limits: &limits, ContentOctets: 3},
		})
		long := "/" + strings.Repeat("a", 200)
		dial(t, start(t, s, specht.Service{})).want(long, 200, "hello "+long)
		if status, _ := dial(t, strict).get(long); status != 414 {
			t.Errorf("a long target: %d", status)
		}
		c := dial(t, strict)
		c.want("/", 404, "")
		c.send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 4\r\n\r\nabcd")
		if status, _ := c.answer(); status != 413 {
			t.Errorf("long content: %d", status)
		}
	})
}

// An error handler is told the peer, and answers as it likes.
func TestErrorHandlerKnowsThePeer(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		peers := make(chan netip.AddrPort, 1)
		s := newServer(t, specht.ServerOptions{Driver: d, HTTP1: h1.Options{ErrorHandler: func(x message.Exchange, e *h1.ErrorResponse) {
			peers <- specht.ConnOf(x).Peer()
			e.Status, e.Content = message.StatusForbidden, []byte("no")
		}}})
		c := dial(t, start(t, s, specht.Service{}))
		c.send("GET / HTTP/1.1\r\nHost : a.example\r\n\r\n")
		if status, content := c.answer(); status != 403 || content != "no" {
			t.Errorf("answered by %d %q", status, content)
		}
		if peer := <-peers; peer.String() != c.LocalAddr().String() {
			t.Errorf("the peer is %v, and should be %v", peer, c.LocalAddr())
		}
	})
}

// Above the cap of handlers the answer is 503; inline handlers don't count.
func TestHandlersMax(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		begun, release := make(chan struct{}), make(chan struct{})
		s := newServer(t, specht.ServerOptions{Driver: d, HandlersMax: 1, Handler: message.HandlerFunc(func(x message.Exchange) {
			close(begun)
			<-release
			hello(x)
		})})
		blocking, inline := start(t, s, specht.Service{}), start(t, s, specht.Service{Handler: message.Inline(hello)})
		first := dial(t, blocking)
		first.send("GET /first HTTP/1.1\r\nHost: a.example\r\n\r\n")
		<-begun
		if n := s.Handlers(); n != 1 {
			t.Errorf("%d handlers run", n)
		}
		if status, _ := dial(t, blocking).get("/second"); status != 503 {
			t.Errorf("above the cap: %d", status)
		}
		dial(t, inline).want("/inline", 200, "hello /inline")
		close(release)
		if status, content := first.answer(); status != 200 || content != "hello /first" {
			t.Errorf("the first is answered by %d %q", status, content)
		}
	})
}

// A handler that panics is answered by 500 and told; the server goes on.
func TestHandlerPanics(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		told := make(chan any, 1)
		s := newServer(t, specht.ServerOptions{
			Driver: d, HTTP1: h1.Options{OnPanic: func(v any) { told <- v }},
			Handler: message.HandlerFunc(func(x message.Exchange) {
				if string(x.Target()) == "/panic" {
					panic("here")
				}
				hello(x)
			}),
		})
		c := dial(t, start(t, s, specht.Service{}))
		if status, _ := c.get("/panic"); status != 500 {
			t.Errorf("answered by %d", status)
		}
		if v := <-told; v != "here" {
			t.Errorf("told %v", v)
		}
		c.want("/a", 200, "hello /a")
	})
}

// A handler of net/http finds where it is: the peer's address among others.
func TestNetHTTPHandler(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, r.RemoteAddr)
		})
		s := newServer(t, specht.ServerOptions{Driver: d, Handler: nethttp.Handler(handler, nethttp.Options{})})
		c := dial(t, start(t, s, specht.Service{}))
		c.want("/", 200, c.LocalAddr().String())
		c = dial(t, start(t, s, specht.Service{Network: "unix", Address: filepath.Join(t.TempDir(), "s")}))
		c.want("/", 200, "")
	})
}

// Flows of the caller's: here in memory, blocking or not, under one server.
func TestListenersOfTheCaller(t *testing.T) {
	s := newServer(t, specht.ServerOptions{})
	fl := mem.Listen(mem.Options{})
	e := start(t, s, specht.Service{Listener: fl})
	if e.Network() != "" || e.URL() != "" || e.Addr() != fl.Addr() {
		t.Errorf("the endpoint is %q %q %q", e.Network(), e.URL(), e.Addr())
	}
	dials := map[string]func() (*mem.Flow, error){"Listener": fl.Dial}
	if s.Driver() == specht.DriverPoll {
		pl := mem.ListenPoll(mem.Options{})
		start(t, s, specht.Service{PollListener: pl})
		dials["PollListener"] = pl.Dial
	}
	for name, dial := range dials {
		f, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(f, "GET /mem HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		b, err := io.ReadAll(f)
		if err != nil || !strings.HasSuffix(string(b), "\r\n\r\nhello /mem") {
			t.Errorf("%s: received %q, %v", name, b, err)
		}
		f.Close()
	}
	if got := s.Stats().Accepted; got != uint64(len(dials)) {
		t.Errorf("%d connections were accepted", got)
	}
	fl.Close() // the caller's way to end it
	looptest.Eventually(t, "the endpoint is gone", func() bool { return len(s.Endpoints()) == len(dials)-1 })
}

// Connections that are reset, at every stage, neither end the listener nor
// leave anything behind.
func TestResets(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		s := newServer(t, specht.ServerOptions{Driver: d})
		e := start(t, s, specht.Service{})
		stages := []string{"", "GET ", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"}
		for i := range 200 {
			c := dial(t, e)
			c.send(stages[i%len(stages)])
			_ = c.Conn.(*net.TCPConn).SetLinger(0)
			c.Close()
		}
		dial(t, e).want("/after", 200, "hello /after")
		looptest.Eventually(t, "the connections have ended", func() bool { return s.Stats().Connections == 1 })
		looptest.Eventually(t, "the handlers have ended", func() bool { return s.Handlers() == 0 })
	})
}

// What can't be done is said, with what to do.
func TestServerMisuse(t *testing.T) {
	for want, o := range map[string]specht.ServerOptions{
		`Driver is "x"`:            {Driver: "x"},
		"Loop.OnOpenError":         {Loop: loop.Options{OnOpenError: func(any, error) {}}},
		"ServerOptions.HTTP1.Hand": {HTTP1: h1.Options{Handler: hello}},
		"HTTP1.Executor":           {HTTP1: h1.Options{Executor: loop.NewWorkers(loop.WorkersOptions{})}},
		"HTTP1.Scheme":             {HTTP1: h1.Options{Scheme: "https"}},
	} {
		if _, err := specht.NewServer(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	s, err := specht.NewServer(specht.ServerOptions{Driver: specht.DriverGoroutine})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fl := mem.Listen(mem.Options{})
	for want, v := range map[string]specht.Service{
		"0 of Address, Listener and PollListener": {},
		"2 of Address, Listener and PollListener": {Address: "127.0.0.1:0", Listener: fl},
		"Network is that of Address":              {Network: "tcp", Listener: fl},
		`Network is "udp"`:                        {Network: "udp", Address: "127.0.0.1:0"},
		"there is no handler":                     {Address: "127.0.0.1:0"},
		"Service.HTTP1.Handler":                   {Address: "127.0.0.1:0", HTTP1: &h1.Options{Handler: hello}},
		"Shared is for addresses of TCP":          {Network: "unix", Address: "s", Shared: true, Handler: hello},
		"Shared is for DriverPoll":                {Address: "127.0.0.1:0", Shared: true, Handler: hello},
		"PollListener is for DriverPoll":          {PollListener: mem.ListenPoll(mem.Options{}), Handler: hello},
		"listening":                               {Address: "no port", Handler: hello},
	} {
		if _, err := s.Start(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Close cuts at once, doesn't wait for handlers, and can be called again.
func TestServerClose(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		begun, release, gone := make(chan struct{}), make(chan struct{}), make(chan struct{})
		s := newServer(t, specht.ServerOptions{Driver: d, Handler: message.HandlerFunc(func(message.Exchange) {
			defer close(gone)
			close(begun)
			<-release
		})})
		c := dial(t, start(t, s, specht.Service{}))
		c.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
		<-begun
		for range 2 {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		if !c.isClosed() {
			t.Error("the connection is open")
		}
		if err := s.Serve(t.Context()); err != nil {
			t.Errorf("Serve of a closed server: %v", err)
		}
		close(release)
		<-gone
	})
}

// Of two servers of one address the second is told.
func TestAddressInUse(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		s := newServer(t, specht.ServerOptions{Driver: d})
		e := start(t, s, specht.Service{})
		if _, err := s.Start(specht.Service{Address: e.Addr()}); err == nil || !strings.Contains(err.Error(), "in use") {
			t.Errorf("got %v", err)
		}
		dial(t, e).want("/", 200, "hello /")
	})
}

// A deadline that the caller's context has already passed doesn't make Serve
// wait: what is idle is closed, and that is all.
func TestServeOfAnEndedContext(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		s := newServer(t, specht.ServerOptions{Driver: d})
		start(t, s, specht.Service{})
		ctx, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
		defer cancel()
		if err := s.Serve(ctx); err != nil {
			t.Errorf("Serve returned %v", err)
		}
	})
}
