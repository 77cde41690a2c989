package specht_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	specht "github.com/specht-http/specht"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// closed is c, which is closed when the test is over: then nothing of it is left.
func closed(t *testing.T, c *specht.Client) *specht.Client {
	t.Cleanup(func() {
		c.Close()
		if s := c.Stats(); s != (specht.ClientStats{}) {
			t.Errorf("a closed client has %+v", s)
		}
	})
	return c
}

// site answers in many ways.
var site = message.HandlerFunc(func(x message.Exchange) {
	target := string(x.Target())
	switch path, rest, _ := strings.Cut(target[1:], "/"); path {
	case "echo":
		b, err := readAll(x)
		if err == nil {
			head := fmt.Sprintf("%s %d %d ", x.Method(), x.ContentLength(), x.Trailers().Len())
			_ = x.Respond(message.StatusOK, nil, append([]byte(head), b...))
		}
	case "fields":
		var b bytes.Buffer
		for name, value := range x.Fields().All() {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
		_ = x.Respond(message.StatusOK, nil, b.Bytes())
	case "trailers":
		_ = x.Start(message.StatusOK, []message.Field{{Name: "X-One", Value: "1"}, {Name: "x-two", Value: "2"}}, -1)
		_, _ = x.Write([]byte("content"))
		_ = x.End(message.Field{Name: "X-End", Value: "yes"})
	case "interim":
		_ = x.Interim(message.StatusEarlyHints, []message.Field{{Name: "Link", Value: "a"}})
		hello(x)
	case "large":
		_ = x.Start(message.StatusOK, nil, -1)
		for p := make([]byte, 64<<10); ; {
			if _, err := x.Write(p); err != nil {
				return
			}
		}
	case "some":
		_ = x.Respond(message.StatusOK, nil, make([]byte, 100_000))
	case "wait":
		_ = x.Wait()
	case "to":
		var status int
		_, _ = fmt.Sscanf(rest, "%d", &status)
		_, location, _ := strings.Cut(rest, "/")
		_ = x.Respond(message.Status(status), []message.Field{{Name: "Location", Value: location}}, []byte("elsewhere"))
	case "switch":
		_ = x.Upgrade(message.StatusSwitchingProtocols, []message.Field{{Name: "Upgrade", Value: "echo"}}, echoStream)
	default:
		hello(x)
	}
})

func echoStream(s message.Stream, rest []byte) {
	defer s.Close()
	_, _ = s.Write(rest)
	_, _ = io.Copy(s, s)
}

// readAll is the content of a request.
func readAll(x message.Exchange) ([]byte, error) {
	var all []byte
	for p := make([]byte, 10_000); ; {
		n, err := x.Read(p)
		all = append(all, p[:n]...)
		if err == message.ErrEnd {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
}

// serveSite serves site, and gives its URL, without a / at the end.
func serveSite(t *testing.T) (s *specht.Server, url string) {
	s = newServer(t, specht.ServerOptions{Handler: site})
	return s, start(t, s, specht.Service{}).URL()
}

// want does a request and compares what it is answered by.
func want(t *testing.T, c *specht.Client, r *specht.Request, status message.Status, content string) *specht.Response {
	t.Helper()
	response, err := c.Do(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Close()
	b, err := io.ReadAll(response)
	if err != nil || response.Status != status || string(b) != content {
		t.Errorf("%s %s: %v %.200q, %v; want %v %q", r.Method, r.URL, response.Status, b, err, status, content)
	}
	return response
}

// What a response says stays valid when its connection has gone on.
func TestClientGets(t *testing.T) {
	s, url := serveSite(t)
	c := closed(t, &specht.Client{})
	var kept []bool
	onConnection := func(c specht.Conn, isKept bool) { kept = append(kept, isKept) }
	r := want(t, c, &specht.Request{URL: url + "/trailers", OnConnection: onConnection}, 200, "content")
	for range 3 {
		want(t, c, &specht.Request{URL: url + "/a?b=c#d", OnConnection: onConnection}, 200, "hello /a?b=c")
	}
	if fmt.Sprint(kept) != "[false true true true]" {
		t.Errorf("connections that were kept: %v", kept)
	}
	got := fmt.Sprint(r.Version, r.Reason, r.ContentLength, r.URL == url+"/trailers")
	for name, value := range r.Fields.All() {
		got += fmt.Sprintf(" %s=%s", name, value)
	}
	for name, value := range r.Trailers().All() {
		got += fmt.Sprintf(" %s=%s", name, value)
	}
	got, _, _ = strings.Cut(got, " Date=")
	if want := "HTTP/1.1OK-1 true X-One=1 x-two=2"; !strings.HasPrefix(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
	if v, _ := r.Trailers().Get("x-end"); string(v) != "yes" {
		t.Errorf("the trailer is %q", v)
	}
	if v, ok := r.Fields.GetID(message.FieldNameTransferEncoding); !ok || string(v) != "chunked" {
		t.Errorf("Transfer-Encoding is %q", v)
	}
	if r.Peer.String() != strings.TrimPrefix(url, "http://") || r.Conn.ALPN() != "" {
		t.Errorf("the peer is %v", r.Peer)
	}
	if n := s.Stats().Accepted; n != 1 {
		t.Errorf("%d connections for four requests", n)
	}
	looptest.Eventually(t, "the connection is idle", func() bool { return c.Stats() == specht.ClientStats{Connections: 1, Idle: 1} })
	c.CloseIdle()
	looptest.Eventually(t, "it is closed", func() bool { return s.Stats().Connections == 0 && c.Stats().Connections == 0 })
	want(t, c, &specht.Request{Method: "HEAD", URL: url}, 200, "")
	if n := s.Stats().Accepted; n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestClientSendsFields(t *testing.T) {
	_, url := serveSite(t)
	c := closed(t, &specht.Client{})
	host := strings.TrimPrefix(url, "http://")
	want(t, c, &specht.Request{URL: url + "/fields"}, 200, "Host: "+host+"\n")
	want(t, c, &specht.Request{URL: url + "/fields", Authority: "other.example", Fields: []message.Field{{Name: "x-b", Value: "1"}, {Name: "X-A", Value: "2"}}}, 200,
		"Host: other.example\nx-b: 1\nX-A: 2\n")
	site := unixSite(t)
	for url, host := range map[string]string{
		"http://other.example:80/fields": "other.example", "http://other.example:/fields": "other.example", "http://other.example:81/fields": "other.example:81",
		"http://[fe80::1%25eth0]:8080/fields": "[fe80::1]:8080", "http://[::1]/fields": "[::1]",
	} {
		want(t, c, &specht.Request{URL: url, Unix: site}, 200, "Host: "+host+"\n")
	}
}

// unixSite serves site on a Unix socket, and gives its path.
func unixSite(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "s")
	start(t, newServer(t, specht.ServerOptions{Handler: site}), specht.Service{Network: "unix", Address: path})
	return path
}

// closing is content that counts how often it is closed.
type closing struct {
	io.Reader
	count atomic.Int32
}

func (c *closing) Close() error { c.count.Add(1); return nil }

func TestClientUploads(t *testing.T) {
	s, url := serveSite(t)
	c := closed(t, &specht.Client{})
	big := strings.Repeat("0123456789", 30_000)
	for i, test := range []struct {
		content io.Reader
		length  int64
		trailer bool
		want    string
	}{
		{nil, 0, false, "POST 0 0 "},
		{strings.NewReader(""), 0, false, "POST 0 0 "},
		{strings.NewReader("abc"), 0, false, "POST 3 0 abc"},
		{bytes.NewReader([]byte("abc")), -1, false, "POST -1 0 abc"},
		{bytes.NewBufferString(big), 0, false, "POST 300000 0 " + big},
		{io.MultiReader(strings.NewReader(big), strings.NewReader("x")), 0, false, "POST -1 0 " + big + "x"},
		{io.MultiReader(strings.NewReader(big), strings.NewReader("x")), 300_001, false, "POST 300001 0 " + big + "x"},
		{strings.NewReader("abc"), 0, true, "POST -1 1 abc"},
		{strings.NewReader("abc and more"), 3, false, "POST 3 0 abc"},
	} {
		r := &specht.Request{Method: "POST", URL: url + "/echo", Content: test.content, ContentLength: test.length}
		var content closing
		if test.content != nil && test.length != 0 {
			content.Reader, r.Content = test.content, &content
		}
		if test.trailer {
			r.Trailers = func() []message.Field { return []message.Field{{Name: "X-Sum", Value: "1"}} }
		}
		want(t, c, r, 200, test.want)
		if content.Reader != nil {
			looptest.Eventually(t, "the content is closed", func() bool { return content.count.Load() > 0 })
			if n := content.count.Load(); n != 1 {
				t.Errorf("row %d: the content was closed %d times", i, n)
			}
		}
	}
	for range 300 { // the response comes when all is sent, and not before the client knows that it is
		want(t, c, &specht.Request{Method: "POST", URL: url + "/echo", Content: strings.NewReader("abc")}, 200, "POST 3 0 abc")
	}
	if n := s.Stats().Accepted; n != 1 {
		t.Errorf("%d connections", n)
	}
}

// A response may end before its request does, which goes on until it is closed.
func TestClientGoesOnSending(t *testing.T) {
	received := make(chan string, 1)
	dial := peers(t, func(f *mem.Flow) {
		readHead(f)
		_, _ = io.WriteString(f, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
		p := make([]byte, len("5\r\nlater\r\n0\r\n\r\n"))
		_, _ = io.ReadFull(f, p)
		received <- string(p)
		_, _ = io.Copy(io.Discard, f)
	})
	c := closed(t, &specht.Client{Dial: dial})
	read, write := io.Pipe()
	r, err := c.Do(t.Context(), &specht.Request{Method: "PUT", URL: "http://a.example", Content: read})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); string(b) != "hi" || err != nil {
		t.Errorf("received %q, %v", b, err)
	}
	_, _ = io.WriteString(write, "later")
	write.Close()
	if got := <-received; got != "5\r\nlater\r\n0\r\n\r\n" {
		t.Errorf("sent %q", got)
	}
	r.Close()
	looptest.Eventually(t, "the connection is idle", func() bool { return c.Stats().Idle == 1 })
}

// Content that can't be read, or isn't as long as was said, ends the exchange.
func TestClientUploadFails(t *testing.T) {
	_, url := serveSite(t)
	c := closed(t, &specht.Client{})
	broken := errors.New("broken")
	for _, test := range []struct {
		request specht.Request
		want    string
		cause   error
	}{
		{specht.Request{Content: io.MultiReader(strings.NewReader("abc"), errorReader{broken})}, "sending the request: reading the content of the request: broken", broken},
		{specht.Request{Content: errorReader{broken}, ContentLength: 4}, "sending the request: reading the content of the request: broken", broken},
		{specht.Request{Content: errorReader{}}, "no data or error", io.ErrNoProgress},
		{specht.Request{Content: strings.NewReader("abc"), ContentLength: 4}, "3 octets of content, but 4 were declared", nil},
		{specht.Request{GetContent: func() (io.Reader, error) { return nil, broken }}, "Request.GetContent): broken", broken},
		{specht.Request{Content: strings.NewReader("abc"), Trailers: func() []message.Field { return []message.Field{{Name: "a b"}} }}, `field 0 ("a b") can't be sent`, nil},
	} {
		r := test.request
		r.Method, r.URL = "POST", url+"/echo"
		_, err := c.Do(t.Context(), &r)
		if err == nil || !strings.Contains(err.Error(), test.want) || test.cause != nil && !errors.Is(err, test.cause) {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
	want(t, c, &specht.Request{URL: url + "/after"}, 200, "hello /after")
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func TestClientInterim(t *testing.T) {
	_, url := serveSite(t)
	c := closed(t, &specht.Client{})
	var got []string
	r := &specht.Request{URL: url + "/interim", OnInterim: func(status message.Status, fields message.Fields) {
		link, _ := fields.Get("link")
		got = append(got, fmt.Sprintf("%d %s", status, link))
	}}
	want(t, c, r, 200, "hello /interim")
	r = &specht.Request{Method: "PUT", URL: url + "/echo", Content: strings.NewReader("abc"), OnInterim: r.OnInterim, Fields: []message.Field{{Name: "Expect", Value: "100-continue"}}}
	if n, err := want(t, c, r, 200, "PUT 3 0 abc").Sent(); n != 3 || err != nil {
		t.Errorf("%d octets were sent", n)
	}
	if fmt.Sprint(got) != "[103 a 100 ]" {
		t.Errorf("interim responses: %q", got)
	}
}

// Content that an answer keeps back isn't sent.
func TestClientExpectationFails(t *testing.T) {
	dial := peers(t, func(f *mem.Flow) {
		readHead(f)
		_, _ = io.WriteString(f, "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n")
		if n, err := f.Read(make([]byte, 1)); n != 0 {
			t.Errorf("content came, %v", err)
		}
	})
	c := closed(t, &specht.Client{Dial: dial})
	r := &specht.Request{Method: "PUT", URL: "http://a.example", Content: strings.NewReader("abc"), Fields: []message.Field{{Name: "Expect", Value: "100-continue"}}}
	if n, err := want(t, c, r, 417, "").Sent(); n != 0 || err != nil {
		t.Errorf("%d octets were sent", n)
	}
}

// The connection leaves HTTP, and the client forgets it.
func TestClientUpgrades(t *testing.T) {
	_, url := serveSite(t)
	c := closed(t, &specht.Client{})
	ctx, cancel := context.WithCancel(t.Context())
	r, err := c.Do(ctx, &specht.Request{URL: url + "/switch", Fields: []message.Field{{Name: "Upgrade", Value: "echo"}}})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("the content is %d octets, %v", n, err)
	}
	s, err := r.Upgrade()
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	c.Close()
	_, _ = io.WriteString(s, "hello")
	_ = s.CloseWrite()
	if b, err := io.ReadAll(s); string(b) != "hello" || err != nil {
		t.Errorf("received %q, %v", b, err)
	}
	s.Close()
}

// A tunnel through a proxy, whose first octets come with the response.
func TestClientConnects(t *testing.T) {
	dial := peers(t, func(f *mem.Flow) {
		head := readHead(f)
		if !strings.HasPrefix(head, "CONNECT origin.example:443 HTTP/1.1\r\nHost: origin.example:443\r\n") {
			t.Errorf("received %q", head)
		}
		_, _ = io.WriteString(f, "HTTP/1.1 200 OK\r\n\r\nfirst,")
		_, _ = io.Copy(f, f)
	})
	c := closed(t, &specht.Client{Dial: dial})
	r, err := c.Do(t.Context(), &specht.Request{Method: "CONNECT", URL: "http://proxy.example", Target: "origin.example:443"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Upgrade()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, _ = io.WriteString(s, "second")
	p := make([]byte, len("first,second"))
	if _, err := io.ReadFull(s, p); string(p) != "first,second" {
		t.Errorf("received %q, %v", p, err)
	}
	if _, err := c.Do(t.Context(), &specht.Request{Method: "CONNECT", URL: "http://proxy.example", Target: "a"}); err == nil {
		t.Error("a second connection, or a tunnel to nowhere")
	}
}

// peers is a Dial whose connections are served by one function each.
func peers(t *testing.T, serve ...func(f *mem.Flow)) func(context.Context, specht.Address) (flow.Flow, error) {
	var n atomic.Int32
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	return func(context.Context, specht.Address) (flow.Flow, error) {
		k := int(n.Add(1)) - 1
		if k >= len(serve) {
			return nil, fmt.Errorf("connection %d isn't expected", k)
		}
		near, far := mem.Pipe(mem.Options{})
		running.Go(func() {
			defer far.Close()
			serve[k](far)
		})
		return near, nil
	}
}

// readHead reads from f up to an empty line.
func readHead(f io.Reader) string {
	var head []byte
	for p := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); {
		if _, err := f.Read(p); err != nil {
			return string(head)
		}
		head = append(head, p[0])
	}
	return string(head)
}

// Content that nobody reads leaves nothing behind: what is little is thrown
// away, and what is much costs the connection.
func TestClientUnread(t *testing.T) {
	s, url := serveSite(t)
	c := closed(t, &specht.Client{})
	get := func(path string) *specht.Response {
		t.Helper()
		r, err := c.Get(t.Context(), url+path)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for range 3 {
		r := get("/some")
		_, _ = r.Read(make([]byte, 10))
		r.Close()
		if n, err := r.Read(make([]byte, 10)); n != 0 || err != specht.ErrResponseClosed {
			t.Errorf("Read after Close: %d, %v", n, err)
		}
		looptest.Eventually(t, "the connection is idle", func() bool { return c.Stats().Idle == 1 })
	}
	if n := s.Stats().Accepted; n != 1 {
		t.Errorf("%d connections", n)
	}
	get("/large").Close()
	looptest.Eventually(t, "the connection has ended", func() bool { return c.Stats().Connections == 0 && s.Stats().Connections == 0 })
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := c.Get(ctx, url+"/large"); err != nil { // and nobody closes it
		t.Fatal(err)
	}
	cancel()
	looptest.Eventually(t, "the connection has ended", func() bool { return c.Stats().Connections == 0 && s.Stats().Connections == 0 })
}

// What can't be done is said, with what to do.
func TestClientMisuse(t *testing.T) {
	_, url := serveSite(t)
	content := func() (io.Reader, error) { return strings.NewReader("abc"), nil }
	for want, test := range map[string]struct {
		client  *specht.Client
		request specht.Request
	}{
		"Client.HTTP2: Scheme, Executor":                   {client: &specht.Client{HTTP2: h2.ClientOptions{Scheme: "https"}}},
		"it is no version of HTTP":                         {client: &specht.Client{Version: 9}},
		"Client.HTTP1: OnReady":                            {client: &specht.Client{HTTP1: h1.ClientOptions{PipelinedMax: 2}}},
		"Client.IdleTimeout":                               {client: &specht.Client{HTTP1: h1.ClientOptions{IdleNs: 2}, IdleTimeout: 3}},
		"preparing the request: specht: this is no URL":    {request: specht.Request{URL: "http://a b/"}},
		`"ftp://a/" is neither http nor https`:             {request: specht.Request{URL: "ftp://a/"}},
		`"http:///a" has no host: write http://HOST`:       {request: specht.Request{URL: "http:///a"}},
		"send it in Authorization":                         {request: specht.Request{URL: "http://a:b@c/"}},
		"without content: give Content":                    {request: specht.Request{URL: url, ContentLength: 3}},
		"negative content length":                          {request: specht.Request{URL: url, GetContent: content, ContentLength: -2}},
		"leave that out, for they need chunks":             {request: specht.Request{URL: url, GetContent: content, ContentLength: 3, Trailers: func() []message.Field { return nil }}},
		`sending the request: message: method "A B" can't`: {request: specht.Request{URL: url, Method: "A B"}},
		`sending the request: message: field 0 ("A:")`:     {request: specht.Request{URL: url, Fields: []message.Field{{Name: "A:"}}}},
	} {
		if test.client == nil {
			test.client = new(specht.Client)
		}
		c := closed(t, test.client)
		if test.request.URL == "" {
			test.request.URL = url
		}
		_, err := c.Do(t.Context(), &test.request)
		var e *specht.ClientError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		c.CloseIdle() // which mustn't panic
	}
}
