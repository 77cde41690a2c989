package main

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/h2"
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
	got, want := h1.NewService(s.Limits.of(h1.Options{Handler: handler})).Options, h1.NewService(h1.Options{Handler: handler}).Options
	if *got.Limits != *want.Limits {
		t.Errorf("limits %+v, want %+v", *got.Limits, *want.Limits)
	}
	if got.HeadNs != want.HeadNs || got.IdleNs != want.IdleNs || got.DrainNs != want.DrainNs || got.ContentGraceNs != want.ContentGraceNs ||
		got.ContentOctetsPerSecondMin != want.ContentOctetsPerSecondMin || got.ContentOctets != want.ContentOctets ||
		got.DiscardOctets != want.DiscardOctets || got.ContentWindowOctets != want.ContentWindowOctets ||
		got.WriteWindowOctets != want.WriteWindowOctets || got.PipelinedMax != want.PipelinedMax || got.PipelinedHeadOctets != want.PipelinedHeadOctets {
		t.Errorf("options %+v, want %+v", got, want)
	}
	got2, want2 := h2.NewService(s.Limits.of2(h2.Options{Handler: handler})).Options, h2.NewService(h2.Options{Handler: handler}).Options
	for _, o := range []*h2.Options{&got2, &want2} {
		o.Handler = nil
	}
	if !reflect.DeepEqual(got2, want2) {
		t.Errorf("options of HTTP/2 %+v, want %+v", got2, want2)
	}
	driver := s.Limits.driver(loop.Options{})
	if driver.WriteStall != loop.WriteStallDefault || driver.OpenTimeout != loop.OpenTimeoutDefault ||
		driver.WriteOctetsPerSecondMin != loop.WriteOctetsPerSecondMinDefault || driver.ConnectionsMax != loop.ConnectionsMaxDefault ||
		driver.OpeningMax != loop.OpeningMaxDefault || driver.HeldOctetsMax != loop.HeldOctetsMaxDefault {
		t.Errorf("the driver's options are %+v", driver)
	}
}

// Every limit of the engine and of its machines has a flag, and each of the
// flags that says so can be off.
func TestLimitFlags(t *testing.T) {
	var s serveCommand
	parser, err := kong.New(&s, limitDefaults())
	if err != nil {
		t.Fatal(err)
	}
	reached := map[string]bool{}
	for _, f := range parser.Model.Flags {
		if f.Group == nil {
			continue
		}
		_, err := parser.Parse([]string{"--" + f.Name, "off"})
		if canBeOff := strings.HasSuffix(f.PlaceHolder, "|off"); canBeOff != (err == nil) {
			t.Errorf("--%s=%s: off is answered by %v", f.Name, f.PlaceHolder, err)
		}
		if _, err := parser.Parse([]string{"--" + f.Name, "7"}); err != nil {
			continue // a time
		}
		for name, value := range valuesOf(s.Limits.of(h1.Options{}).Limits) {
			reached[name] = reached[name] || value == 7
		}
	}
	for name := range valuesOf(new(h1.RequestMessageLimits)) {
		if !reached[name] {
			t.Errorf("no flag sets %s", name)
		}
	}
}

// Every limit of HTTP/2 has a flag, too.
func TestLimitFlags2(t *testing.T) {
	var s serveCommand
	parser, err := kong.New(&s, limitDefaults())
	if err != nil {
		t.Fatal(err)
	}
	reached := map[string]bool{}
	for _, f := range parser.Model.Flags {
		for _, value := range []string{"70007", "7ns"} {
			if _, err := parser.Parse([]string{"--" + f.Name, value}); f.Group == nil || err != nil {
				continue
			}
			o := s.Limits.of2(h2.Options{})
			for _, v := range []reflect.Value{reflect.ValueOf(o), reflect.ValueOf(o.Credits)} {
				for _, field := range reflect.VisibleFields(v.Type()) {
					if at := v.FieldByIndex(field.Index); at.CanInt() {
						reached[field.Name] = reached[field.Name] || at.Int() == 70007 || at.Int() == 7
					}
				}
			}
		}
	}
	delete(reached, "InlineNs") // of builds for tests
	for name, isReached := range reached {
		if !isReached {
			t.Errorf("no flag sets %s", name)
		}
	}
	if len(reached) < 20 {
		t.Errorf("there are %d limits", len(reached))
	}
}

// valuesOf are the limits by their names.
func valuesOf(limits *h1.RequestMessageLimits) map[string]uint64 {
	values := map[string]uint64{}
	v := reflect.ValueOf(limits).Elem()
	for _, field := range reflect.VisibleFields(v.Type()) {
		if field.Type.Kind() == reflect.Uint32 {
			values[field.Name] = v.FieldByIndex(field.Index).Uint()
		}
	}
	return values
}

// A number that is off is never passed.
func TestLimitsOff(t *testing.T) {
	var s serveCommand
	parse(t, &s, "--field-lines-max", "off", "--trailer-lines-max", "off", "--pipelined-max", "off", "--connections-max", "off", "--write-rate-min", "off")
	o, d := s.Limits.of(h1.Options{}), s.Limits.driver(loop.Options{})
	if o.Limits.FieldLines != math.MaxInt32 || o.Limits.TrailerFieldLines != math.MaxInt32 || o.PipelinedMax != math.MaxInt32 ||
		d.ConnectionsMax != math.MaxInt32 || d.WriteOctetsPerSecondMin >= 0 {
		t.Errorf("%+v, %d, %+v", *o.Limits, o.PipelinedMax, d)
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
