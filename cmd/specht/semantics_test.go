package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strconv"
	"strings"
	"testing"
)

// The interim response comes first, the final one on the same connection.
func TestInterimRoute(t *testing.T) {
	drivers(t, 0, func(t *testing.T, s *served) {
		for _, code := range []int{100, 102, 103, 199} {
			var got []int
			request, err := http.NewRequest("GET", s.url+"/status/"+strconv.Itoa(code), nil)
			if err != nil {
				t.Fatal(err)
			}
			trace := &httptrace.ClientTrace{
				Got1xxResponse: func(code int, _ textproto.MIMEHeader) error { got = append(got, code); return nil },
			}
			response, err := s.Do(request.WithContext(httptrace.WithClientTrace(t.Context(), trace)))
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if len(got) != 1 || got[0] != code || response.StatusCode != 200 {
				t.Errorf("%d: got %v, then %d", code, got, response.StatusCode)
			}
		}
	})
}

// Trailers go both ways.
func TestTrailersRoute(t *testing.T) {
	drivers(t, 0, func(t *testing.T, s *served) {
		request, err := http.NewRequest("POST", s.url+"/trailers", struct{ io.Reader }{strings.NewReader("hello")})
		if err != nil {
			t.Fatal(err)
		}
		request.Trailer = http.Header{"X-Sum": {"1234"}}
		response, err := s.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(response.Body)
		response.Body.Close()
		if string(content) != "X-Sum: 1234\n" || err != nil {
			t.Errorf("content %q, %v", content, err)
		}
		if octets, lines := response.Trailer.Get("Received-Octets"), response.Trailer.Get("Received-Trailers"); octets != "5" || lines != "1" {
			t.Errorf("trailers %v", response.Trailer)
		}
		if wanted := response.Header.Get("Trailers-Wanted"); wanted != "unknown" {
			t.Errorf("trailers are wanted: %q", wanted)
		}
		request, err = http.NewRequest("GET", s.url+"/trailers", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("TE", "trailers")
		request.Header.Set("Connection", "TE")
		if response, err = s.Do(request); err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if wanted := response.Header.Get("Trailers-Wanted"); wanted != "yes" {
			t.Errorf("with TE trailers are wanted: %q", wanted)
		}
	})
}

// Events end when the peer goes, and not only with the next one.
func TestEventsEnd(t *testing.T) {
	drivers(t, 0, func(t *testing.T, s *served) {
		response, err := s.Get(s.url + "/events?n=2&ms=3600000")
		if err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(response.Body).ReadString('\n'); line != "id: 1\n" || err != nil {
			t.Errorf("%q, %v", line, err)
		}
		response.Body.Close() // the next one is due in an hour
		for s.app.running.Load() > 0 {
			s.do(t, "GET", "/", "")
		}
	})
}
