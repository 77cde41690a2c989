package specht_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	specht "github.com/specht-http/specht"
	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// The method and content that come out of a redirect, by its status.
func TestClientRedirectMethods(t *testing.T) {
	_, url := serveSite(t)
	c := closed(t, &specht.Client{RedirectsMax: 1})
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "FETCH"} {
			want1 := method + " 3 0 abc"
			switch {
			case status == 303, status < 303 && method == "POST":
				want1 = "GET 0 0 "
			}
			r := &specht.Request{Method: method, URL: fmt.Sprintf("%s/to/%d//echo", url, status), Content: strings.NewReader("abc")}
			if got := want(t, c, r, 200, want1); got.URL != url+"/echo" {
				t.Errorf("the URL is %s", got.URL)
			}
		}
		want(t, c, &specht.Request{Method: "HEAD", URL: fmt.Sprintf("%s/to/%d//echo", url, status)}, 200, "")
	}
	for _, status := range []int{200, 300, 304, 305} {
		r, err := c.Get(t.Context(), fmt.Sprintf("%s/to/%d//echo", url, status))
		if err != nil || int(r.Status) != status {
			t.Fatalf("%d was followed: %v", status, err)
		}
		r.Close()
	}
}

// What a redirect can lead to, and what it can't.
func TestClientRedirects(t *testing.T) {
	_, url := serveSite(t)
	host := strings.TrimPrefix(url, "http://")
	for _, test := range []struct {
		name    string
		most    int
		request specht.Request
		want    string // content, or error
	}{
		{"not asked for", 0, specht.Request{URL: "/to/302//a"}, "elsewhere"},
		{"absolute", 1, specht.Request{URL: "/to/302/" + url + "/a"}, "hello /a"},
		{"relative", 1, specht.Request{URL: "/to/302/../b?c"}, "hello /b?c"},
		{"another scheme's form", 1, specht.Request{URL: "/to/302///" + host + "/a"}, "hello /a"},
		{"several", 3, specht.Request{URL: "/to/302//to/302//to/302//a"}, "hello /a"},
		{"one more", 2, specht.Request{URL: "/to/302//to/302//to/302//a"}, "following a redirect: specht: so many redirects were followed already, and the next leads to " + url + "/a (Client.RedirectsMax is 2)"},
		{"to another scheme", 1, specht.Request{URL: "/to/302/ftp://a/b"}, `following a redirect: specht: the scheme of "ftp://a/b"`},
		{"with a user name", 1, specht.Request{URL: "/to/302/http://user:word@a/b"}, "send it in Authorization"},
		{"to no URL", 1, specht.Request{URL: "/to/302/http://[::1/"}, "a Location that is no URL"},
		{"content that is gone", 1, specht.Request{Method: "POST", URL: "/to/307//echo", Content: io.MultiReader(strings.NewReader("abc"))}, "give Request.GetContent"},
		{"content that can be dropped", 1, specht.Request{Method: "POST", URL: "/to/303//echo", Content: io.MultiReader(strings.NewReader("abc"))}, "GET 0 0 "},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := closed(t, &specht.Client{RedirectsMax: test.most})
			test.request.URL = url + test.request.URL
			r, err := c.Do(t.Context(), &test.request)
			got := fmt.Sprint(err)
			if err == nil {
				b, _ := io.ReadAll(r)
				got = string(b)
				r.Close()
			}
			if !strings.Contains(got, test.want) || err == nil && got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			looptest.Eventually(t, "nothing is left open", func() bool { s := c.Stats(); return s.Connections == s.Idle })
		})
	}
}

// What is meant for one origin doesn't come along to another, nor back; what
// tells of content goes with the content.
func TestClientRedirectFields(t *testing.T) {
	_, one := serveSite(t)
	_, two := serveSite(t)
	c := closed(t, &specht.Client{RedirectsMax: 9})
	host := func(url string) string { return "Host: " + strings.TrimPrefix(url, "http://") + "\n" }
	secret := []message.Field{
		{Name: "authorization", Value: "a"},
		{Name: "Cookie", Value: "b"},
		{Name: "Proxy-Authorization", Value: "c"},
		{Name: "Origin", Value: "d"},
		{Name: "Referer", Value: "e"},
		{Name: "X-Other", Value: "f"},
	}
	var all strings.Builder
	for _, f := range secret {
		fmt.Fprintf(&all, "%s: %s\n", f.Name, f.Value)
	}
	want(t, c, &specht.Request{URL: one + "/to/302//fields", Fields: secret, Authority: "x.example"}, 200, "Host: x.example\n"+all.String())
	want(t, c, &specht.Request{URL: one + "/to/302/" + two + "/fields", Fields: secret, Authority: "x.example"}, 200, host(two)+"X-Other: f\n")
	want(t, c, &specht.Request{URL: one + "/to/302/" + two + "/to/302/" + one + "/fields", Fields: secret}, 200, host(one)+"X-Other: f\n")
	if len(secret) != 6 || secret[0].Name != "authorization" {
		t.Errorf("the caller's fields are %v", secret)
	}
	of := []message.Field{{Name: "Content-Type", Value: "text/plain"}, {Name: "Expect", Value: "100-continue"}, {Name: "X-Other", Value: "f"}}
	want(t, c, &specht.Request{Method: "POST", URL: one + "/to/302//fields", Fields: of, Content: strings.NewReader("abc")}, 200, host(one)+"X-Other: f\n")
	want(t, c, &specht.Request{Method: "POST", URL: one + "/to/308//fields", Fields: of, Content: strings.NewReader("abc")}, 200,
		host(one)+"Content-Type: text/plain\nExpect: 100-continue\nX-Other: f\nContent-Length: 3\n")
}

// secureSite serves site by TLS as specht.test, and gives its address, a
// configuration that trusts it, and a Dial that finds it.
func secureSite(t *testing.T, protocols ...string) (*tls.Config, func(context.Context, specht.Address) (flow.Flow, error)) {
	certificate, pool := looptest.Certificate("specht.test")
	s := newServer(t, specht.ServerOptions{Handler: site})
	e := start(t, s, specht.Service{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: protocols}})
	return &tls.Config{RootCAs: pool}, func(ctx context.Context, a specht.Address) (flow.Flow, error) {
		if a.Port != "443" {
			return specht.Dial(ctx, a)
		}
		return dialTCP(ctx, e.Addr())
	}
}

func dialTCP(ctx context.Context, address string) (flow.Flow, error) {
	f, err := tcp.Dial(ctx, address)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func TestClientSecure(t *testing.T) {
	config, dial := secureSite(t)
	c := closed(t, &specht.Client{TLS: config, Dial: dial})
	for _, version := range []alpn.Wanted{alpn.WantHTTP1, alpn.WantAny} {
		protocol := map[alpn.Wanted]string{alpn.WantHTTP1: "http/1.1", alpn.WantAny: "h2"}[version]
		c := closed(t, &specht.Client{TLS: config, Dial: dial, Version: version})
		r := want(t, c, &specht.Request{Method: "PUT", URL: "https://specht.test/echo", Content: strings.NewReader("abc")}, 200, "PUT 3 0 abc")
		s, isSecured := r.Conn.Security()
		if !isSecured || s.Version != "TLS 1.3" || s.ServerName != "specht.test" || r.Conn.ALPN() != protocol || len(s.PeerCertificates) != 1 {
			t.Errorf("it is encrypted by %+v", s)
		}
	}
	if config.ServerName != "" || config.NextProtos != nil {
		t.Error("the configuration of the caller has changed")
	}
	var e *specht.ClientError
	_, err := c.Get(t.Context(), "https://other.test/")
	if !errors.As(err, &e) || e.Stage != specht.StageConnecting || !strings.Contains(err.Error(), "other.test") {
		t.Errorf("another host: %v", err)
	}
	nobody := closed(t, &specht.Client{Dial: dial})
	if _, err := nobody.Get(t.Context(), "https://specht.test/"); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("an authority that nobody trusts: %v", err)
	}
	if s := nobody.Stats(); s.Connections != 0 {
		t.Errorf("there are %+v", s)
	}
}

// A redirect leads to a clear connection only where that may be.
func TestClientRedirectToClear(t *testing.T) {
	config, dial := secureSite(t)
	_, url := serveSite(t)
	c := closed(t, &specht.Client{TLS: config, Dial: dial, RedirectsMax: 3})
	want(t, c, &specht.Request{URL: "https://specht.test/to/302//a"}, 200, "hello /a")
	want(t, c, &specht.Request{URL: url + "/to/302/https://specht.test/a"}, 200, "hello /a")
	_, err := c.Get(t.Context(), "https://specht.test/to/302/"+url+"/a")
	if err == nil || !strings.Contains(err.Error(), "set Client.RedirectsToClear") {
		t.Errorf("got %v", err)
	}
	c = closed(t, &specht.Client{TLS: config, Dial: dial, RedirectsMax: 3, RedirectsToClear: true})
	want(t, c, &specht.Request{URL: "https://specht.test/to/302/" + url + "/a"}, 200, "hello /a")
}

// agreeing is a flow whose ends have agreed on a protocol.
type agreeing struct {
	flow.Flow
	protocol string
}

func (a agreeing) ALPN() string            { return a.protocol }
func (a agreeing) Security() flow.Security { return flow.Security{ALPN: a.protocol} }

// What was agreed on decides who speaks; what nobody speaks ends the connection.
// A flow that is encrypted already isn't encrypted again.
func TestClientProtocols(t *testing.T) {
	_, url := serveSite(t)
	for protocol, want := range map[string]string{"": "", "http/1.1": "", "h2": "", "h3": "no engine of HTTP speaks it"} {
		c := closed(t, &specht.Client{Dial: func(ctx context.Context, a specht.Address) (flow.Flow, error) {
			f, err := dialTCP(ctx, strings.TrimPrefix(url, "http://"))
			return agreeing{f, protocol}, err
		}})
		r, err := c.Get(t.Context(), "https://a.example/")
		if err == nil {
			r.Close()
		}
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), "connecting: alpn: the ends of the connection agreed on \""+protocol+"\": "+want) {
			t.Errorf("%q: %v", protocol, err)
		}
		if s := c.Stats(); s.Connections != 0 && want != "" {
			t.Errorf("there are %+v", s)
		}
	}
}

// A place where nobody listens is told with the reason.
func TestClientCantConnect(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	l.Close()
	c := closed(t, &specht.Client{})
	_, err = c.Get(t.Context(), url)
	var e *specht.ClientError
	if !errors.As(err, &e) || e.Stage != specht.StageConnecting || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v", err)
	}
	if _, err := c.Do(t.Context(), &specht.Request{URL: url, Unix: t.TempDir() + "/nobody"}); !errors.As(err, &e) || e.Stage != specht.StageConnecting {
		t.Errorf("got %v", err)
	}
}
