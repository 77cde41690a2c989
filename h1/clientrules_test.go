package h1

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

func headOf(method, name string) message.RequestHead {
	return message.RequestHead{Method: method, Target: "/" + name, Authority: "a", About: name}
}

func wire(method, name string) string { return method + " /" + name + " HTTP/1.1\r\nHost: a\r\n\r\n" }

// Requests are sent behind others if both are idempotent, up to a limit, and
// responses belong to them in order.
func TestClientPipelining(t *testing.T) {
	c := newTestClient(t, ClientOptions{PipelinedMax: 3})
	for _, name := range []string{"a", "b", "c", "d"} {
		c.begin(headOf("", name))
	}
	c.want("three at once", wire("GET", "a")+wire("GET", "b")+wire("GET", "c"))
	c.feed("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nbHTT")
	c.wantLog("in order", `a: response 200 "OK", 1 octets`, `a: content "a", message: end of content`,
		`b: response 201 "Created", 1 octets`, `b: content "b", message: end of content`,
		"a: over: message: the exchange is over", "b: over: message: the exchange is over")
	c.want("the fourth, when there is room", wire("GET", "d"))
	c.begin(message.RequestHead{Method: "POST", Target: "/p", Authority: "a", About: "p"})
	c.begin(headOf("", "e"))
	c.want("what isn't idempotent waits, and all behind it", "")
	c.feed("P/1.1 204 No Content\r\n\r\n")
	c.want("it still isn't alone", "")
	c.feed("HTTP/1.1 204 No Content\r\n\r\n")
	c.want("now it is", "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
	c.feed("HTTP/1.1 204 No Content\r\n\r\n")
	c.want("and then the one behind it", wire("GET", "e"))
	c.feed("HTTP/1.1 204 No Content\r\n\r\n").wantNoBuffers("all is answered")
}

// An old server is sent nothing behind a request.
func TestClientPipelinesNothingToHTTP10(t *testing.T) {
	c := newTestClient(t, ClientOptions{PipelinedMax: 3})
	c.begin(headOf("", "a"))
	c.want("", wire("GET", "a"))
	c.feed("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n")
	c.begin(headOf("", "b"))
	c.begin(headOf("", "c"))
	c.want("one at a time", wire("GET", "b"))
}

// A request whose content isn't whole keeps those behind it back.
func TestClientPipelinesWholeRequests(t *testing.T) {
	c := newTestClient(t, ClientOptions{PipelinedMax: 3})
	x := c.begin(message.RequestHead{Method: "PUT", Authority: "a", ContentLength: -1})
	c.begin(headOf("", "b"))
	c.want("the head", "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
	c.in(func() { _, _ = x.Write([]byte("hello")) }).want("content", "5\r\nhello\r\n")
	c.in(func() { _ = x.End(message.Field{Name: "A", Value: "b"}) }).want("the end, and the next", "0\r\nA: b\r\n\r\n"+wire("GET", "b"))
}

// After a connection has ended, each exchange knows whether it may be tried
// again.
func TestClientRetry(t *testing.T) {
	c := newTestClient(t, ClientOptions{PipelinedMax: 2})
	c.begin(headOf("", "a"))
	c.begin(headOf("DELETE", "b"))
	c.begin(message.RequestHead{Method: "POST", Target: "/c", Authority: "a", About: "c"})
	c.feed("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello").end()
	c.wantClosed("the peer has gone")
	type verdict struct{ isSent, isIdempotent, isRetryable bool }
	for method, want := range map[string]verdict{"GET": {true, true, true}, "POST": {true, false, false}, "PUT": {true, true, true}, "LOCK": {true, false, false}} {
		c := newTestClient(t, ClientOptions{})
		x := c.begin(headOf(method, "a"))
		y := c.begin(headOf(method, "b"))
		var errs [2]error
		x.OnOver(func(_ message.ClientExchange, err error) { errs[0] = err })
		y.OnOver(func(_ message.ClientExchange, err error) { errs[1] = err })
		c.end()
		for i, want := range []verdict{want, {false, want.isIdempotent, true}} {
			var err *message.UnansweredError
			if !errors.As(errs[i], &err) {
				t.Fatalf("%s: %v", method, errs[i])
			}
			if got := (verdict{err.IsSent, err.IsIdempotent, err.IsRetryable()}); got != want {
				t.Errorf("%s %d: got %+v, want %+v", method, i, got, want)
			}
		}
	}
}

// Octets that answer nothing end the connection, and are nobody's response.
func TestClientUnasked(t *testing.T) {
	c := newTestClient(t, ClientOptions{})
	c.feed("\r\n\r\n").wantOps("empty lines are nothing", engine.Read, false)
	c.feed("HTTP/1.1 408 Request Timeout\r\n\r\n").wantClosed("nobody asked")
	if _, err := c.client.Begin(&getA); err == nil || !strings.Contains(err.Error(), "answer no request") {
		t.Errorf("Begin: %v", err)
	}

	c = newTestClient(t, ClientOptions{})
	c.begin(getA)
	c.feed(okHello + okHello)
	c.wantLog("the second response is ignored", gotOK, gotAll, overOK).wantClosed("and the connection isn't used again")

	c = newTestClient(t, ClientOptions{})
	c.most = -1 // the flow takes nothing, and isn't asked
	c.begin(getA)
	c.feed(okHello).wantClosed("the response came before the request")
	var err *message.UnansweredError
	if _ = c.log; len(c.log) != 2 || !strings.Contains(c.log[0], "wasn't sent") {
		t.Errorf("%v %v", c.log, err)
	}
}

func TestClientRefusals(t *testing.T) {
	head := "HTTP/1.1 200 OK\r\n"
	for _, test := range []struct{ name, octets, want string }{
		{"both framings", head + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding with Content-Length"},
		{"two lengths", head + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", "Content-Length repeated"},
		{"101 unasked", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\n\r\n", "switched"},
		{"not HTTP", "SSH-2.0-OpenSSH\r\n", "malformed"},
		{"bare LF", "HTTP/1.1 200 OK\n\n", "bare LF"},
		{"interim without end", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 17), "InterimMax is 16"},
		{"long head", head + "a: " + strings.Repeat("b", 1<<20) + "\r\n", "field line too long"},
		{"chunk", head + "Transfer-Encoding: chunked\r\n\r\nx\r\n", "chunk-line"},
		{"version", "HTTP/2.0 200 OK\r\n\r\n", "version"},
	} {
		c := newTestClient(t, ClientOptions{})
		x := c.begin(getA)
		var got error
		x.OnOver(func(_ message.ClientExchange, err error) { got = err })
		c.feed(test.octets).wantClosed(test.name)
		var fault *message.Fault
		if !errors.As(got, &fault) || !strings.Contains(got.Error(), test.want) {
			t.Errorf("%s: %v", test.name, got)
		}
		var unanswered *message.UnansweredError
		if errors.As(got, &unanswered) && unanswered.IsRetryable() {
			t.Errorf("%s: it can be sent again", test.name)
		}
	}
}

func TestClientHead(t *testing.T) {
	c := newTestClient(t, ClientOptions{})
	c.begin(headOf("HEAD", "a"))
	c.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
	c.wantLog("no content comes", `a: response 200 "OK", 5 octets`, `a: content "", message: end of content`, "a: over: message: the exchange is over")
	c.begin(headOf("", "b"))
	c.feed("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n")
	c.wantLog("nor with 304", `b: response 304 "Not Modified", 5 octets`, `b: content "", message: end of content`, "b: over: message: the exchange is over")
	c.wantOps("the connection goes on", engine.Read, false)
}

// Content waits for 100 (Continue), for a deadline, or for a final response
// that makes it useless.
func TestClientExpect(t *testing.T) {
	begin := func(o ClientOptions) (*testClient, message.ClientExchange) {
		c := newTestClient(t, o)
		x := c.begin(message.RequestHead{Method: "PUT", Authority: "a", ContentLength: 5, Fields: []message.Field{{Name: "Expect", Value: "100-Continue"}}})
		c.want("the head alone", "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 5\r\n\r\n")
		c.in(func() {
			if n, err := x.Write([]byte("hello")); n != 5 || err != nil {
				t.Errorf("Write: %d, %v", n, err)
			}
			if err := x.End(); err != nil {
				t.Error(err)
			}
		}).want("content waits", "")
		return c, x
	}
	c, _ := begin(ClientOptions{})
	c.feed("HTTP/1.1 103 Early Hints\r\n\r\n").want("another interim response is nothing", "")
	c.feed("HTTP/1.1 100 Continue\r\n\r\n").want("it goes", "hello")
	c.feed(okHello)
	c.wantLog("and is answered", "x: interim 103, 0 fields", "x: interim 100, 0 fields", gotOK, gotAll, overOK).wantNoBuffers("the end")
	c.wantOps("the connection goes on", engine.Read, false)

	c, _ = begin(ClientOptions{})
	c.after(second-2).want("nobody says anything", "")
	c.after(1).want("so it goes", "hello")
	c.feed("HTTP/1.1 100 Continue\r\n\r\n"+okHello).want("", "")
	c.wantLog("100 comes late", "x: interim 100, 0 fields", gotOK, gotAll, overOK)

	c, _ = begin(ClientOptions{})
	c.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").want("a server that wants content says so by its status, too", "hello")
	c.feed("hello").wantOps("the connection goes on", engine.Read, false)

	c, _ = begin(ClientOptions{ContinueNs: -1})
	c.feed("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n").want("one that goes, and hasn't asked for it, doesn't get it", "")
	c.feed("hello").wantClosed("and has gone")
	c.wantLog("its answer", gotOK, gotAll, overOK)

	c, _ = begin(ClientOptions{ContinueNs: -1})
	c.after(59*second).want("it waits for ever", "")
	c.feed("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n").want("it never goes", "").wantClosed("and the connection can't go on")
	c.wantLog("the answer", `x: response 417 "Expectation Failed", 0 octets`, `x: content "", message: end of content`, overOK)
}

// A response that comes before the request has ended: an error stops it, and
// anything else doesn't.
func TestClientEarlyResponse(t *testing.T) {
	begin := func() (*testClient, message.ClientExchange) {
		c := newTestClient(t, ClientOptions{})
		x := c.begin(message.RequestHead{Method: "POST", Authority: "a", ContentLength: -1})
		c.in(func() { _, _ = x.Write([]byte("one")) }).want("", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
		return c, x
	}
	c, x := begin()
	c.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")
	c.in(func() { _, _ = x.Write([]byte("two")) }).want("both go on", "3\r\ntwo\r\n")
	c.feed("lo")
	c.wantLog("the response is whole", gotOK, gotAll).in(func() { _ = x.End() }).want("the request too", "0\r\n\r\n")
	c.wantLog("now it is over", overOK).wantOps("and the connection goes on", engine.Read, false)

	c, x = begin()
	var told error
	c.most = -1
	c.in(func() { _ = x.WriteLent([]byte("lent"), func(err error) { told = err }) })
	c.feed("HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nhel")
	if told != message.ErrUnwanted {
		t.Errorf("done was told %v", told)
	}
	c.in(func() {
		if _, err := x.Write([]byte("two")); err != message.ErrUnwanted {
			t.Errorf("Write: %v", err)
		}
		if err := x.End(); err != message.ErrUnwanted {
			t.Errorf("End: %v", err)
		}
	})
	c.most = 0
	c.look().wantOps("our side is closed, and the rest of the response is read", engine.Read, true)
	c.feed("lo").wantClosed("it is")
	c.wantLog("as a whole", `x: response 413 "Content Too Large", 5 octets`, gotAll, overOK)
}

// A response that says close, or ends with the connection, may come while its
// request is read: the request goes on until the response is whole.
func TestClientEarlyClose(t *testing.T) {
	for _, isClosed := range []bool{false, true} {
		c := newTestClient(t, ClientOptions{})
		x := c.begin(message.RequestHead{Method: "POST", Authority: "a", ContentLength: -1})
		head := "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n"
		if isClosed {
			head = "HTTP/1.1 200 OK\r\n\r\n"
		}
		c.feed(head+"hel").want("", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
		c.in(func() { _, _ = x.Write([]byte("two")) }).want("it goes on", "3\r\ntwo\r\n")
		c.feed("lo")
		if isClosed {
			c.in(func() { _ = x.End() }).want("the request ends first", "0\r\n\r\n")
			c.end()
		}
		c.wantClosed("the response is whole")
		if _, err := x.Write([]byte("three")); !isClosed && err != message.ErrUnwanted {
			t.Errorf("Write behind the end: %v", err)
		}
		if len(c.log) != 3 || c.log[1] != gotAll || c.log[2] != overOK {
			t.Errorf("%q", c.log)
		}
	}
}

// When the flow takes nothing more, an answer may have arrived before.
func TestClientWriteFails(t *testing.T) {
	c := newTestClient(t, ClientOptions{})
	x := c.begin(message.RequestHead{Method: "POST", Authority: "a", ContentLength: 1000})
	c.begin(headOf("", "b"))
	c.in(func() { _, _ = x.Write([]byte("hello")) })
	c.most = -1
	c.in(func() { _, _ = x.Write([]byte("hello")) })
	c.client.NextWrite()
	c.client.ReportWrite(2, errors.New("broken pipe"))
	c.wantOps("the answer is waited for", engine.Read, true)
	c.feed("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n").wantClosed("there it is")
	c.wantLog("all is told", `x: response 413 "Content Too Large", 0 octets`, `x: content "", message: end of content`, overOK,
		"b: no response: message: the request wasn't sent: message: the connection has failed: broken pipe",
		"b: over: message: the request wasn't sent: message: the connection has failed: broken pipe")
}

func TestClientTimes(t *testing.T) {
	c := newTestClient(t, ClientOptions{IdleNs: 3 * second})
	c.after(3 * second).wantClosed("idle")

	c = newTestClient(t, ClientOptions{HeadNs: 3 * second})
	c.begin(getA)
	c.after(2 * second).feed("HTTP/1.1 103 Early Hints\r\n\r\nHTTP")
	c.after(2*second).wantOps("an interim response gives it time", engine.Read, false)
	c.after(second).wantClosed("no more")
	c.wantLog("", "x: interim 103, 0 fields",
		"x: no response: message: the request is unanswered, and can't be sent again by itself: response-message: response head not received in time at octet 0: the limit HeadNs is 3000000000",
		"x: over: message: the request is unanswered, and can't be sent again by itself: response-message: response head not received in time at octet 0: the limit HeadNs is 3000000000")

	c = newTestClient(t, ClientOptions{ContentOctetsPerSecondMin: 100})
	c.begin(getA)
	c.feed("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n").feed(strings.Repeat("a", 600))
	c.after(5*second).wantOps("fast enough", engine.Read, false)
	c.feed("a").after(5 * second).wantClosed("too slow")
}

func TestClientContentLimit(t *testing.T) {
	for _, octets := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n01234567890",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n01234\r\n",
	} {
		c := newTestClient(t, ClientOptions{ContentOctets: 10})
		x := c.begin(getA)
		var got error
		x.OnOver(func(_ message.ClientExchange, err error) { got = err })
		c.feed(octets).wantClosed(octets)
		if got == nil || !strings.Contains(got.Error(), "ContentOctets is 10") {
			t.Errorf("%q: %v", octets, got)
		}
	}
}

// Content that nobody takes is kept up to the window.
func TestClientBackpressure(t *testing.T) {
	c := newTestClient(t, ClientOptions{ContentWindowOctets: 4})
	var got []byte
	takes := 0
	x := c.begin(getA)
	x.OnResponse(func(x message.ClientExchange, _ error) {
		_ = x.OnContent(func(x message.ClientExchange, p []byte, err error) int {
			n := min(takes, len(p))
			takes -= n
			got = append(got, p[:n]...)
			if err != nil {
				got = append(got, '.')
			}
			return n
		})
	})
	c.feed(okHello).wantOps("the window is full", engine.Yield, false)
	takes = 2
	c.in(x.Resume).wantOps("there is room", engine.Read, false)
	takes = 3
	c.in(x.Resume)
	if string(got) != "hello." {
		t.Errorf("got %q", got)
	}
	c.wantNoBuffers("all is taken")
}

// Close throws away what is little, and ends the connection otherwise.
func TestClientClose(t *testing.T) {
	for _, test := range []struct {
		name, octets string
		isOver       bool
	}{
		{"little", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false},
		{"little, chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", false},
		{"much", "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello", true},
		{"much, chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\nhello\r\n", true},
		{"until close", "HTTP/1.1 200 OK\r\n\r\nh", true},
	} {
		for _, when := range []string{"before", "at the head", "never", "later"} {
			if when == "later" && strings.HasPrefix(test.name, "much") {
				continue // what is left isn't much
			}
			c := newTestClient(t, ClientOptions{DiscardOctets: 10})
			c.client.Turn(func() {
				x, _ := c.client.BeginInTurn(&getA)
				switch when {
				case "before":
					x.Close()
				case "at the head":
					x.OnResponse(func(x message.ClientExchange, _ error) { x.Close(); x.Close() })
				case "later":
					x.OnResponse(func(x message.ClientExchange, _ error) {
						_ = x.OnContent(func(x message.ClientExchange, p []byte, _ error) int { x.Close(); return len(p) })
					})
				}
			})
			c.look()
			if c.feed(test.octets); test.isOver {
				c.wantClosed(test.name + " " + when)
			} else {
				c.wantOps(test.name+" "+when, engine.Read, false)
				c.begin(getA)
				c.feed(okHello).wantNoBuffers(test.name)
				c.wantLog("the next", gotOK, gotAll, overOK)
			}
		}
	}
	c := newTestClient(t, ClientOptions{})
	x := c.begin(message.RequestHead{Method: "POST", Authority: "a", ContentLength: 10})
	c.in(x.Close).wantClosed("the request will never be whole")
}

// Reset takes a request back that isn't sent, and cuts one that is.
func TestClientReset(t *testing.T) {
	c := newTestClient(t, ClientOptions{})
	c.begin(getA)
	y, z := c.begin(headOf("", "y")), c.begin(headOf("", "z"))
	c.want("one is sent", "GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n")
	c.in(y.Reset).wantLog("the second is taken back",
		"y: no response: message: the request wasn't sent: message: the exchange has been reset",
		"y: over: message: the request wasn't sent: message: the exchange has been reset")
	c.feed(okHello).want("the third is sent", wire("GET", "z"))
	c.wantLog("", gotOK, gotAll, overOK)
	c.in(z.Reset).wantClosed("it was sent")
	c.wantLog("", "z: no response: message: the request is unanswered, and can't be sent again by itself: message: the exchange has been reset",
		"z: over: message: the request is unanswered, and can't be sent again by itself: message: the exchange has been reset")
}

func TestClientShutdown(t *testing.T) {
	c := newTestClient(t, ClientOptions{})
	c.begin(getA)
	c.begin(headOf("", "b"))
	c.client.Shutdown()
	if _, err := c.client.Begin(&getA); err != message.ErrClosing {
		t.Errorf("Begin: %v", err)
	}
	c.feed(okHello).feed(okHello).wantClosed("both are answered")
	c = newTestClient(t, ClientOptions{})
	c.client.Shutdown()
	c.look().wantClosed("nothing is under way")
}

func TestClientBusyAndClosing(t *testing.T) {
	c := newTestClient(t, ClientOptions{WaitingMax: 1})
	c.begin(getA)
	if _, err := c.client.Begin(&getA); err != message.ErrBusy {
		t.Errorf("Begin: %v", err)
	}
	c = newTestClient(t, ClientOptions{})
	c.begin(message.RequestHead{Authority: "a", Fields: []message.Field{{Name: "Connection", Value: "close"}}})
	if err := c.client.Err(); err != message.ErrClosing {
		t.Errorf("Err: %v", err)
	}
	c.feed(okHello).wantClosed("our close counts, too")
	c = newTestClient(t, ClientOptions{})
	c.begin(getA)
	c.feed("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello")
	if _, err := c.client.Begin(&message.RequestHead{Method: "POST", Authority: "a", ContentLength: -1}); err == nil || !strings.Contains(err.Error(), "HTTP/1.0") {
		t.Errorf("chunks for HTTP/1.0: %v", err)
	}
}

// A callback that panics takes its exchange down, and is told.
func TestClientPanics(t *testing.T) {
	for i := range 4 {
		var told any
		c := newTestClient(t, ClientOptions{OnPanic: func(v any) { told = v }})
		x := c.begin(getA)
		var over error
		switch i {
		case 0:
			x.OnResponse(func(message.ClientExchange, error) { panic("oh") })
		case 1:
			x.OnResponse(func(x message.ClientExchange, _ error) {
				_ = x.OnContent(func(message.ClientExchange, []byte, error) int { panic("oh") })
			})
		case 2:
			x.OnInterim(func(message.ClientExchange, message.Status, message.Fields) { panic("oh") })
		case 3:
			x.OnOver(func(message.ClientExchange, error) { panic("oh") })
		}
		if i < 3 {
			x.OnOver(func(_ message.ClientExchange, err error) { over = err })
		}
		c.feed("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\nhello")
		if i == 3 {
			c.end()
		}
		c.wantClosed(fmt.Sprint(i))
		if told != "oh" || i < 3 && !errors.Is(over, ErrPanicked) {
			t.Errorf("%d: told %v, over %v", i, told, over)
		}
	}
}

// Behind a request with close nothing is sent. h1.Client begins nothing behind one
// either; the table says it to who asks nothing but the table.
func TestPipeliningBehindClose(t *testing.T) {
	for _, version := range []Version{VersionHTTP10, VersionHTTP11} {
		if got := DecidePipelining(PersistenceClose, version, PipelineOpen, RequestInFrontRepeatable, RequestBehindRepeatable); got != PipeliningWait {
			t.Errorf("%v: %v", version, got)
		}
	}
}

// A response that declares too much is refused, also if nobody watches its exchange,
// which was used again before it was told: that crashed the client.
func TestClientContentTooLargeUnwatched(t *testing.T) {
	c := newTestClient(t, ClientOptions{ContentOctets: 3, PipelinedMax: 9})
	begin := func() {
		c.in(func() {
			if _, err := c.client.BeginInTurn(&getA); err != nil {
				t.Fatal(err)
			}
		})
	}
	begin()
	c.most = -1 // so that something is left to be written
	begin()
	c.feed(okHello).wantClosed("refused")
}

// Whoever gives an exchange up in the callback of its content, and takes none of
// that, is told the end of both all the same. It used to be kept for ever.
func TestClientGivesUpWithinContent(t *testing.T) {
	for _, response := range []string{
		"HTTP/1.1 200 OK\r\n\r\nhello",
		okHello,
		"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\nhello",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
	} {
		for name, giveUp := range map[string]func(message.ClientExchange){
			"Close": message.ClientExchange.Close, "Reset": message.ClientExchange.Reset,
		} {
			c := newTestClient(t, ClientOptions{})
			over, last := 0, 0
			c.in(func() {
				x, err := c.client.BeginInTurn(&getA)
				if err != nil {
					t.Fatal(err)
				}
				x.OnOver(func(message.ClientExchange, error) { over++ })
				x.OnResponse(func(x message.ClientExchange, _ error) {
					_ = x.OnContent(func(x message.ClientExchange, _ []byte, err error) int {
						if err != nil {
							last++
						} else {
							giveUp(x)
						}
						return 0
					})
				})
			})
			c.feed(response).end().wantClosed(name)
			if over != 1 || last != 1 {
				t.Errorf("%s of %q: told of the end %d times, and of that of the content %d times", name, response, over, last)
			}
		}
	}
}

// 100 (Continue) ends the time that was waited for it, while the content is still to
// be written. The deadline used to stay when it had passed, so that a driver spun.
func TestClientContinueEndsItsTime(t *testing.T) {
	c := newTestClient(t, ClientOptions{})
	x := c.begin(message.RequestHead{Method: "PUT", Authority: "a", ContentLength: 5, Fields: []message.Field{{Name: "Expect", Value: "100-continue"}}})
	if c.e.Deadline() == 0 {
		t.Error("nothing is waited for")
	}
	if c.feed("HTTP/1.1 100 Continue\r\n\r\n"); c.e.Deadline() != 0 {
		t.Errorf("the deadline is %d", c.e.Deadline())
	}
	c.in(func() { _, _ = x.Write([]byte("hello")); _ = x.End() })
	head := c.e.Deadline()
	c.after(second).feed("HTTP/1.1 102 \r\n\r\n")
	if got := c.e.Deadline(); got <= head {
		t.Errorf("behind an interim response the deadline is %d, and was %d", got, head)
	}
}
