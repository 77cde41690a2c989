package main

import (
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// Limits are written as they are read.
func TestLimitValues(t *testing.T) {
	for text, want := range map[string]limitSize{"1": 1, "1023": 1023, "1KiB": 1024, "1025": 1025, "64KiB": 64 << 10, "3MiB": 3 << 20, "2GiB": 2 << 30, "off": -1} {
		var got limitSize
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want || got.String() != text {
			t.Errorf("%s is %d, written %v, %v", text, got, got, err)
		}
	}
	for text, want := range map[string]time.Duration{"10s": 10 * time.Second, "1m": time.Minute, "1m30s": 90 * time.Second, "1ms": time.Millisecond, "off": -1} {
		var got limitTime
		if err := got.UnmarshalText([]byte(text)); err != nil || time.Duration(got) != want || got.String() != text {
			t.Errorf("%s is %d, written %v, %v", text, got, got, err)
		}
	}
	for _, text := range []string{"", "0", "-1", "1kib", "99999999999GiB"} {
		if err := new(limitSize).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is a size", text)
		}
	}
}

// Without flags the limits are those that the packages have by themselves.
func TestLimitDefaults(t *testing.T) {
	var s serveCommand
	parse(t, &s)
	handler := message.Inline(message.HandlerFunc(func(message.Exchange) {}))
	o, err := s.Limits.of(h1.Options{Handler: handler})
	if err != nil {
		t.Fatal(err)
	}
	got, want := h1.NewService(o).Options, h1.NewService(h1.Options{Handler: handler}).Options
	if *got.Limits != *want.Limits {
		t.Errorf("limits %+v, want %+v", *got.Limits, *want.Limits)
	}
	if got.HeadNs != want.HeadNs || got.IdleNs != want.IdleNs || got.DrainNs != want.DrainNs || got.ContentGraceNs != want.ContentGraceNs ||
		got.ContentOctetsPerSecondMin != want.ContentOctetsPerSecondMin || got.ContentOctets != want.ContentOctets ||
		got.DiscardOctets != want.DiscardOctets || got.ContentWindowOctets != want.ContentWindowOctets ||
		got.WriteWindowOctets != want.WriteWindowOctets || got.PipelinedMax != want.PipelinedMax {
		t.Errorf("options %+v, want %+v", got, want)
	}
	if time.Duration(s.Limits.WriteStall) != loop.WriteStallDefault {
		t.Errorf("the write stall is %v", s.Limits.WriteStall)
	}
	if time.Duration(s.Limits.HandshakeTimeout) != loop.OpenTimeoutDefault {
		t.Errorf("the time for a handshake is %v", s.Limits.HandshakeTimeout)
	}
}

// parse reads the flags of a command as main does.
func parse(t *testing.T, s *serveCommand, args ...string) {
	t.Helper()
	parser, err := kong.New(s, limitDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Fatal(err)
	}
}
