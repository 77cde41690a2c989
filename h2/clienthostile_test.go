package h2

import (
	"errors"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// A peer that lets no stream holds nobody for ever: requests that wait fail
// unsent, and the connection with them.
func TestClientWithoutPlaces(t *testing.T) {
	none := http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 0}
	k, l := talk(t, ClientOptions{}, none), &logged{t: t}
	k.begin(l, "x", message.RequestHead{})
	k.expire(59 * second)
	k.want("it may let one")
	k.peer(func(fr *http2.Framer) {
		_ = fr.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 1})
	})
	k.peer(func(fr *http2.Framer) { _ = fr.WriteSettings(none) })
	k.want("as it does", "SETTINGS ACK", "HEADERS 1 END_STREAM :method=GET :scheme=http :authority=a.example :path=/", "SETTINGS ACK")
	var y message.ClientExchange
	k.turn(func() {
		y, _ = k.c.BeginInTurn(&message.RequestHead{Method: "POST", Authority: "a.example"})
		y = y.Detach()
	})
	k.expire(50 * second)
	k.peer(func(fr *http2.Framer) { k.headers(fr, 1, true, ":status", "204") })
	k.expire(59 * second)
	if err := y.Err(); err != nil {
		t.Errorf("it waits, and is told %v", err)
	}
	k.expire(second)
	var e *message.UnansweredError
	if err := y.Err(); !errors.As(err, &e) || e.IsSent || !e.IsRetryable() {
		t.Errorf("it is told %v", err)
	}
	k.want("the connection is of no use", "GOAWAY 0 NO_ERROR")
}
