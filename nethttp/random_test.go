package nethttp_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// TestRandomHandlers compares what handlers send that do things in random
// orders. The number in the path of a request is the seed of its handler.
func TestRandomHandlers(t *testing.T) {
	const seeds = 200
	want := map[string]string{}
	onSites(t, randomHandler(tellAside), func(s *site) {
		for seed := range seeds {
			for _, octets := range []string{
				fmt.Sprintf("GET /%d HTTP/1.1\r\nHost: h\r\n\r\n", seed),
				fmt.Sprintf("HEAD /%d HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", seed),
				fmt.Sprintf("GET /%d HTTP/1.0\r\n\r\n", seed),
				fmt.Sprintf("POST /%d HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", seed),
			} {
				method, _, _ := strings.Cut(octets, " ")
				got := s.talk(method, octets)
				if want[octets] == "" {
					want[octets] = got
				}
				if got != want[octets] {
					s.t.Errorf("%q\n--- in net/http:\n%s--- here:\n%s", octets, want[octets], got)
				}
			}
		}
	})
}

// randomHandler does up to eight things. It keeps away from what is known to be
// different: see TestDifferences. What it sees it tells.
func randomHandler(tell func(*http.Request, ...any)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { handleRandomly(w, r, tell) }
}

func handleRandomly(w http.ResponseWriter, r *http.Request, tell func(*http.Request, ...any)) {
	seed, err := strconv.ParseUint(r.URL.Path[1:], 10, 64)
	if err != nil {
		return // the last request of a connection
	}
	random := rand.New(rand.NewPCG(seed, 1))
	isDecided, declared, written, isTrailing := false, -1, 0, false
	write := func(n int) {
		if declared >= 0 {
			n = min(n, declared-written)
		}
		k, err := io.WriteString(w, strings.Repeat("<p>", n)[:n])
		tell(r, "wrote", k, err)
		if err == nil {
			written += k
		}
		isDecided = true
	}
	for range random.IntN(9) {
		switch random.IntN(12) {
		case 0:
			write(random.IntN(10))
		case 1:
			write(random.IntN(5000))
		case 2:
			http.NewResponseController(w).Flush()
			isDecided = true
		case 3:
			if !isDecided {
				w.WriteHeader([]int{200, 201, 204, 304, 404, 500, 599}[random.IntN(7)])
			}
			isDecided = true
		case 4:
			w.Header().Add("A", strconv.Itoa(random.IntN(100)))
		case 5:
			w.Header().Set([]string{"Content-Type", "Content-Encoding", "Cache-Control", "ETag", "Date"}[random.IntN(5)], "x")
		case 6:
			if !isDecided && declared < 0 && !isTrailing {
				declared = random.IntN(5000)
				w.Header().Set("Content-Length", strconv.Itoa(declared))
			}
		case 7:
			if declared < 0 {
				isTrailing = true
				w.Header().Set("Trailer", "T, A")
			}
		case 8:
			w.Header().Set("T", strconv.Itoa(random.IntN(100)))
		case 9:
			if isDecided {
				w.Header().Set(http.TrailerPrefix+"P", "p")
			}
		case 10:
			if !isDecided && r.ProtoMinor > 0 {
				w.WriteHeader(103)
			}
		case 11:
			b := make([]byte, random.IntN(8))
			n, err := r.Body.Read(b)
			if errors.Is(err, http.ErrBodyReadAfterClose) {
				err = io.EOF // what net/http has thrown away is read here
			}
			if r.Method != http.MethodPost {
				tell(r, "read", n, err)
			}
		}
	}
	if declared >= 0 && written < declared && random.IntN(4) > 0 {
		write(declared - written)
	}
}
