package fuzz

import (
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The herd are mutants of heads that are good: each of one to three edits. A
// case is made by its seed and its number alone:
//
//	SPECHT_HERD_CASES=5000000 go test -run Herd ./fuzz      more of them
//	SPECHT_HERD_SEED=7 SPECHT_HERD_CASE=4711 go test …      one of them again
const (
	herdSeed  = 1
	herdCases = 100_000
)

// herdHeads are what the mutants are mutants of, with what follows them.
var herdHeads = []string{
	"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /path/to?q=1&r=%20 HTTP/1.1\r\nHost: example.org:8080\r\nUser-Agent: x/1.0 (y; z)\r\nAccept: text/html, */*;q=0.8\r\nAccept-Encoding: gzip, br\r\nConnection: keep-alive\r\nCookie: a=b; c=\"d\"\r\n\r\n",
	"POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhelloGET / HTTP/1.1\r\nHost: b\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1a;x=\"y\"\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n",
	"PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n",
	"GET / HTTP/1.0\r\n\r\n",
	"GET /old HTTP/1.0\r\nConnection: keep-alive\r\nHost: a\r\n\r\nGET / HTTP/1.0\r\n\r\n",
	"POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
	"GET http://example.org/a?b HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
	"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n",
	"HEAD / HTTP/1.1\r\nHost: [::1]:80\r\nX-Empty:\r\nX-Wide: \t a  b \t\r\nX-Obs: \xe4\xf6\r\n\r\n",
	"DELETE /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nExpect: 100-continue\r\nPragma: no-cache\r\n\r\n",
	"GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, x\r\nUpgrade: websocket\r\nTE: trailers\r\n\r\n",
}

// herdWords are words that mean something in a head of a request.
var herdWords = []string{
	"GET", "POST", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.2", "http://b", "//", "*", "a:80", "Host", "Content-Length", "Content-Length: 3\r\n",
	"Transfer-Encoding", "Transfer-Encoding: chunked\r\n", "chunked", "gzip", "identity", "close", "keep-alive", "upgrade", "trailers", ",", ", ,",
	":", ": ", "0", "00", "0x5", "+5", "-1", "5, 5", "9223372036854775807", "9223372036854775808", "18446744073709551616", "ffffffffffffffff", "10000000000000000",
	";", ";a", ";a=b", "=\"", "\"", "%", "%zz", "\r\nA: b\r\n", "\r\n\r\n", "Connection: close\r\n",
}

// number is what the environment says of the herd, or n.
func number(t *testing.T, name string, n uint64) uint64 {
	if text := os.Getenv(name); text != "" {
		var err error
		if n, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// mutant is one of the herd.
func mutant(seed, n uint64, heads, words []string) (octets []byte, names []string) {
	r := rand.New(rand.NewPCG(seed, n))
	return mutate(r, []byte(pick(r, heads)), words)
}

// TestHerd reads each mutant as net/http does, or differs by a class that is
// known.
func TestHerd(t *testing.T) {
	runHerd(t, herdHeads, herdWords, differ)
}

func runHerd(t *testing.T, heads, words []string, differ func([]byte) ([]class, string)) {
	cases := uint64(herdCases)
	if testing.Short() {
		cases /= 10
	}
	seed := number(t, "SPECHT_HERD_SEED", herdSeed)
	cases = number(t, "SPECHT_HERD_CASES", cases)
	from := number(t, "SPECHT_HERD_CASE", 0)
	if from > 0 {
		cases = from + 1
	}
	met, same := map[class]int{}, 0
	for n := from; n < cases; n++ {
		octets, names := mutant(seed, n, heads, words)
		classes, unexplained := differ(octets)
		if unexplained != "" {
			t.Errorf("seed %d, case %d (%s): %q\n\t%s", seed, n, strings.Join(names, ", "), octets, unexplained)
		}
		if len(classes) == 0 {
			same++
		}
		for _, c := range classes {
			met[c]++
		}
	}
	t.Logf("seed %d: %d cases, %d without a difference", seed, cases-from, same)
	for _, c := range slices.SortedFunc(maps.Keys(met), func(a, b class) int { return strings.Compare(a.name, b.name) }) {
		t.Logf("%6d  %s (%s)", met[c], c.name, c.because)
	}
}
