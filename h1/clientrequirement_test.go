package h1

import "testing"

// TestClientReceivesClose holds that behind a response that ends the connection
// nothing more is sent, and that the connection is closed without waiting for
// the peer to do it.
func TestClientReceivesClose(t *testing.T) {
	for name, head := range map[string]string{
		"close":                             "HTTP/1.1 200 OK\r\nConnection: close\r\n",
		"close among others":                "HTTP/1.1 200 OK\r\nConnection: a, Close\r\n",
		"a Connection that can't be read":   "HTTP/1.1 200 OK\r\nConnection: (\r\n",
		"HTTP/1.0":                          "HTTP/1.0 200 OK\r\n",
		"HTTP/1.0 with close":               "HTTP/1.0 200 OK\r\nConnection: close, keep-alive\r\n",
		"close in the second interim one":   "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n",
		"a minor version above ours, close": "HTTP/1.7 200 OK\r\nConnection: close\r\n",
	} {
		c := newTestClient(t, ClientOptions{})
		c.begin(getA)
		c.want(name, "GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n")
		waits := c.begin(headOf("", "b"))
		c.feed(head+"Content-Length: 5\r\n\r\nhello").want(name+": the second isn't sent", "").wantClosed(name)
		if err := waits.Err(); err == nil {
			t.Errorf("%s: the second request goes on", name)
		}
		if _, err := c.client.Begin(&getA); err == nil {
			t.Errorf("%s: a request can be begun", name)
		}
	}
}
