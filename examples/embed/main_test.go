package main

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"example.com/embed/http1"
)

func TestDescribe(t *testing.T) {
	const input = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n" +
		"PUT /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nde" +
		"GET /c HTTP/1.0\r\nX-New:  y \r\n\r\n"
	const want = `POST /a HTTP/1.1
  field Host: h (Host)
  field Transfer-Encoding: chunked (Transfer-Encoding)
  body length: chunked; connection: persist
  content "abc"
  trailer T: u (any other)
  end
PUT /b HTTP/1.1
  field Host: h (Host)
  field Content-Length: 2 (Content-Length)
  body length: fixed; connection: persist
  content "de"
  end
GET /c HTTP/1.0
  field X-New: y (any other)
  body length: none; connection: close
  end
`
	var out strings.Builder
	if err := describe(&out, strings.NewReader(input)); err != nil {
		t.Fatal(err)
	}
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}

	// Octet by octet the same, but for where content is cut.
	out.Reset()
	if err := describe(&out, iotest.OneByteReader(strings.NewReader(input))); err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(out.String(), "\"\n  content \"", "")
	if got != want {
		t.Errorf("octet by octet: got\n%s\nwant\n%s", got, want)
	}
}

func TestFault(t *testing.T) {
	var f *http1.Fault
	err := describe(new(strings.Builder), strings.NewReader("GET / HTTP/1.1\r\nHost : h\r\n\r\n"))
	if !errors.As(err, &f) || f.Offset != 20 || f.Octet != ' ' || f.Status != 400 || f.Source != "RFC 9110, Section 5.1" {
		t.Errorf("got %v", err)
	}
	for _, input := range []string{"GET", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na"} {
		if err := describe(new(strings.Builder), strings.NewReader(input)); err != errCut {
			t.Errorf("%q: got %v", input, err)
		}
	}
	if err := describe(new(strings.Builder), strings.NewReader("")); err != nil {
		t.Errorf("nothing: got %v", err)
	}
}
