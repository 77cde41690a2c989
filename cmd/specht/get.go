package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// getCommand fetches URLs, one after the other, over as few connections as it
// can.
type getCommand struct {
	URLs     []string      `arg:"" name:"url" help:"What to fetch: http://HOST[:PORT]/PATH, or the same with https."`
	Method   string        `short:"X" placeholder:"METHOD" help:"The method. Default: GET, or POST with --data."`
	Fields   []string      `short:"H" name:"field" sep:"none" placeholder:"'NAME: VALUE'" help:"A field to send; Host replaces that of the URL, and a NAME without colon leaves a field out that is sent otherwise. May be repeated."`
	Data     *string       `short:"d" placeholder:"CONTENT" help:"Content to send: as given, @FILE for that of a file, @- for standard input (in chunks)."`
	Output   string        `short:"o" placeholder:"FILE" help:"Where to write the content to, one behind the other. Default: standard output."`
	Unix     string        `placeholder:"PATH" help:"Connect to this Unix socket, whatever the URLs say; @NAME is in the abstract namespace of Linux."`
	HTTP1    bool          `name:"http1.1" xor:"version" help:"Speak HTTP/1.1, also where a server has HTTP/2."`
	HTTP2    bool          `name:"http2" xor:"version" help:"Speak HTTP/2 over TLS, or fail. Without this, it is spoken where a server has it."`
	Prior    bool          `name:"http2-prior-knowledge" xor:"version" help:"Speak HTTP/2 without asking, in clear, too."`
	CACert   string        `name:"cacert" placeholder:"FILE" help:"Trust who has signed with the certificates in FILE (PEM), instead of those whom the system trusts."`
	Insecure bool          `name:"insecure" short:"k" help:"Trust any certificate: whoever is between can read along, and answer."`
	Timeout  time.Duration `default:"60s" placeholder:"TIME" help:"How long connecting may take, and how long a response may be waited for. Default: 60s."`
	Fail     bool          `short:"f" help:"A status of 400 or above is a failure."`
	Verbose  bool          `short:"v" help:"Tell what is sent and received besides the content, on standard error."`
	Quiet    bool          `short:"q" help:"Show no progress."`
	JSON     bool          `name:"json" help:"Print what was received as JSON, one object a line; the content is in it unless there is --output."`
}

// Help is what the command's help says behind its summary.
func (*getCommand) Help() string {
	return `URLs of one scheme, host and port share a connection. What can be fetched again is, on
another connection, if the one that was used before is closed meanwhile.

  specht get http://127.0.0.1:8080/
  specht get -v -X DELETE http://127.0.0.1:8080/a http://127.0.0.1:8080/b
  specht get -k https://127.0.0.1:8443/
  specht get --http2-prior-knowledge -v http://127.0.0.1:8080/
  specht get -d @upload.bin -H 'Expect: 100-continue' http://127.0.0.1:8080/echo -o copy.bin`
}

// Run fetches all URLs, and stops at the first that fails.
func (g *getCommand) Run(c *console) error {
	var wants []*want
	for _, u := range g.URLs {
		w, err := g.want(u)
		if err != nil {
			return err
		}
		wants = append(wants, w)
	}
	out := c.stdout
	if g.Output != "" {
		f, err := os.Create(g.Output)
		if err != nil {
			return fmt.Errorf("--output %s can't be written: %w", g.Output, err)
		}
		defer f.Close()
		out = f
	}
	client, err := g.client()
	if err != nil {
		return err
	}
	defer client.Close()
	for _, w := range wants {
		err := g.fetch(c, client, w, out)
		var unconnected *connectError
		switch {
		case errors.As(err, &unconnected): // which says to where
			return err
		case err != nil:
			return fmt.Errorf("%s: %w", w.url, err)
		}
	}
	if f, isFile := out.(*os.File); isFile && g.Output != "" {
		return f.Close()
	}
	return nil
}

// want is a request that is to be sent.
type want struct {
	url     string
	address string // host and port to connect to
	head    message.RequestHead
	open    func() (io.ReadCloser, error) // of the content
	isOnce  bool                          // the content can't be had again
}

// want makes a request of a URL and the flags.
func (g *getCommand) want(text string) (*want, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil && strings.Contains(text, "[") && strings.Contains(err.Error(), "invalid URL escape"):
		return nil, &usageError{text + " is no URL: write %25 for the % before the zone of an IPv6 address, as in http://[fe80::1%25eth0]/"}
	case err != nil:
		return nil, &usageError{fmt.Sprintf("%s is no URL: %v", text, errors.Unwrap(err))}
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, &usageError{fmt.Sprintf("%s is no URL that can be fetched: write http://HOST[:PORT]/PATH, or the same with https", text)}
	case u.Scheme == "http" && g.HTTP2:
		return nil, &usageError{text + " is fetched in clear, where nothing is agreed on: give --http2-prior-knowledge instead of --http2"}
	case u.User != nil:
		return nil, &usageError{"a URL with a user name would put it into logs: give it by -H 'Authorization: …'"}
	}
	w := &want{url: text, address: u.Host}
	if u.Port() == "" {
		w.address = strings.TrimSuffix(u.Host, ":") + map[string]string{"http": ":80", "https": ":443"}[u.Scheme]
	}
	w.head = message.RequestHead{Method: g.Method, Target: u.RequestURI(), Authority: withoutZone(u.Host)}
	if err := g.content(w); err != nil {
		return nil, err
	}
	return w, g.fields(&w.head)
}

// withoutZone is a host without the zone of an IPv6 address, which means
// something on this machine only (RFC 6874, Section 4).
func withoutZone(host string) string {
	before, zone, hasZone := strings.Cut(host, "%")
	end := strings.LastIndexByte(zone, ']')
	if !hasZone || !strings.HasPrefix(host, "[") || end < 0 {
		return host
	}
	return before + zone[end:]
}

// fields fills in those that are sent.
func (g *getCommand) fields(h *message.RequestHead) error {
	own := []message.Field{{Name: "User-Agent", Value: "specht"}, {Name: "Accept", Value: "*/*"}}
	var given []message.Field
	for _, text := range g.Fields {
		name, value, hasValue := strings.Cut(text, ":")
		f := message.Field{Name: name, Value: strings.Trim(value, " \t")}
		if strings.TrimSpace(name) == "" {
			return &usageError{fmt.Sprintf("-H %q is no field: write 'NAME: VALUE'", text)}
		}
		own = without(own, name)
		switch {
		case strings.EqualFold(name, "Host"):
			h.Authority = f.Value
		case hasValue:
			given = append(given, f)
		}
	}
	h.Fields = append(own, given...)
	return nil
}

// without is fields but for those of that name.
func without(fields []message.Field, name string) (rest []message.Field) {
	for _, f := range fields {
		if !strings.EqualFold(f.Name, name) {
			rest = append(rest, f)
		}
	}
	return rest
}

// content says what is sent, and how long it is.
func (g *getCommand) content(w *want) error {
	if g.Data == nil {
		return nil
	}
	if g.Method == "" {
		w.head.Method = "POST"
	}
	path, isFile := strings.CutPrefix(*g.Data, "@")
	switch {
	case !isFile:
		w.head.ContentLength = int64(len(*g.Data))
		w.open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(*g.Data)), nil }
		return nil
	case path == "-" && len(g.URLs) > 1:
		return &usageError{"-d @- with several URLs: standard input can be sent once; write it to a file before"}
	case path == "-":
		w.head.ContentLength, w.isOnce = -1, true
		return nil // opened by fetch, which has the console
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("-d @%s can't be read: %w", path, err)
	}
	w.head.ContentLength = info.Size()
	if !info.Mode().IsRegular() {
		w.head.ContentLength, w.isOnce = -1, true
	}
	w.open = func() (io.ReadCloser, error) { return os.Open(path) }
	return nil
}

// statusError is a response that --fail takes for a failure.
type statusError struct{ status message.Status }

func (e *statusError) Error() string { return "the status is " + e.status.String() }

// fetch sends one request, and writes the content of its response.
func (g *getCommand) fetch(c *console, client *specht.Client, w *want, out io.Writer) error {
	if w.isOnce && w.open == nil {
		w.open = func() (io.ReadCloser, error) { return io.NopCloser(c.stdin), nil }
	}
	e := &fetching{command: g, console: c, want: w, out: out, began: time.Now()}
	return e.run(client)
}

// say tells with --verbose.
func (g *getCommand) say(c *console, format string, args ...any) {
	if g.Verbose {
		fmt.Fprintf(c.stderr, format+"\n", args...)
	}
}

// saySent tells the head of a request, as it goes out.
func (g *getCommand) saySent(c *console, w *want, isHTTP2 bool) {
	h := &w.head
	if isHTTP2 {
		g.saySent2(c, w)
		return
	}
	octets, err := h1.NewRequest().AppendHead(nil, h)
	if !g.Verbose || err != nil {
		return
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(octets), "\r\n"), "\r\n") {
		fmt.Fprintln(c.stderr, strings.TrimSuffix("> "+visible([]byte(line)), " "))
	}
}

// saySent2 is saySent over HTTP/2.
func (g *getCommand) saySent2(c *console, w *want) {
	if !g.Verbose {
		return
	}
	h := &w.head
	method := h.Method
	if method == "" {
		method = "GET"
	}
	scheme, _, _ := strings.Cut(w.url, ":")
	lines := []message.Field{{Name: ":method", Value: method}, {Name: ":scheme", Value: scheme}, {Name: ":authority", Value: h.Authority}, {Name: ":path", Value: h.Target}}
	if h.ContentLength > 0 {
		lines = append(lines, message.Field{Name: "content-length", Value: fmt.Sprint(h.ContentLength)})
	}
	for _, f := range append(lines, h.Fields...) {
		fmt.Fprintf(c.stderr, "> %s: %s\n", visible([]byte(strings.ToLower(f.Name))), visible([]byte(f.Value)))
	}
	fmt.Fprintln(c.stderr, ">")
}

// sayHead tells a head that was received.
func (g *getCommand) sayHead(c *console, start string, fields []message.Field) {
	if !g.Verbose {
		return
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "< %s\n", start)
	for _, f := range fields {
		fmt.Fprintf(&b, "< %s: %s\n", visible([]byte(f.Name)), visible([]byte(f.Value)))
	}
	fmt.Fprintln(&b, "<")
	_, _ = c.stderr.Write(b.Bytes())
}
