package main

import "testing"

// The zone of an IPv6 address is for whoever connects: no server is told it.
func TestZone(t *testing.T) {
	for url, want := range map[string][2]string{
		"http://[fe80::1%25eth0]:8080/": {"[fe80::1%eth0]:8080", "[fe80::1]:8080"},
		"http://[fe80::1%25eth0]/a%25]": {"[fe80::1%eth0]:80", "[fe80::1]"},
		"http://[::1]:8080/":            {"[::1]:8080", "[::1]:8080"},
		"http://a:8080/%25":             {"a:8080", "a:8080"},
	} {
		w, err := new(getCommand).want(url)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{w.address, w.head.Authority}; got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
}
