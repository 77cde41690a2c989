package h2

import (
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/message"
)

// The reset of a request goes before the head of the one that has its place, or there
// would be more under way than the peer lets.
func TestClientResetMakesPlace(t *testing.T) {
	k, l := talk(t, ClientOptions{}, http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 1}), &logged{t: t}
	k.begin(l, "a", message.RequestHead{Target: "/a"})
	k.begin(l, "b", message.RequestHead{Target: "/b"})
	k.frames()
	k.turn(func() { (*clientInTurn)(k.c.first).Reset() })
	k.want("one that waits", "RST_STREAM 1 CANCEL", "HEADERS 3 END_STREAM :method=GET :scheme=http :authority=a.example :path=/b")
	k.turn(func() {
		(*clientInTurn)(k.c.first).Reset()
		if _, err := k.c.BeginInTurn(&message.RequestHead{Authority: "a.example", Target: "/c"}); err != nil {
			t.Error(err)
		}
	})
	k.want("one that is new", "RST_STREAM 3 CANCEL", "HEADERS 5 END_STREAM :method=GET :scheme=http :authority=a.example :path=/c")
}

// Settings are acknowledged before a request that OnSettings begins: the tables of
// fields may have another size from there on.
func TestClientOnSettingsBegins(t *testing.T) {
	o := ClientOptions{EncoderTableOctets: 8192}
	o.OnSettings = func(c *Client) {
		if _, err := c.BeginInTurn(&message.RequestHead{Authority: "a.example"}); err != nil {
			t.Error(err)
		}
	}
	k := quiet(t, o)
	k.takePreface()
	k.fr.ReadMetaHeaders = hpack.NewDecoder(8192, nil)
	k.peer(func(fr *http2.Framer) {
		_ = fr.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: 8192})
	})
	k.want("in order", "SETTINGS ACK", "HEADERS 1 END_STREAM :method=GET :scheme=http :authority=a.example :path=/")
}
