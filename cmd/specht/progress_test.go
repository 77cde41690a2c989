package main

import (
	"strings"
	"testing"
	"time"
)

// Progress is shown when something takes a while, a few times a second, and is
// gone at the end.
func TestProgress(t *testing.T) {
	var b strings.Builder
	now := time.Unix(0, 0)
	p := &progress{to: &b, now: func() time.Time { return now }, began: now, total: 10 << 20}
	want := func(why, text string) {
		t.Helper()
		if b.String() != text {
			t.Errorf("%s: got %q, want %q", why, b.String(), text)
		}
		b.Reset()
	}
	p.at(1 << 20)
	want("it has only begun", "")
	now = now.Add(time.Second)
	p.at(2 << 20)
	want("a second later", "\r 20 %  2.0 MiB of 10.0 MiB  2.0 MiB/s  4s left")
	now = now.Add(time.Millisecond)
	p.at(3 << 20)
	want("soon after", "")
	now = now.Add(time.Second)
	p.at(10 << 20)
	want("at the end", "\r100 %  10.0 MiB of 10.0 MiB  5.0 MiB/s  0s left")
	p.end()
	want("behind it", "\r"+strings.Repeat(" ", 47)+"\r")
	p = &progress{to: &b, now: p.now, began: time.Unix(0, 0), total: -1}
	p.at(1500)
	want("of unknown length", "\r1.5 KiB  749 octets/s")
	var silent *progress
	silent.at(5)
	silent.end()
	want("silent", "")
}
