package alpn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/engine"
)

// The whole table of clients: what is agreed on, how, and what is wanted.
func TestClientTable(t *testing.T) {
	const (
		h1, h2 = "HTTP/1", "HTTP/2"
		other  = "no engine of HTTP speaks it; offer only what Protocols gives"
		not2   = "that is HTTP/1, and HTTP/2 is wanted; offer h2 alone"
		not1   = "that is HTTP/2, and HTTP/1.1 is wanted; don't offer h2"
		chosen = "the server chose none, so it speaks HTTP/1.1, and HTTP/2 is wanted"
	)
	type row struct {
		protocol  string
		isSecured bool
		want      [3]string // for any version, HTTP/1.1, HTTP/2
	}
	rows := []row{
		{"", false, [3]string{h1, h1, h2}},
		{"", true, [3]string{h1, h1, chosen}},
	}
	for _, isSecured := range []bool{false, true} {
		rows = append(
			rows,
			row{"http/1.0", isSecured, [3]string{h1, h1, not2}},
			row{"http/1.1", isSecured, [3]string{h1, h1, not2}},
			row{"h2", isSecured, [3]string{h2, not1, h2}},
			row{"h3", isSecured, [3]string{other, other, other}},
		)
	}
	for _, row := range rows {
		var f any = agreeingFlow{protocol: row.protocol}
		if row.isSecured {
			f = securedFlow{agreeingFlow{protocol: row.protocol}}
		}
		for w, want := range row.want {
			for has := range 4 {
				has1, has2 := has&1 != 0, has&2 != 0
				t.Run(fmt.Sprintf("%q secured %v, %v, HTTP/1 %v, HTTP/2 %v", row.protocol, row.isSecured, alpn.Wanted(w), has1, has2), func(t *testing.T) {
					c := &alpn.Client[engine.Engine]{HTTP1: maker(h1, has1), HTTP2: maker(h2, has2)}
					e, err := c.NewEngine(f, alpn.Wanted(w))
					want := want
					switch {
					case want == h1 && !has1:
						want = "Client.HTTP1, which makes its engines, is nil"
					case want == h2 && !has2:
						want = "Client.HTTP2, which makes its engines, is nil"
					}
					if err != nil {
						p, ok := err.(*alpn.ProtocolError)
						if !ok || p.Protocol != row.protocol || e != nil || !strings.Contains(err.Error(), want) {
							t.Errorf("%v with %v, want %s", e, err, want)
						}
						return
					}
					if e.(named).name != want {
						t.Errorf("%v, want %s", e, want)
					}
				})
			}
		}
	}
}

func TestClientWantsNoVersion(t *testing.T) {
	c := &alpn.Client[engine.Engine]{HTTP1: maker("HTTP/1", true)}
	if _, err := c.NewEngine(clearFlow{}, 3); err == nil || !strings.Contains(err.Error(), "no version of HTTP") {
		t.Errorf("got %v", err)
	}
	var names []string
	for w := alpn.WantAny; w <= 3; w++ {
		names = append(names, w.String())
	}
	if want := []string{"any version", "HTTP/1.1", "HTTP/2", "an unknown version"}; !slices.Equal(names, want) {
		t.Errorf("got %q", names)
	}
}

// What is offered is what is wanted.
func TestClientProtocols(t *testing.T) {
	c := &alpn.Client[engine.Engine]{HTTP1: maker("HTTP/1", true), HTTP2: maker("HTTP/2", true), Preference: []string{"http/1.1", "h2"}}
	want := [][]string{{"http/1.1", "h2"}, {"http/1.1"}, {"h2"}}
	for w, want := range want {
		if got := c.Protocols(alpn.Wanted(w)); !slices.Equal(got, want) {
			t.Errorf("%v: got %q, want %q", alpn.Wanted(w), got, want)
		}
	}
}
