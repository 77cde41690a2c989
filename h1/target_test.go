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
		{"[1:2:3:4:5:6:7:8]", 200},
		{"[1:2:3:4:5:6:255.0.0.255]", 200},
		{"[1::8]", 200},
		{"[::]", 200},
		{"[fe80::1:2]:443", 200},
		{"[:::]", 400},
		{"[1:2:3:4:5:6:7]", 400},
		{"[1:2:3:4:5:6:7:8:9]", 400},
		{"[1::2::3]", 400},
		{"[12345::]", 400},
		{"[::256.0.0.1]", 400},
		{"[::1.2.3]", 400},
		{"[v.a]", 400},
		{"[v1.]", 400},
		{"[fe80::1%25eth0]", 400},
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

// TestTargets holds the table of forms and methods, and what the target URI is
// made of (RFC 9112, Section 3.3).
func TestTargets(t *testing.T) {
	for _, test := range []struct {
		request           string
		status            int
		scheme, authority string
	}{
		{"GET / HTTP/1.1\r\nHost: a", 200, "http", "a"},
		{"GET / HTTP/1.1\r\nHost:", 200, "http", ""},
		{"GET / HTTP/1.0", 200, "http", ""},
		{"PUT /a|b{c}?\"^` HTTP/1.1\r\nHost: a", 200, "http", "a"},
		{"OPTIONS /a HTTP/1.1\r\nHost: a", 200, "http", "a"},
		{"OPTIONS * HTTP/1.1\r\nHost: a", 200, "http", "a"},
		{"GET http://b HTTP/1.1\r\nHost: a", 200, "http", "b"},
		{"GET HTTP://b:1?c HTTP/1.1\r\nHost: a", 200, "http", "b:1"},
		{"FROB https://[::1]:/c/d?e?/ HTTP/1.1\r\nHost: a", 200, "https", "[::1]:"},
		{"GET https://b/ HTTP/1.0", 200, "https", "b"},

		{"GET https://b/ HTTP/1.1", 400, "", ""},
		{"GET http://b/ HTTP/1.1\r\nHost: a/b", 400, "", ""},
		{"GET http://[1]/ HTTP/1.1\r\nHost: a", 400, "", ""},
		{"GET http://u@b/ HTTP/1.1\r\nHost: a", 400, "", ""},
		{"GET http://u:p@b/ HTTP/1.1\r\nHost: a", 400, "", ""},
		{"GET http://:80/ HTTP/1.1\r\nHost: a", 400, "", ""},
		{"GET http:/b HTTP/1.1\r\nHost: a", 400, "", ""},
		{"GET ftp://b/ HTTP/1.1\r\nHost: a", 400, "", ""},
		{"GET a HTTP/1.1\r\nHost: a", 400, "", ""},
		{"GET a:80 HTTP/1.1\r\nHost: a", 400, "", ""},
		{"GET * HTTP/1.1\r\nHost: a", 400, "", ""},
		{"GET ** HTTP/1.1\r\nHost: a", 400, "", ""},
		{"OPTIONS ** HTTP/1.1\r\nHost: a", 400, "", ""},
		{"GET /a#b HTTP/1.1\r\nHost: a", 400, "", ""},
		{"GET http://b/#c HTTP/1.1\r\nHost: a", 400, "", ""},

		{"CONNECT b:80 HTTP/1.1\r\nHost: a", 404, "http", "b:80"},
		{"CONNECT [::1]:80 HTTP/1.1\r\nHost: a", 404, "http", "[::1]:80"},
		{"CONNECT [::g]:80 HTTP/1.1\r\nHost: a", 400, "", ""},
		{"CONNECT b HTTP/1.1\r\nHost: a", 400, "", ""},
		{"CONNECT b: HTTP/1.1\r\nHost: a", 400, "", ""},
		{"CONNECT b:65536 HTTP/1.1\r\nHost: a", 400, "", ""},
		{"CONNECT :80 HTTP/1.1\r\nHost: a", 400, "", ""},
		{"CONNECT u@b:80 HTTP/1.1\r\nHost: a", 400, "", ""},
		{"CONNECT / HTTP/1.1\r\nHost: a", 400, "", ""},
		{"CONNECT * HTTP/1.1\r\nHost: a", 400, "", ""},
		{"CONNECT http://b:80/ HTTP/1.1\r\nHost: a", 400, "", ""},
	} {
		scheme, authority := "", ""
		newTestConn(t, inline(func(x message.Exchange) {
			scheme, authority = string(x.Scheme()), string(x.Authority())
			if x.MethodID() == message.MethodConnect {
				_ = x.Respond(message.StatusNotFound, nil, nil)
				return
			}
			hello(x)
		})).feed(test.request+"\r\n\r\n").wantStatuses(test.request, test.status)
		if scheme != test.scheme || authority != test.authority {
			t.Errorf("%q is for %q %q, want %q %q", test.request, scheme, authority, test.scheme, test.authority)
		}
	}
}
