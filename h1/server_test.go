package h1

import (
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

func TestKeepAlive(t *testing.T) {
	c := newTestConn(t, inline(hello))
	for range 3 {
		c.feed(get).want("a request, an answer", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
		c.wantOps("and the next one", engine.Read, false).wantNoBuffers("idle")
	}
	c.end().wantClosed("the peer has closed, and nothing is in flight")
}

func TestPipelined(t *testing.T) {
	c := newTestConn(t, inline(hello))
	one := "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	c.most = -1
	c.feed(get + get + get)
	if _, v := c.s.NextWrite(); len(v) != 1 {
		t.Errorf("three answers of one Read are %d slices, want one", len(v))
	}
	c.most = 0
	c.look().want("all are answered in one turn", one+one+one)
}

func TestVersions(t *testing.T) {
	newTestConn(t, inline(hello)).feed("GET / HTTP/1.0\r\n\r\n").
		want("HTTP/1.0 closes", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello").
		wantOps("in stages: half-close, and read on", engine.Read, true).
		feed("whatever").wantOps("what comes is thrown away", engine.Read, true).
		end().wantClosed("until the peer closes")
	newTestConn(t, inline(hello)).feed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").
		want("unless it asked", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello").
		wantOps("then it goes on", engine.Read, false)
	newTestConn(t, inline(hello)).feed("GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n"+get).
		want("HTTP/1.1 closes if it asked", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello").
		wantOps("and takes no more requests", engine.Read, true)
	newTestConn(t, inline(hello)).feed("GET / HTTP/1.1\r\nHost: a\r\nConnection: close, keep-alive\r\nConnection: a\r\n\r\n"+get).
		want("whatever else it says", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello").
		wantOps("it closes", engine.Read, true)
}

// An empty list element is none, in any line (RFC 9110, Section 5.6.1.2).
func TestEmptyTransferCodings(t *testing.T) {
	newTestConn(t, inline(unread)).feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: ,\r\n\r\n3\r\nabc\r\n0\r\n\r\n"+get).
		wantStatuses("the content is chunked, and a request follows", 200, 200)
}

func TestStreams(t *testing.T) {
	stream := func(x message.Exchange) {
		_ = x.Start(message.StatusOK, nil, -1)
		_, _ = x.Write([]byte("one"))
		_, _ = x.Write([]byte("and two"))
		_ = x.End()
	}
	newTestConn(t, inline(stream)).feed(get).
		want("unknown length is chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n7\r\nand two\r\n0\r\n\r\n").
		wantOps("and persists", engine.Read, false)
	newTestConn(t, inline(stream)).feed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").
		want("but for HTTP/1.0, where the end of the connection ends it", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\noneand two").
		wantOps("so it closes", engine.Read, true)
	newTestConn(t, inline(stream)).feed("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").
		want("HEAD has none", "HTTP/1.1 200 OK\r\n\r\n").
		wantOps("and persists", engine.Read, false)
}
