package h1

import (
	"testing"

	"github.com/specht-http/specht/message"
)

func TestHosts(t *testing.T) {
	for _, test := range []struct {
		host   string
		status int // of a request with this Host
	}{
		{"", 200},
		{"a", 200},
		{"a:", 200},
		{"a:80", 200},
		{"a.example.:8080", 200},
		{"127.0.0.1:80", 200},
		{"a%2Fb:1", 200},
		{"a_b~!$&'()*+,;=-", 200},
		{"%c3%A4", 200},
		{"[::1]", 200},
		{"[::1]:", 200},
		{"[::1]:80", 200},
		{"[::ffff:127.0.0.1]", 200},
		{"[v1.a:b]:80", 200},
		{":80", 400},
		{":", 400},
		{"a:b", 400},
		{"a:80:80", 400},
		{"a::80", 400},
		{"a:8a", 400},
		{"a:-1", 400},
		{"a%", 400},
		{"a%2", 400},
		{"a%zz", 400},
		{"a%2:80", 400},
		{"a:%38", 400},
		{"[", 400},
		{"]", 400},
		{"[]", 400},
		{"[::1", 400},
		{"::1", 400},
		{"::1]", 400},
		{"a[::1]", 400},
		{"[::1]a", 400},
		{"[::1]:a", 400},
		{"[::1]:80:80", 400},
		{"[[::1]]", 400},
		{"[a%25]", 400},
		{"[v%]", 400},
		{"[g]", 400},
		{"a]", 400},
		{"u@a", 400},
		{"a b", 400},
		{"a/b", 400},
		{"\xc3\xa4", 400},
	} {
		newTestConn(t, inline(hello)).feed("GET / HTTP/1.1\r\nHost: "+test.host+"\r\n\r\n").
			wantStatuses("Host: "+test.host, test.status)
		if test.host == "" {
			test.status = 400
		}
		if test.host == "a b" || test.host == "a/b" {
			continue // no authority, or not all of it
		}
		authority := ""
		newTestConn(t, inline(func(x message.Exchange) { authority = string(x.Authority()); hello(x) })).
			feed("GET http://"+test.host+"/ HTTP/1.1\r\nHost: b\r\n\r\n").
			wantStatuses("http://"+test.host, test.status)
		if test.status == 200 && authority != test.host {
			t.Errorf("the authority of http://%s is %q", test.host, authority)
		}
	}
}
