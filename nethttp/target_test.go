package nethttp

import (
	"net/http"
	"net/url"
	"reflect"
	"testing"
)

// FuzzTarget reads request-targets as net/url does, also those that it doesn't
// give to net/url.
func FuzzTarget(f *testing.F) {
	for _, target := range []string{
		"A://@", // userinfo, empty: User is a pointer, and two readings have two
		"A://u:p@h/", "http://u@h",
		"/", "/a/b?c=d", "/a?", "/a??", "//a", "///", "/a;b", "/%41", "/%zz", "/é", "/ ", "/a?\x00", "*", "", "a", "?", "/a#b", "http://h/a", "h:1", "/a?b?c", "/a\x7f?b",
	} {
		f.Add(target)
	}
	f.Fuzz(func(t *testing.T, target string) {
		for _, c := range []byte(target) {
			if c <= ' ' || c >= 0x7F {
				return // the engine refuses it
			}
		}
		want, wantErr := url.ParseRequestURI(target)
		var got url.URL
		err := readTarget(&got, http.MethodGet, target)
		if (err != nil) != (wantErr != nil) || err == nil && !reflect.DeepEqual(&got, want) {
			t.Errorf("%q: %+v, %v, want %+v, %v", target, got, err, want, wantErr)
		}
	})
}

// The target of CONNECT is an authority.
func TestTargetOfConnect(t *testing.T) {
	var u url.URL
	if err := readTarget(&u, http.MethodConnect, "example.org:443"); err != nil || u != (url.URL{Host: "example.org:443"}) {
		t.Errorf("%+v, %v", u, err)
	}
}
