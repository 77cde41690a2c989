package h1

import (
	"errors"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

func TestIdleDeadline(t *testing.T) {
	c := newTestConn(t, inline(hello))
	c.after(59*second).wantOps("not yet", engine.Read, false).after(second).wantClosed("nothing ever came")
	c = newTestConn(t, inline(hello)).feed(get).want("", ok5)
	c.after(30*second).feed(get).want("time begins again", ok5)
	c.after(59*second).wantOps("not yet", engine.Read, false).after(second).wantClosed("idle")
	o := inline(hello)
	o.IdleNs = -1
	c = newTestConn(t, o).feed(get).want("", ok5).after(second)
	if c.s.Deadline() != 0 || c.s.work != nil || c.s.requests.Message != nil {
		t.Error("an idle connection keeps memory, or a timer that is off")
	}
	c.feed(get).want("and still serves", ok5)
}

func TestHeadDeadline(t *testing.T) {
	c := newTestConn(t, inline(hello))
	c.after(50 * second).feed("G")
	for range 9 {
		c.after(second).feed("E")
	}
	c.wantOps("octets that drip don't help", engine.Read, false).after(second).
		wantStatuses("too slow", 408).wantOps("closed in stages", engine.Read, true).
		after(5 * second).wantClosed("and the peer doesn't close")
	c = newTestConn(t, inline(hello)).feed("GET")
	c.after(9*second).feed(get[3:]+"GET").want("in time", ok5)
	c.after(9*second).feed(get[3:]).want("each head has its time", ok5)
	newTestConn(t, inline(hello)).feed("\r\n").after(30*second).wantOps("an empty line is no head", engine.Read, false)
}

func TestContentDeadline(t *testing.T) {
	var fault *message.Fault
	waits := func(x message.Exchange) {
		_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
			_ = errors.As(err, &fault)
			return len(p)
		})
	}
	long := "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
	c := newTestConn(t, inline(waits)).feed(long)
	for range 10 {
		c.feed(string(make([]byte, 1200))).after(5 * second)
	}
	c.wantOps("fast enough", engine.Read, false).feed(string(make([]byte, 1199))).after(5*second).
		wantStatuses("too slow", 408).wantOps("", engine.Read, true)
	if fault == nil || fault.Limit != "ContentOctetsPerSecondMin" {
		t.Errorf("the callback was told %v", fault)
	}
	// Nobody waits for content that there is no room for, or that the client
	// waits to be asked for.
	e := &echo{most: 1}
	o := inline(e.serve)
	o.ContentWindowOctets = 2
	newTestConn(t, o).feed(long+"abcdef").after(100*second).wantOps("no room", engine.Yield, false)
	d := new(handed)
	newTestConn(t, inline(d.serve)).feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n").
		after(100*second).wantOps("not asked", engine.Read, false)
	newTestConn(t, inline(d.serve)).feed(get).after(100*second).wantOps("a slow handler", engine.Read, false)
}

func TestDrainDeadline(t *testing.T) {
	c := newTestConn(t, inline(hello))
	c.most = -1
	c.feed("GET / HTTP/1.0\r\n\r\n").after(100*second).wantOps("the answer isn't out", engine.Read, false)
	c.most = 0
	c.look().wantStatuses("", 200).after(4*second).wantOps("now the peer has time to close", engine.Read, true)
	c.feed("x").after(second).wantClosed("which doesn't begin again")
	o := inline(hello)
	o.DrainNs = -1
	newTestConn(t, o).feed("GET / HTTP/1.0\r\n\r\n").wantStatuses("", 200).wantClosed("off: at once")
}
