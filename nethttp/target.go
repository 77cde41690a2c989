package nethttp

import (
	"net/http"
	"net/url"
	"strings"
)

// readTarget reads a request-target as net/http does: one of CONNECT is an
// authority.
func readTarget(u *url.URL, method, target string) error {
	if path, query, isPlain := splitPlain(target); isPlain {
		u.Path, u.RawQuery = path, query
		return nil
	}
	isAuthority := method == http.MethodConnect && !strings.HasPrefix(target, "/")
	if isAuthority {
		target = "http://" + target
	}
	read, err := url.ParseRequestURI(target)
	if err != nil {
		return err
	}
	*u = *read
	if isAuthority {
		u.Scheme = ""
	}
	return nil
}

// splitPlain splits a target in origin-form whose path is the same decoded and
// encoded. Most are, and then there is nothing to parse.
func splitPlain(target string) (path, query string, isPlain bool) {
	path, query, hasQuery := strings.Cut(target, "?")
	if len(path) == 0 || path[0] != '/' || hasQuery && query == "" {
		return "", "", false
	}
	for i := range len(path) {
		if c := path[i]; plain[c/64]>>(c%64)&1 == 0 {
			return "", "", false
		}
	}
	return path, query, true
}

// plain has a bit for each octet that net/url leaves alone in a path.
var plain = func() (set [4]uint64) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~$&+,/:;=@") {
		set[c/64] |= 1 << (c % 64)
	}
	return set
}()
