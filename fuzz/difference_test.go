package fuzz

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// A difference is something that we and net/http read differently. It is
// explained by the class that it belongs to, or it is a bug of one of us.
//
//	stricter   we refuse what net/http reads: by the name of our fault
//	looser     net/http refuses what we read: by a part of its error
//	different  both read, and something else: by what differs

// class is a kind of difference that is meant, and the section that it rests
// on.
type class struct{ name, because string }

// byUs is the class of what we refuse, by the name of the fault.
func byUs(fault string) (class, bool) {
	for _, s := range stricter {
		if s.fault == fault {
			return class{"we refuse: " + fault, s.because}, true
		}
	}
	return class{}, false
}

// byThem is the class of what net/http refuses with err, and the engine answers
// by a status. What the machines read, the engine may still refuse.
func byThem(err error, status int) (class, bool) {
	if status >= 400 {
		return class{"the engine refuses it too", "RFC 9112, Section 3.2: Host and the forms of the request-target are the engine's to check"}, true
	}
	for _, l := range looser {
		if strings.Contains(err.Error(), l.part) {
			return class{"net/http refuses: " + l.part, l.because}, true
		}
	}
	return class{}, false
}

// differ reads the first request of some octets twice. It is the class of each
// difference, and what no class explains.
func differ(octets []byte) (classes []class, unexplained string) {
	ours, theirs := first(octets), firstByNetHTTP(octets)
	switch {
	case ours.fault != "" && theirs.err == nil:
		if c, ok := byUs(ours.fault); ok {
			return []class{c}, ""
		}
		return nil, fmt.Sprintf("we refuse with %q at %d what net/http reads as %s %q, content %q", ours.fault, ours.offset, theirs.Method, theirs.RequestURI, theirs.content)
	case ours.done && theirs.err != nil:
		status := served(octets)
		if c, ok := byThem(theirs.err, status); ok {
			return []class{c}, ""
		}
		return nil, fmt.Sprintf("we read %s %q, the engine answers by %d, and net/http says %v", ours.method, ours.target, status, theirs.err)
	case ours.fault == "" && !ours.done && theirs.err == nil:
		return nil, fmt.Sprintf("we wait for more, and net/http reads %s %q, content %q", theirs.Method, theirs.RequestURI, theirs.content)
	case ours.done:
		return compare(&ours, theirs)
	}
	return nil, ""
}

// served is the status by which the engine answers the first request of some
// octets.
func served(octets []byte) (status int) {
	d := &driver{h: &host{mono: 1}}
	d.e = h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, nil, nil)
	}))}).NewServer(nil)
	d.e.Attach(d.h)
	d.e.Read(octets)
	d.write(1 << 20)
	_, _ = fmt.Sscanf(string(d.out), "HTTP/1.1 %d", &status)
	return status
}

// theirs is the first request of some octets, as net/http reads it.
type theirs struct {
	*http.Request
	err     error
	content []byte
	taken   int // octets of the message
}

func firstByNetHTTP(octets []byte) *theirs {
	r := bytes.NewReader(octets)
	b := bufio.NewReader(r)
	t := new(theirs)
	if t.Request, t.err = http.ReadRequest(b); t.err == nil {
		t.content, t.err = io.ReadAll(t.Body)
		t.taken = len(octets) - r.Len() - b.Buffered()
	}
	return t
}

// compare compares what both have read.
func compare(ours *request, theirs *theirs) (classes []class, unexplained string) {
	for _, d := range different {
		got, want := d.of(ours, theirs)
		if got == want {
			continue
		}
		because := ""
		if d.because != nil {
			because = d.because(ours, theirs)
		}
		if because == "" {
			return nil, fmt.Sprintf("%s: we read %q, net/http %q", d.what, got, want)
		}
		classes = append(classes, class{"different: " + d.what, because})
	}
	return classes, ""
}

// different is what is compared: as we read it and as net/http does, and why it
// may differ; "" if it mayn't.
var different = []struct {
	what    string
	of      func(ours *request, theirs *theirs) (got, want string)
	because func(ours *request, theirs *theirs) string
}{
	{"the method", func(ours *request, theirs *theirs) (string, string) { return ours.method, theirs.Method }, nil},
	{"the request-target", func(ours *request, theirs *theirs) (string, string) { return ours.target, theirs.RequestURI }, nil},
	{"the version", func(ours *request, theirs *theirs) (string, string) {
		return fmt.Sprintf("HTTP/%d.%d", ours.major, ours.minor), theirs.Proto
	}, nil},
	{"the content", func(ours *request, theirs *theirs) (string, string) {
		return string(ours.content), string(theirs.content)
	}, nil},
	{"where the request ends", func(ours *request, theirs *theirs) (string, string) {
		return fmt.Sprint(ours.taken), fmt.Sprint(theirs.taken)
	}, nil},
	{"the framing", func(ours *request, theirs *theirs) (string, string) {
		return framingOf(ours), framingOfTheirs(theirs)
	}, nil},
	{"persistence", func(ours *request, theirs *theirs) (string, string) {
		return fmt.Sprint(ours.persistence == h1.PersistenceClose), fmt.Sprint(theirs.Close)
	}, func(ours *request, _ *theirs) string {
		if !isList(ours.fields, "Connection") {
			return unreadableConnection
		}
		return ""
	}},
	{"the fields", func(ours *request, theirs *theirs) (string, string) {
		return fieldsOf(ours.fields, theirs.Header), fieldsOf(theirs.Header, ours.fields)
	}, nil},
	{"the trailers", func(ours *request, theirs *theirs) (string, string) {
		return fieldsOf(ours.trailers, theirs.Trailer), fieldsOf(theirs.Trailer, ours.trailers)
	}, nil},
}

// isList says whether a field is a list of tokens, some of them perhaps empty.
func isList(fields http.Header, name string) bool {
	for element := range strings.SplitSeq(strings.Join(fields[name], ","), ",") {
		if strings.Trim(strings.Trim(element, " \t"), tchar) != "" {
			return false
		}
	}
	return true
}

// tchar are the octets of a token (RFC 9110, Section 5.6.2).
const tchar = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const unreadableConnection = "RFC 9112, Section 9.3: a Connection that can't be read may have said close, and net/http ignores it"

func framingOf(r *request) string {
	switch r.framing {
	case h1.RequestBodyLengthChunked:
		return "chunked"
	case h1.RequestBodyLengthNone:
		return "0"
	}
	return fmt.Sprint(r.length)
}

func framingOfTheirs(t *theirs) string {
	if len(t.TransferEncoding) > 0 {
		return strings.Join(t.TransferEncoding, ", ")
	}
	return fmt.Sprint(t.ContentLength)
}

// fieldsOf are fields as text, without those that net/http takes out of the
// header section, or puts into it. other is what they will be compared with.
func fieldsOf(fields, other http.Header) string {
	var lines []string
	for name, values := range fields {
		if len(values) == 0 {
			continue // a trailer that was announced, and didn't come
		}
		switch name {
		case "Host", "Transfer-Encoding", "Content-Length", "Trailer":
			continue
		case "Cache-Control": // net/http puts one in beside Pragma
			if _, ok := other[name]; !ok {
				continue
			}
		}
		lines = append(lines, fmt.Sprintf("%s: %q", name, values))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
