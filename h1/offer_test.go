package h1

import (
	"fmt"
	"testing"

	"github.com/specht-http/specht/message"
)

// offered is a connection whose offers are shown to somebody, and notes of what
// was shown, and of each exchange that is over.
func offered(t *testing.T, isTaken bool) (c *testConn, shown *[]string) {
	shown = new([]string)
	o := inline(hello)
	o.OnEnd = func(x message.Exchange, s message.Summary) {
		*shown = append(*shown, fmt.Sprintf("end of %s: %d %v", x.Target(), s.Status, s.Err))
	}
	c = &testConn{t: t, h: newTestHost(), s: NewService(o).NewServer("peer")}
	c.s.OnOffer(func(x message.Exchange) bool {
		*shown = append(*shown, fmt.Sprintf("%s %s %d", x.Method(), x.Target(), x.ContentLength()))
		return isTaken
	})
	c.e = c.s
	c.e.Attach(c.h)
	return c, shown
}

// Who takes a connection over has all octets behind the head, and the engine says
// nothing any more.
func TestOfferTaken(t *testing.T) {
	for _, behind := range []string{"", "\r\n", "PRI * HTTP/2.0\r\n\r\n", get} {
		c, shown := offered(t, true)
		c.feed(offer+behind).want("nothing is said", "")
		if got := fmt.Sprint(*shown); got != "[GET / 0 end of /: 101 <nil>]" {
			t.Errorf("shown: %s", got)
		}
		if string(c.in) != behind || !c.s.Closed() || c.s.Deadline() != 0 || c.s.work != nil {
			t.Errorf("%q is left of %q, closed is %v, the deadline %d", c.in, behind, c.s.Closed(), c.s.Deadline())
		}
		c.wantNoBuffers("taken")
	}
}

// What nobody takes is answered, and the connection goes on.
func TestOfferDeclined(t *testing.T) {
	c, shown := offered(t, false)
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	c.feed(offer).want("it is a request", ok)
	c.feed(get).want("and here is another", ok)
	c.feed(offer).want("and a third", ok)
	if got := fmt.Sprint(*shown); got != "[GET / 0 end of /: 200 <nil> end of /: 200 <nil> GET / 0 end of /: 200 <nil>]" {
		t.Errorf("shown: %s", got)
	}
}

// Nobody is shown what isn't offered, what others are under way before, and the last
// request of a connection.
func TestOfferNotShown(t *testing.T) {
	tests := map[string]func(*testConn){
		"no Upgrade":               func(c *testConn) { c.feed(get) },
		"Upgrade that isn't named": func(c *testConn) { c.feed("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n") },
		"HTTP/1.0":                 func(c *testConn) { c.feed("GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n") },
		"close": func(c *testConn) {
			c.feed("GET / HTTP/1.1\r\nHost: a\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n")
		},
		"behind another":              func(c *testConn) { c.feed(get + offer) },
		"behind an answer on its way": func(c *testConn) { c.most = -1; c.feed(get); c.feed(offer); c.most = 0; c.look() },
		"after Shutdown":              func(c *testConn) { c.feed("G"); c.turn((*Server).Shutdown); c.feed(offer[1:]) },
		"too much content": func(c *testConn) {
			c.s.service.ContentOctets = 1
			c.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nab")
		},
	}
	for name, talk := range tests {
		t.Run(name, func(t *testing.T) {
			c, shown := offered(t, true)
			talk(c)
			for _, what := range *shown {
				if what[:3] != "end" {
					t.Errorf("shown: %s", *shown)
				}
			}
			if len(*shown) == 0 {
				t.Errorf("nothing was answered: %q", c.out)
			}
		})
	}
}
