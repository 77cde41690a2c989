package h2

import (
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// HEAD, 204 and 304 have no content, whatever they declare.
func TestClientWithoutContent(t *testing.T) {
	for _, test := range [][3]string{{"HEAD", "200", "5"}, {"GET", "304", "5"}, {"GET", "204", "0"}} {
		k := talk(t, ClientOptions{})
		var got error
		length := int64(-9)
		k.turn(func() {
			x, _ := k.c.BeginInTurn(&message.RequestHead{Method: test[0], Authority: "a"})
			x.OnResponse(func(x message.ClientExchange, _ error) { length = x.ContentLength() })
			x.OnOver(func(_ message.ClientExchange, err error) { got = err })
		})
		k.peer(func(fr *http2.Framer) {
			if test[1] == "204" {
				k.headers(fr, 1, true, ":status", test[1])
			} else {
				k.headers(fr, 1, true, ":status", test[1], "content-length", test[2])
			}
		})
		if got != message.ErrOver || length != int64(test[2][0]-'0') {
			t.Errorf("%v: %v, a length of %d", test, got, length)
		}
	}
}

// Content of a response that has none by its status isn't told: whoever passed it
// on over HTTP/1.1 would have said another response.
func TestClientContentOf204(t *testing.T) {
	for _, status := range []string{"204", "304"} {
		k, l := talk(t, ClientOptions{}), &logged{t: t}
		k.begin(l, "x", message.RequestHead{})
		k.frames()
		k.peer(func(fr *http2.Framer) {
			k.headers(fr, 1, false, ":status", status)
			_ = fr.WriteData(1, true, []byte("HTTP/1.1 200 OK\r\n"))
		})
		k.want("it is malformed", "RST_STREAM 1 PROTOCOL_ERROR")
		if told := strings.Join(l.list, "\n"); strings.Contains(told, "content \"") {
			t.Errorf("told was %s", told)
		}
	}
}
