package h1

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// places are all where an application brings octets that are sent outside of
// content. Each tries to send a field and says what came of it; nothing must be
// on the wire then, and the exchange is answered by hello.
var places = []struct {
	name string
	try  func(x message.Exchange, f message.Field) error
}{
	{"Respond", func(x message.Exchange, f message.Field) error {
		return x.Respond(200, []message.Field{f}, []byte("content"))
	}},
	{"Respond, behind a good one", func(x message.Exchange, f message.Field) error {
		return x.Respond(404, []message.Field{{Name: "A", Value: "b"}, f, {Name: "C", Value: "d"}}, nil)
	}},
	{"Respond without content", func(x message.Exchange, f message.Field) error {
		return x.Respond(304, []message.Field{f}, nil)
	}},
	{"Start", func(x message.Exchange, f message.Field) error {
		return x.Start(200, []message.Field{f}, -1)
	}},
	{"Start, of known length", func(x message.Exchange, f message.Field) error {
		return x.Start(200, []message.Field{f}, 3)
	}},
	{"Interim", func(x message.Exchange, f message.Field) error {
		return x.Interim(103, []message.Field{{Name: "Link", Value: "</a>"}, f})
	}},
	{"Upgrade", func(x message.Exchange, f message.Field) error {
		return x.Upgrade(101, []message.Field{{Name: "Upgrade", Value: "x"}, f}, func(message.Stream, []byte) { panic("taken") })
	}},
	{"Upgrade to what f says", func(x message.Exchange, f message.Field) error {
		return x.Upgrade(101, []message.Field{f}, func(message.Stream, []byte) { panic("taken") })
	}},
}

// injections are octets that would end a line, a head or a message, if they
// were sent as they are.
var injections = []string{
	"\r", "\n", "\x00", "\r\n", "\n\r", "\n\n", "\r\r", "\r\n\r\n",
	"\r\nSet-Cookie: a=b", "\nSet-Cookie: a=b", "\rSet-Cookie: a=b", "\r\n Folded: a", "\r\n\tFolded",
	"\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad",
	"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "\r\nConnection: close", "\r\n\r\n<html>",
	"\x01", "\x7f", "\x08", "\x1b[31m",
}

// injectedNames are octets that a name can't have besides.
var injectedNames = []string{":", " ", "\t", "(", ")", ",", "/", ";", "<", "=", ">", "?", "@", "[", "]", "\\", "{", "}", "\"", "\x80", "\xff", ": a\r\nb"}

// Whatever octets an application brings, wherever: what could be read as
// something else is an error of the call, and nothing of it is sent.
func TestSplitting(t *testing.T) {
	const good = "Good"
	var fs []message.Field
	for _, i := range injections {
		fs = append(
			fs,
			message.Field{Name: "X", Value: i},
			message.Field{Name: "X", Value: i + good},
			message.Field{Name: "X", Value: good + i},
			message.Field{Name: "X", Value: good + i + good},
			message.Field{Name: "X", Value: strings.Repeat(good, 100) + i},
		)
	}
	for _, i := range append(injections, injectedNames...) {
		fs = append(
			fs,
			message.Field{Name: i, Value: good},
			message.Field{Name: i + good, Value: good},
			message.Field{Name: good + i, Value: good},
			message.Field{Name: good + i + good, Value: good},
			message.Field{Name: "Content-Type" + i, Value: good},
		)
	}
	for _, place := range places {
		t.Run(place.name, func(t *testing.T) {
			for _, f := range fs {
				tried := false
				c := newTestConn(t, inline(func(x message.Exchange) {
					var wrong *message.FieldError
					if err := place.try(x, f); !errors.As(err, &wrong) {
						t.Errorf("%+v: %v, want a FieldError", f, err)
					}
					tried = true
					hello(x)
				}))
				if c.feed("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n").want(fmt.Sprintf("%+v", f), ok5); !tried {
					t.Fatal("nothing was tried")
				}
			}
		})
	}
}

// Each octet of a name or of a value is sent as it is and read back, or refused.
func TestSplittingByOctet(t *testing.T) {
	for octet := range 256 {
		for _, f := range []message.Field{
			{Name: "X" + string([]byte{byte(octet)}) + "Y", Value: "v"},
			{Name: "XY", Value: "a" + string([]byte{byte(octet)}) + "b"},
		} {
			var err error
			c := newTestConn(t, inline(func(x message.Exchange) {
				if err = x.Respond(200, []message.Field{f}, []byte("hello")); err != nil {
					hello(x)
				}
			}))
			isName := f.Name != "XY"
			isGood := octet == '\t' || octet >= ' ' && octet != 0x7F // RFC 9110, Section 5.5
			if isName {
				isGood = strings.IndexByte("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", byte(octet)) >= 0
			}
			want := ok5
			if isGood {
				want = "HTTP/1.1 200 OK\r\n" + f.Name + ": " + f.Value + "\r\nContent-Length: 5\r\n\r\nhello"
			}
			c.feed(get).want(fmt.Sprintf("%+v", f), want)
			if (err == nil) != isGood {
				t.Errorf("%+v: %v", f, err)
			}
		}
	}
}

// What a status can't be isn't sent as one.
func TestSplittingByStatus(t *testing.T) {
	for status := range message.Status(1 << 10) {
		var err error
		c := newTestConn(t, inline(func(x message.Exchange) {
			if err = x.Respond(status, nil, nil); err != nil {
				hello(x)
			}
		})).feed(get)
		if isFinal := status >= 200 && status < 600; (err == nil) != isFinal {
			t.Errorf("status %d: %v", status, err)
		} else if isFinal {
			c.wantStatuses("sent", int(status))
		} else {
			c.want("nothing was sent", ok5)
		}
	}
}

// An error handler brings octets too. What it brings wrongly is left out, and
// so is all else that it brought.
func TestSplittingByErrorHandler(t *testing.T) {
	for _, i := range injections {
		for _, f := range []message.Field{{Name: "X" + i, Value: "a"}, {Name: "X", Value: "a" + i + "b"}} {
			o := inline(hello)
			o.ErrorHandler = func(_ message.Exchange, r *ErrorResponse) { r.Fields = append(r.Fields, f) }
			newTestConn(t, o).feed("GET\r\n").want(fmt.Sprintf("%+v", f), "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		}
	}
}

// A trailer is a field line too.
func TestSplittingByTrailers(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, i := range injections {
		for _, f := range []message.Field{{Name: "X" + i, Value: "a"}, {Name: "X", Value: "a" + i + "b"}, {Name: i, Value: ""}} {
			c := newTestConn(t, inline(func(x message.Exchange) {
				_ = x.Start(200, nil, -1)
				var wrong *message.FieldError
				if err := x.End(message.Field{Name: "A", Value: "b"}, f); !errors.As(err, &wrong) || wrong.Index != 1 {
					t.Errorf("%+v: %v, want a FieldError", f, err)
				}
				if err := x.End(message.Field{Name: "A", Value: "b"}); err != nil {
					t.Error(err)
				}
			}))
			c.feed(get).want(fmt.Sprintf("%+v", f), head+"0\r\nA: b\r\n\r\n")
		}
	}
}

// The same for those who drive without an engine.
func TestSplittingByInterim(t *testing.T) {
	for _, i := range injections {
		for _, f := range []message.Field{{Name: "X" + i, Value: "a"}, {Name: "X", Value: "a" + i + "b"}} {
			r := NewResponse(message.MethodGet, VersionHTTP11)
			if b, err := r.AppendInterim([]byte("before"), 103, []message.Field{f}); err == nil || string(b) != "before" {
				t.Errorf("%+v: %q, %v", f, b, err)
			}
			if b, err := r.AppendHead(nil, &ReplyHead{Status: 200, ContentLength: -1}); err != nil || string(b) != "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" {
				t.Errorf("%+v: %q, %v", f, b, err)
			}
		}
	}
}
