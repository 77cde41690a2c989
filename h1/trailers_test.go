package h1

import (
	"errors"
	"testing"

	"github.com/specht-http/specht/message"
)

func TestTrailers(t *testing.T) {
	sum := fields("X-Sum", "1", "x-Sum", "2")
	serve := func(x message.Exchange, length int64) error {
		if err := x.Start(200, nil, length); err != nil {
			return err
		}
		_, _ = x.Write([]byte("hello"))
		return x.End(sum...)
	}
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
	newTestConn(t, inline(func(x message.Exchange) {
		if err := serve(x, -1); err != nil {
			t.Error(err)
		}
	})).feed(get+get).want("as they were given, in order and case", chunked+"X-Sum: 1\r\nx-Sum: 2\r\n\r\n"+chunked+"X-Sum: 1\r\nx-Sum: 2\r\n\r\n").wantNoBuffers("done")

	newTestConn(t, inline(func(x message.Exchange) {
		if err := serve(x, -1); err != nil {
			t.Error(err)
		}
	})).feed("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"+get).want("to HEAD they are dropped", "HTTP/1.1 200 OK\r\n\r\n"+chunked+"X-Sum: 1\r\nx-Sum: 2\r\n\r\n")

	for request, length := range map[string]int64{get: 5, "GET / HTTP/1.0\r\n\r\n": -1, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n": 5} {
		var err, second error
		newTestConn(t, inline(func(x message.Exchange) {
			err = serve(x, length)
			second = x.End()
		})).feed(request).wantStatuses("", 200)
		if !errors.Is(err, message.ErrNoTrailers) || second != nil {
			t.Errorf("%q with %d: %v, then %v", request, length, err, second)
		}
	}
}

// What isn't allowed in trailers isn't sent there, and nothing has been done.
func TestTrailersRefused(t *testing.T) {
	tests := [][]message.Field{
		fields("ok", "", "content-length", "5"), fields("ok", "", "Transfer-Encoding", "chunked"), fields("ok", "", "Host", "b"),
		fields("ok", "", "Set-Cookie", "a=b"), fields("ok", "", "Trailer", "ok"), fields("ok", "", "Connection", "close"),
		fields("ok", "", "Content-Type", "a/b"), fields("ok", "", "a", "b\r\n\r\nHTTP/1.1 200 OK"), fields("ok", "", "a b", ""),
	}
	for _, trailers := range tests {
		var err error
		newTestConn(t, inline(func(x message.Exchange) {
			_ = x.Start(200, nil, -1)
			err = x.End(trailers...)
			_, _ = x.Write([]byte("go on"))
			_ = x.End()
		})).feed(get).want("", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ngo on\r\n0\r\n\r\n")
		var field *message.FieldError
		if !errors.As(err, &field) || field.Index != 1 {
			t.Errorf("%v: %v", trailers, err)
		}
	}
}

// Content that is shorter than declared can't be ended, with trailers or
// without.
func TestTrailersShort(t *testing.T) {
	var errs [2]error
	newTestConn(t, inline(func(x message.Exchange) {
		_ = x.Start(200, nil, 5)
		_, _ = x.Write([]byte("hell"))
		errs[0], errs[1] = x.End(fields("a", "b")...), x.End()
	})).feed(get).want("cut", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell").wantClosed("cut")
	for _, err := range errs {
		var length *message.LengthError
		if !errors.As(err, &length) {
			t.Error(err)
		}
	}
}

// Who writes content where there is none is told, so that nobody does so for
// ever; and what a GET would get may be written in answer to HEAD.
func TestNoContent(t *testing.T) {
	const head = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
	tests := []struct {
		name, request string
		status        message.Status
		length        int64
		most          int // octets that are taken at most
		out           string
	}{
		{"204", get, 204, -1, 0, "HTTP/1.1 204 No Content\r\n\r\n"},
		{"205", get, 205, -1, 0, "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"},
		{"304", get, 304, -1, 0, "HTTP/1.1 304 Not Modified\r\n\r\n"},
		{"HEAD", head, 200, -1, 1000, "HTTP/1.1 200 OK\r\n\r\n"},
		{"HEAD, declared", head, 200, 1 << 40, 1000, "HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n"},
		{"HEAD and 304", head, 304, -1, 0, "HTTP/1.1 304 Not Modified\r\n\r\n"},
	}
	for _, test := range tests {
		for _, isLent := range []bool{false, true} {
			taken, done := 0, 0
			var err error
			o := inline(func(x message.Exchange) {
				_ = x.Start(test.status, nil, test.length)
				for taken, err = 0, nil; err == nil; {
					p := make([]byte, 10)
					if isLent {
						err = x.WriteLent(p, func(error) { done++ })
					} else {
						_, err = x.Write(p)
					}
					if err == nil {
						taken += len(p)
					}
				}
			})
			o.WriteWindowOctets = 1000
			c := newTestConn(t, o)
			c.feed(test.request + test.request)
			c.want(test.name+": a handler that returns is good enough", test.out+test.out)
			if !errors.Is(err, message.ErrNoContent) || taken != test.most || isLent && done != 2*(taken/10+1) {
				t.Errorf("%s, lent %v: %v after %d octets, done was called %d times", test.name, isLent, err, taken, done)
			}
		}
	}
}

// Trailers are wanted if TE says so, and Connection that TE is meant for us.
func TestTrailersWanted(t *testing.T) {
	for _, test := range []struct {
		name, fields string
		want         bool
	}{
		{"said", "TE: trailers\r\nConnection: TE\r\n", true},
		{"in lists, lines and any case", "Connection: close , te\r\nte: gzip;q=0.5, ,Trailers\r\nTE: br\r\n", true},
		{"not said", "", false},
		{"another coding", "TE: gzip, deflate;q=0.5\r\nConnection: TE\r\n", false},
		{"nothing in the list", "TE:\r\nConnection: TE\r\n", false},
		{"with a weight it is a coding", "TE: trailers;q=0.5\r\nConnection: TE\r\n", false},
		{"not named in Connection", "TE: trailers\r\nConnection: keep-alive\r\n", false},
		{"no Connection", "TE: trailers\r\n", false},
		{"what can't be read promises nothing", "TE: trailers\r\nTE: gzip;;\r\nConnection: TE\r\n", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := false
			newTestConn(t, inline(func(x message.Exchange) {
				got = x.WantsTrailers()
				_ = x.Respond(200, nil, nil)
			})).feed("GET / HTTP/1.1\r\nHost: a\r\n"+test.fields+"\r\n").wantStatuses("", 200)
			if got != test.want {
				t.Errorf("wanted: %v, want %v", got, test.want)
			}
		})
	}
	var got []bool
	newTestConn(t, inline(func(x message.Exchange) {
		got = append(got, x.WantsTrailers())
		_ = x.Respond(200, nil, nil)
	})).feed("GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n"+get+"GET / HTTP/1.0\r\nTE: trailers\r\nConnection: TE\r\n\r\n").wantStatuses("each for itself", 200, 200, 200)
	if len(got) != 3 || !got[0] || got[1] || got[2] {
		t.Errorf("one that says so, one that doesn't, HTTP/1.0: %v", got)
	}
}
