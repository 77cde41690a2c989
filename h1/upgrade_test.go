package h1

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

const (
	offer    = "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: other, , Echo/1\r\n\r\n"
	switched = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo/1\r\nConnection: upgrade\r\n\r\n"
)

// leave is what a driver does when both directions are Upgrade.
func (c *testConn) leave() (rest string, take func(engine.Stream, []byte)) {
	c.t.Helper()
	c.h.Lock()
	defer c.h.Unlock()
	write, _ := c.s.NextWrite()
	if read := c.s.NextRead(); read != engine.Upgrade || write != engine.Upgrade {
		c.t.Fatalf("NextRead is %v and NextWrite is %v, want Upgrade", read, write)
	}
	take = c.s.Upgraded()
	if !c.s.Closed() {
		c.t.Error("an engine that has been left isn't Closed")
	}
	return string(c.in), take
}

// taken is a stream that notes whether it was closed.
type taken struct {
	io.ReadWriter
	closed bool
}

func (s *taken) Close() error { s.closed = true; return nil }

func TestUpgrade(t *testing.T) {
	var rest string
	var err error
	accept := func(x message.Exchange) {
		err = x.Upgrade(101, fields("Upgrade", "echo/1"), func(s message.Stream, octets []byte) { rest = string(octets) })
	}
	for _, early := range []string{"", "\r\n", "\x00early", get} {
		var over []error
		c := newTestConn(t, inline(func(x message.Exchange) {
			accept(x)
			x.OnOver(func(_ message.Exchange, err error) { over = append(over, err) })
		}))
		c.most = -1
		c.feed(offer + early)
		if err != nil {
			t.Fatal(err)
		}
		if len(over) > 0 || c.s.NextRead() != engine.Yield {
			t.Errorf("before it is written: over %v, NextRead %v", over, c.s.NextRead())
		}
		c.most = 0
		c.look().want("the response", switched)
		got, take := c.leave()
		take(&taken{}, []byte(got))
		if rest != early || len(over) != 1 || over[0] != message.ErrOver {
			t.Errorf("took %q, want %q; over %v", rest, early, over)
		}
		c.wantNoBuffers("left")
	}
}

// A connection that was to close throws away what comes behind its last request:
// from then on nobody can have it whole.
func TestUpgradeBehindClose(t *testing.T) {
	for _, behind := range []string{"", "early"} {
		var x message.Exchange
		c := newTestConn(t, inline(func(y message.Exchange) { x = y.Detach() }))
		c.feed("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + behind)
		err := x.Upgrade(0, nil, func(message.Stream, []byte) {})
		if (err != nil) != (behind != "") || err != nil && !strings.Contains(err.Error(), "thrown away") {
			t.Errorf("%q behind: %v", behind, err)
		}
		if err != nil {
			_ = x.Respond(200, nil, nil)
		}
		x.Reset()
	}
}

// What the request doesn't let happen is an error, and nothing has been done.
func TestUpgradeRefused(t *testing.T) {
	try := func(request string, status message.Status, fs []message.Field) (err error) {
		newTestConn(t, inline(func(x message.Exchange) {
			err = x.Upgrade(status, fs, func(message.Stream, []byte) { t.Error("taken") })
			hello(x)
		})).feed(request).wantStatuses("answered as if nothing had been tried", 200)
		return err
	}
	one := func(fields string) string { return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" }
	echoes := fields("Upgrade", "echo/1")
	tests := []struct {
		name, request string
		status        message.Status
		fields        []message.Field
		want          string
	}{
		{"no offer", get, 101, echoes, "doesn't offer it"},
		{"Upgrade without the option", one("Upgrade: echo/1\r\n"), 101, echoes, "doesn't name it in Connection"},
		{"the option without Upgrade", one("Connection: upgrade\r\n"), 101, echoes, "no Upgrade"},
		{"HTTP/1.0", strings.Replace(offer, "1.1", "1.0", 1), 101, echoes, "HTTP/1.0"},
		{"another protocol", offer, 101, fields("Upgrade", "echo/1, echo/2"), "doesn't offer echo/2"},
		{"no protocol", offer, 101, nil, "give Upgrade"},
		{"close", offer, 101, fields("Upgrade", "echo/1", "Connection", "close"), "leave Connection out"},
		{"a length", offer, 101, fields("Upgrade", "echo/1", "Content-Length", "0"), "Content-Length is the engine's"},
		{"2xx without CONNECT", offer, 200, nil, "in answer to CONNECT"},
		{"404", offer, 404, nil, "Upgrade is by 101"},
		{"too much content", "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo/1\r\nContent-Length: 300000\r\n\r\n", 101, echoes, "DiscardOctets"},
	}
	for _, test := range tests {
		if err := try(test.request, test.status, test.fields); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	var err error
	c := newTestConn(t, inline(func(x message.Exchange) {
		_ = x.Start(200, nil, -1)
		err = x.Upgrade(101, echoes, func(message.Stream, []byte) {})
		_ = x.End()
	}))
	c.feed(offer).wantStatuses("", 200)
	var misuse *message.MisuseError
	if !errors.As(err, &misuse) {
		t.Errorf("after Start: %v", err)
	}
}

// Upgrade that isn't followed, and an offer that a response makes, are fields as
// others.
func TestUpgradeIgnored(t *testing.T) {
	newTestConn(t, inline(hello)).feed(offer+offer+get).want("one after the other", ok5+ok5+ok5)
	for _, lines := range []string{"a\r\nUpgrade: @", "@\r\nUpgrade: a", "@\r\nUpgrade: a, b"} {
		newTestConn(t, inline(func(x message.Exchange) {
			if err := x.Upgrade(101, fields("Upgrade", "a"), func(message.Stream, []byte) {}); err == nil {
				t.Errorf("Upgrade: %q is an offer", lines)
			}
			hello(x)
		})).feed("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: "+lines+"\r\n\r\n").want("a malformed one is none", ok5)
	}
	newTestConn(t, inline(func(x message.Exchange) { _ = x.Respond(426, fields("Upgrade", "a/1"), nil) })).feed(get).
		want("whoever sends Upgrade names it in Connection", "HTTP/1.1 426 Upgrade Required\r\nUpgrade: a/1\r\nContent-Length: 0\r\nConnection: upgrade\r\n\r\n")
}

// What is left of the request's content is thrown away before the connection
// leaves, and 100 (Continue) comes before 101.
func TestUpgradeWithContent(t *testing.T) {
	const request = "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo/1\r\n"
	accept := func(x message.Exchange) {
		if err := x.Upgrade(101, fields("Upgrade", "echo/1"), func(message.Stream, []byte) {}); err != nil {
			t.Error(err)
		}
	}
	c := newTestConn(t, inline(accept)).feed(request+"Content-Length: 5\r\n\r\nhel").want("", switched)
	c.wantOps("the content isn't complete", engine.Read, false)
	c.feed("loearly")
	if rest, _ := c.leave(); rest != "early" {
		t.Errorf("rest is %q", rest)
	}

	c = newTestConn(t, inline(accept)).feed(request+"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n").
		want("100 comes first", "HTTP/1.1 100 Continue\r\n\r\n"+switched)
	c.feed("2\r\nab\r\n0\r\n\r\nearly")
	if rest, _ := c.leave(); rest != "early" {
		t.Errorf("rest is %q", rest)
	}

	var over error
	newTestConn(t, inline(func(x message.Exchange) {
		accept(x)
		x.OnOver(func(_ message.Exchange, err error) { over = err })
	})).feed(request + "Content-Length: 5\r\n\r\nhel").end().wantClosed("content cut short")
	if over == nil || errors.Is(over, message.ErrOver) && !errors.Is(over, message.ErrReset) {
		t.Errorf("over: %v", over)
	}
}

// A flow that breaks before the connection has left: nobody takes it.
func TestUpgradeFails(t *testing.T) {
	var x message.Exchange
	var over error
	c := newTestConn(t, inline(func(t message.Exchange) { x = t.Detach() }))
	c.most = -1
	c.feed(offer)
	if err := x.Upgrade(101, fields("Upgrade", "echo/1"), func(message.Stream, []byte) { t.Error("taken") }); err != nil {
		t.Fatal(err)
	}
	x.OnOver(func(_ message.Exchange, err error) { over = err })
	broken := errors.New("broken")
	c.h.Lock()
	c.s.ReportError(broken)
	c.h.Unlock()
	if !errors.Is(over, broken) || !errors.Is(x.Err(), broken) {
		t.Errorf("over %v, Err %v", over, x.Err())
	}

	c = newTestConn(t, inline(func(t message.Exchange) { x = t.Detach() })).feed(offer)
	c.most = -1
	_ = x.Upgrade(101, fields("Upgrade", "echo/1"), func(message.Stream, []byte) { t.Error("taken") })
	x.Reset()
	c.most = 0
	c.look().wantOps("reset", engine.Close, true)
	if x.Err() != message.ErrReset {
		t.Errorf("Err is %v", x.Err())
	}
}

// The handler decides later; what arrives meanwhile isn't looked at. A shutdown
// doesn't change that.
func TestUpgradeLater(t *testing.T) {
	for _, isShutDown := range []bool{false, true} {
		var x message.Exchange
		c := newTestConn(t, inline(func(t message.Exchange) { x = t.Detach() }))
		c.feed(offer+get).wantOps("nothing is read behind it", engine.Yield, false)
		if isShutDown {
			c.h.Lock()
			c.s.Shutdown()
			c.h.Unlock()
			c.look().wantOps("nothing is thrown away", engine.Yield, false)
		}
		if err := x.Upgrade(101, fields("Upgrade", "echo/1"), func(message.Stream, []byte) {}); err != nil {
			t.Fatal(err)
		}
		if rest, _ := c.look().leave(); rest != get {
			t.Errorf("rest is %q", rest)
		}
		if x.Err() != message.ErrOver {
			t.Errorf("Err is %v", x.Err())
		}
	}
}

// A peer that has closed its side can still be written to.
func TestUpgradeHalfClosed(t *testing.T) {
	var x message.Exchange
	c := newTestConn(t, inline(func(t message.Exchange) { x = t.Detach() })).feed(offer).end()
	if err := x.Upgrade(101, fields("Upgrade", "echo/1"), func(message.Stream, []byte) {}); err != nil {
		t.Fatal(err)
	}
	c.look().want("", switched).leave()
}

// Status 0 gives the connection away without a response, behind the responses
// before it, whatever the request.
func TestUpgradeWithoutResponse(t *testing.T) {
	d := new(handed)
	c := newTestConn(t, inline(d.serve)).feed(get + get)
	take := func(message.Stream, []byte) {}
	var misuse *message.MisuseError
	if err := d.xs[0].Upgrade(0, nil, take); !errors.As(err, &misuse) {
		t.Errorf("with a request behind it: %v", err)
	}
	if err := d.xs[1].Upgrade(0, nil, take); err != nil {
		t.Error(err)
	}
	c.feed("early").wantOps("the one before isn't answered", engine.Yield, false)
	answer(d.xs[0], "one")
	c.look().want("", ok("one"))
	if rest, _ := c.leave(); rest != "early" {
		t.Errorf("rest is %q", rest)
	}
}

// A panic of who has taken the connection closes it, and is told.
func TestUpgradePanics(t *testing.T) {
	var told any
	o := inline(func(x message.Exchange) {
		_ = x.Upgrade(101, fields("Upgrade", "echo/1"), func(message.Stream, []byte) { panic("oh") })
	})
	o.OnPanic = func(v any) { told = v }
	_, take := newTestConn(t, o).feed(offer).leave()
	s := new(taken)
	if take(s, nil); told != "oh" || !s.closed {
		t.Errorf("told %v, closed %v", told, s.closed)
	}
}

// TestOffers holds the rows of spec/upgrade.md.
func TestOffers(t *testing.T) {
	for _, test := range []struct {
		head string
		want int
	}{
		{"HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: echo/1", 101},
		{"HTTP/1.1\r\nConnection: UPGRADE, keep-alive\r\nUpgrade: a\r\nUpgrade: echo/1", 101},
		{"HTTP/1.1\r\nConnection: keep-alive\r\nConnection: a, upgrade, b\r\nUpgrade: , echo/1 ,", 101},
		{"HTTP/1.1\r\nConnection: upgrade, a\r\nConnection: upgrade\r\nUpgrade: echo/1", 101},
		{"HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: a b\r\nUpgrade: echo/1", 200},
		{"HTTP/1.0\r\nConnection: keep-alive, upgrade\r\nUpgrade: echo/1", 200},
		{"HTTP/1.1\r\nConnection: upgrades\r\nUpgrade: echo/1", 200},
		{"HTTP/1.1\r\nConnection: close, upgrade\r\nUpgrade: echo/1", 200},
		{"HTTP/1.1\r\nConnection: upgrade, a b\r\nUpgrade: echo/1", 200},
		{"HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: echo/1, a b", 200},
		{"HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: echo/1/2", 200},
		{"HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: ,", 200},
		{"HTTP/1.1\r\nConnection: upgrade", 200},
		{"HTTP/1.1\r\nUpgrade: echo/1", 200},
	} {
		newTestConn(t, inline(func(x message.Exchange) {
			fields := []message.Field{{Name: "Upgrade", Value: "echo/1"}}
			if err := x.Upgrade(message.StatusSwitchingProtocols, fields, func(message.Stream, []byte) {}); err != nil {
				hello(x)
			}
		})).feed("GET / "+test.head+"\r\nHost: a\r\n\r\n").wantStatuses(test.head, test.want)
	}
}

// A tunnel: 2xx has neither length nor Connection, and what follows isn't HTTP
// (RFC 9110, Section 9.3.6).
func TestConnectTunnel(t *testing.T) {
	c := newTestConn(t, inline(func(x message.Exchange) {
		if err := x.Respond(200, nil, nil); err == nil {
			t.Error("a plain 2xx answers CONNECT")
		}
		if err := x.Upgrade(200, nil, func(message.Stream, []byte) {}); err != nil {
			t.Error(err)
		}
	})).feed("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\nearly").want("", "HTTP/1.1 200 OK\r\n\r\n")
	if rest, _ := c.leave(); rest != "early" {
		t.Errorf("rest is %q", rest)
	}
}

// A request that is refused can't be upgraded by who says so: its content is never
// read, and the connection waited for the end of that for ever.
func TestUpgradeOfRefused(t *testing.T) {
	var err error
	o := inline(unread)
	o.ContentOctets = 3
	o.ErrorHandler = func(x message.Exchange, _ *ErrorResponse) {
		err = x.Upgrade(message.StatusSwitchingProtocols, []message.Field{{Name: "Upgrade", Value: "echo"}}, func(message.Stream, []byte) {})
	}
	c := newTestConn(t, o).feed("POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\nContent-Length: 5\r\n\r\nhello")
	if misuse := new(message.MisuseError); !errors.As(err, &misuse) {
		t.Errorf("Upgrade: %v", err)
	}
	c.after(5*second).wantOps("refused, and over", engine.Close, true)
}
