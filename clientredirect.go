package specht

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/specht-http/specht/message"
)

// redirect says whether q is to be sent again because of r, the response to it,
// and changes q accordingly (RFC 9110, Section 15.4). What names no other place
// is a response like any other.
//
//	status          method   becomes    content
//	301, 302        POST     GET        dropped
//	                others   the same   sent again
//	303             HEAD     HEAD       dropped
//	                others   GET        dropped
//	307, 308        any      the same   sent again
func (c *Client) redirect(q *query, r *Response, followed int) (bool, error) {
	location, isThere := r.Fields.Get("Location")
	if c.RedirectsMax <= 0 || !isRedirect(r.Status) || !isThere || q.head.Method == "CONNECT" {
		return false, nil
	}
	u, err := q.url.Parse(string(location))
	if err != nil {
		return false, fmt.Errorf("specht: the response has a Location that is no URL: %w", err)
	}
	if u.Fragment == "" { // RFC 9110, Section 10.2.2
		u.Fragment = q.url.Fragment
	}
	switch {
	case followed >= c.RedirectsMax:
		return false, &LimitError{"RedirectsMax", c.RedirectsMax, "so many redirects were followed already, and the next leads to " + u.Redacted()}
	case q.url.Scheme == "https" && u.Scheme == "http" && !c.RedirectsToClear:
		return false, fmt.Errorf("specht: the redirect leads from https to %s, where everybody can read along: set Client.RedirectsToClear if that may be", u.Redacted())
	}
	if err := checkURL(u); err != nil {
		return false, err
	}
	if method := methodBehind(q.head.Method, r.Status); method != q.head.Method || r.Status == message.StatusSeeOther {
		q.dropContent(method)
	}
	if !q.content.isThere() {
		return false, errors.New("specht: the content has been sent, and has to be sent again: give Request.GetContent")
	}
	q.move(u)
	return true, nil
}

// isRedirect says whether a status has the request sent to Location.
func isRedirect(s message.Status) bool {
	switch s {
	case message.StatusMovedPermanently, message.StatusFound, message.StatusSeeOther, message.StatusTemporaryRedirect, message.StatusPermanentRedirect:
		return true
	}
	return false
}

// methodBehind is the method that a redirected request has.
func methodBehind(method string, s message.Status) string {
	switch {
	case s == message.StatusSeeOther && method != "HEAD":
		return "GET"
	case (s == message.StatusMovedPermanently || s == message.StatusFound) && method == "POST":
		return "GET"
	}
	return method
}

// ofContent are the names of fields that say something of content, or of
// sending it; those that begin with Content- do too.
var ofContent = []string{"expect", "digest", "last-modified", "trailer"}

// dropContent makes q a request without content.
func (q *query) dropContent(method string) {
	q.content.discard()
	q.content = content{}
	q.head.Method, q.head.ContentLength = method, 0
	q.without(func(name string) bool {
		return strings.HasPrefix(name, "content-") || slices.Contains(ofContent, name)
	})
}

// ofOrigin are the names of fields that are meant for one origin alone.
var ofOrigin = []string{"authorization", "cookie", "proxy-authorization", "host", "origin", "referer"}

// move makes u what is asked for. What is meant for one origin alone doesn't
// come along to another, and doesn't come back either.
func (q *query) move(u *url.URL) {
	was, address := q.head.Authority, q.address
	q.aim(u)
	if q.address == address {
		q.head.Authority = was // which the caller may have chosen
		return
	}
	q.without(func(name string) bool { return slices.Contains(ofOrigin, name) })
}

// without drops the fields whose name, in lower case, is meant. Those of the
// caller stay as they are.
func (q *query) without(isMeant func(name string) bool) {
	q.head.Fields = slices.DeleteFunc(slices.Clone(q.head.Fields), func(f message.Field) bool { return isMeant(strings.ToLower(f.Name)) })
}
