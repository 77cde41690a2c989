package specht

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/specht-http/specht/message"
)

// Request is a request to send. It isn't changed while Do runs, nor by it.
type Request struct {
	// Method is the method, GET if this is empty.
	Method string
	// URL is http://HOST[:PORT]/PATH?QUERY, or the same with https. One with a
	// user name is refused: send Authorization.
	URL string
	// Unix is the path of a Unix socket to connect to, whatever the URL says;
	// one that begins with @ is in the abstract namespace of Linux.
	Unix string
	// Target is the request-target, instead of path and query of the URL: * for
	// OPTIONS, host:port for CONNECT.
	Target string
	// Protocol is what an extended CONNECT asks for, over HTTP/2 alone, such as
	// websocket (RFC 8441): the method is CONNECT then. Empty for none.
	Protocol string
	// Authority is sent as Host instead of that of the URL. Where a redirect
	// leads to another origin, it isn't.
	Authority string
	// Fields are sent in this order and case, and no others but Host, and those
	// that frame the content. Over HTTP/2 those about a connection, such as
	// Connection and Upgrade, are refused: who needs them sets Client.Version.
	Fields []message.Field
	// IsSensitive keeps what the request is directed at out of compression: who
	// passes on a request that was received so, sets it (see
	// message.Fields.IsTargetSensitive).
	IsSensitive bool

	// Content is the content; nil for none, or for that of GetContent. It is
	// read on a goroutine, until its end, or until the exchange is over: an
	// answer may come before. If it is an io.Closer, it is closed, once, when
	// it isn't needed any more, also if Do fails; where the exchange ends while
	// a Read waits, that is meant to end it, for nobody waits for the Read.
	Content io.Reader
	// GetContent gives the content anew, for a request that is sent again, or
	// redirected. It needn't be given for a *bytes.Reader, *bytes.Buffer or
	// *strings.Reader.
	GetContent func() (io.Reader, error)
	// ContentLength is the length of the content in octets; -1 if it isn't
	// known. 0 is what Content says by its method Len, and otherwise -1.
	ContentLength int64
	// Trailers, if it isn't nil, gives the trailer section when the content has
	// ended, whose length is unknown then.
	Trailers func() []message.Field

	// OnConnection is told the connection that the request is sent on, before it
	// is: each time, if it is sent again. isKept is that it has carried others.
	// It may be nil.
	OnConnection func(c Conn, isKept bool)
	// OnInterim is told each interim response (RFC 9110, Section 15.2) before Do
	// returns. It may be nil. It runs in a turn of the connection: it doesn't
	// wait, and calls nothing of the client. fields may be kept.
	OnInterim func(status message.Status, fields message.Fields)
}

// method is the method that is sent.
func (r *Request) method() string {
	if r.Method == "" {
		return "GET"
	}
	return r.Method
}

// discard closes the content of a request that can't be sent.
func (r *Request) discard() { closeContent(r.Content) }

// query is a request on its way, which redirects change.
type query struct {
	url       *url.URL
	address   Address
	head      message.RequestHead
	content   content
	onInterim func(message.Status, message.Fields)
	onConn    func(Conn, bool)
}

// newQuery makes one of r.
func newQuery(r *Request) (*query, error) {
	u, err := parseURL(r.URL)
	if err != nil {
		return nil, err
	}
	q := &query{onInterim: r.OnInterim, onConn: r.OnConnection}
	q.head = message.RequestHead{Method: r.method(), Fields: r.Fields, Protocol: r.Protocol, IsSensitive: r.IsSensitive}
	q.address.Unix = r.Unix
	q.aim(u)
	if r.Target != "" {
		q.head.Target = r.Target
	}
	if r.Authority != "" || r.method() == "CONNECT" && r.Protocol == "" { // whose target has it
		q.head.Authority = r.Authority
	}
	if q.content, err = contentOf(r); err != nil {
		return nil, err
	}
	q.head.ContentLength = q.content.length
	return q, nil
}

// aim makes u what is asked for.
func (q *query) aim(u *url.URL) {
	q.url = u
	q.head.Target, q.head.Authority = u.RequestURI(), authority(u)
	q.address.Scheme, q.address.Host, q.address.Port = u.Scheme, strings.ToLower(u.Hostname()), u.Port()
	if q.address.Port == "" {
		q.address.Port = defaultPort(u.Scheme)
	}
}

// parseURL is a URL that can be asked for.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("specht: this is no URL: %w", err)
	}
	return u, checkURL(u)
}

// checkURL says whether u can be asked for.
func checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("specht: the scheme of %q is neither http nor https: write http://HOST[:PORT]/PATH", u.Redacted())
	case u.Hostname() == "":
		return fmt.Errorf("specht: %q has no host: write %s://HOST[:PORT]/PATH", u.Redacted(), u.Scheme)
	case u.User != nil:
		return errors.New("specht: a user name in a URL would be put into logs: send it in Authorization")
	}
	return nil
}

// authority is that of u, without a port that its scheme has anyway (RFC 9110,
// Section 4.2.3), and without the zone of an IPv6 address, which means something
// on this machine only (RFC 6874, Section 4).
func authority(u *url.URL) string {
	host, _, _ := strings.Cut(u.Hostname(), "%")
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != defaultPort(u.Scheme) {
		host += ":" + port
	}
	return host
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// content is the content of a request, for each time that it is sent.
type content struct {
	first    io.Reader // until it has been given
	again    func() (io.Reader, error)
	length   int64 // as RequestHead.ContentLength
	trailers func() []message.Field
}

// contentOf is the content of r.
func contentOf(r *Request) (content, error) {
	c := content{first: r.Content, again: r.GetContent, length: r.ContentLength, trailers: r.Trailers}
	isGiven := c.first != nil || c.again != nil
	if isGiven && c.length == 0 {
		c.length = lengthOf(c.first)
	}
	switch {
	case !isGiven && (c.length != 0 || c.trailers != nil):
		return content{}, errors.New("specht: Request.ContentLength or Trailers without content: give Content or GetContent")
	case c.length < -1:
		return content{}, &message.LengthError{Declared: c.length}
	case c.trailers != nil && r.ContentLength > 0:
		return content{}, errors.New("specht: Request.Trailers with a ContentLength: leave that out, for they need chunks (RFC 9112, Section 7.1.2)")
	case c.trailers != nil:
		c.length = -1
	}
	if c.again == nil {
		c.again = copies(c.first)
	}
	return c, nil
}

// lengthOf is the length of r in octets, or -1 if it doesn't say.
func lengthOf(r io.Reader) int64 {
	if sized, ok := r.(interface{ Len() int }); ok {
		return int64(sized.Len())
	}
	return -1
}

// copies gives what is in r, which is in memory, anew each time; it is nil for
// other readers.
func copies(r io.Reader) func() (io.Reader, error) {
	switch r := r.(type) {
	case *bytes.Reader:
		was := *r
		return func() (io.Reader, error) { c := was; return &c, nil }
	case *strings.Reader:
		was := *r
		return func() (io.Reader, error) { c := was; return &c, nil }
	case *bytes.Buffer:
		was := r.Bytes()
		return func() (io.Reader, error) { return bytes.NewReader(was), nil }
	}
	return nil
}

// isThere says whether it can be had.
func (c *content) isThere() bool { return c.length == 0 || c.first != nil || c.again != nil }

// open is the content for one time. The caller closes it.
func (c *content) open() (io.Reader, error) {
	if r := c.first; r != nil {
		c.first = nil
		return r, nil
	}
	r, err := c.again()
	if err == nil && r == nil {
		err = errors.New("it is nil")
	}
	if err != nil {
		return nil, fmt.Errorf("specht: getting the content of the request (Request.GetContent): %w", err)
	}
	return r, nil
}

// discard closes what hasn't been given.
func (c *content) discard() {
	closeContent(c.first)
	c.first = nil
}

// closeContent closes r, if it can be.
func closeContent(r io.Reader) {
	if c, ok := r.(io.Closer); ok {
		_ = c.Close() // it was read, and there is nothing to save
	}
}
