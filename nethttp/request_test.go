package nethttp_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// What a handler sees of a request is the same as in net/http.
func TestRequests(t *testing.T) {
	requests := []string{
		"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
		"GET /a/b?x=1&y=%20 HTTP/1.1\r\nHost: example.org:8080\r\nAccept: a\r\naccept: b\r\nx-unKnown: v\r\nEmpty:\r\n\r\n",
		"GET /a%2Fb/%C3%A9?q HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /a? HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /a?? HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET //a//b HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /a;b=c,d@e:f$g&h+i HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET /(a)'b!c*d HTTP/1.1\r\nHost: h\r\n\r\n",
		"GET http://other.example/p?q HTTP/1.1\r\nHost: example.org\r\n\r\n",
		"GET http://other.example HTTP/1.1\r\nHost: other.example\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
		"OPTIONS /x HTTP/1.1\r\nHost: h\r\n\r\n",
		"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n",
		"CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\nConnection: close\r\n\r\n",
		"STRANGE /x HTTP/1.1\r\nHost: h\r\n\r\n",
		"DELETE /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost: h\r\nConnection: foo, Close\r\n\r\n",
		"GET /x HTTP/1.0\r\n\r\n",
		"GET /x HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost: h\r\nPragma: no-cache\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost: h\r\nPragma: no-cache\r\nCache-Control: x\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost: h\r\nTrailer: a\r\nTE: trailers\r\nCookie: a=b; c=d\r\nAuthorization: Basic dTpw\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost: h\r\nETag: \"a\"\r\nDNT: 1\r\nWWW-Authenticate: x\r\nSec-CH-UA: y\r\nSec-WebSocket-Key: z\r\n\r\n",
		"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
		"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
		"POST /x HTTP/1.1\r\nHost: h\r\n\r\n",
		"POST /x HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello",
		"PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n",
		"PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: A, b-c\r\n\r\n5\r\nhello\r\n0\r\nA: 1\r\nB-C: 2\r\nA: 3\r\nUnannounced: 4\r\n\r\n",
		"PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: never\r\n\r\n0\r\n\r\n",
		"PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nUnannounced: 4\r\n\r\n",
		"GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\nPOST /3 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nxGET /4 HTTP/1.1\r\nHost: h\r\n\r\n",
	}
	want := map[string]string{}
	onSites(t, tellRequest, func(s *site) {
		for _, octets := range requests {
			method, _, _ := strings.Cut(octets, " ")
			got := s.talk(method, octets)
			if want[octets] == "" {
				want[octets] = got
			}
			if got != want[octets] {
				s.t.Errorf("%q\n--- seen in net/http:\n%s--- seen here:\n%s", octets, want[octets], got)
			}
		}
	})
}

// tellRequest answers with all that there is to know of a request.
func tellRequest(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	if r.Method == http.MethodConnect {
		w.WriteHeader(http.StatusForbidden)
	}
	fmt.Fprintf(w, "method %q, target %q\n", r.Method, r.RequestURI)
	fmt.Fprintf(w, "url %+v %q\n", *r.URL, r.URL)
	fmt.Fprintf(w, "host %q, %s %d %d, close %v\n", r.Host, r.Proto, r.ProtoMajor, r.ProtoMinor, r.Close)
	fmt.Fprintf(w, "length %d, %q, TLS %v\n", r.ContentLength, r.TransferEncoding, r.TLS)
	fmt.Fprintf(w, "peer %v\n", strings.HasPrefix(r.RemoteAddr, "127.0.0.1:"))
	fmt.Fprintf(w, "server %v\n", r.Context().Value(http.ServerContextKey).(*http.Server) != nil)
	tellFields(w, "field", r.Header)
	fmt.Fprintf(w, "content %q, %v, none %v\n", content, err, r.Body == http.NoBody)
	tellFields(w, "trailer", r.Trailer)
}
