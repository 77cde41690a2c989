package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// limitFlags are the limits of the engine and its driver, named after the
// fields of h1.Options, of its Limits, and of loop.Options.
type limitFlags struct {
	HeadTimeout      limitTime `default:"${HeadNs}" placeholder:"TIME" help:"How long the head of a request may take; then 408. Default: ${default}."`
	IdleTimeout      limitTime `default:"${IdleNs}" placeholder:"TIME" help:"How long a connection may be without a request. Default: ${default}."`
	DrainTimeout     limitTime `default:"${DrainNs}" placeholder:"TIME" help:"How long a closing connection is read after the last response. Default: ${default}."`
	ContentGrace     limitTime `default:"${ContentGraceNs}" placeholder:"TIME" help:"Over how long --content-rate-min is measured. Default: ${default}."`
	ContentRateMin   limitSize `default:"${ContentOctetsPerSecondMin}" placeholder:"N" help:"Octets of content that have to arrive in a second while they are waited for; else 408. Default: ${default}."`
	HandshakeTimeout limitTime `default:"${OpenTimeout}" placeholder:"TIME" help:"How long a TLS handshake may take. Default: ${default}."`
	WriteStall       limitTime `default:"${WriteStall}" placeholder:"TIME" help:"How long a peer may take none of what is written to it. Default: ${default}."`

	ContentMax      limitSize `default:"${ContentOctets}" placeholder:"N" help:"Octets of content that a request may have; more is 413. Default: ${default}."`
	DiscardMax      limitSize `default:"${DiscardOctets}" placeholder:"N" help:"Octets of content that are thrown away to keep a connection after an early answer. Default: ${default}."`
	ContentWindow   limitSize `default:"${ContentWindowOctets}" placeholder:"N" help:"Octets of content that are kept before reading stops. Default: ${default}."`
	WriteWindow     limitSize `default:"${WriteWindowOctets}" placeholder:"N" help:"Octets of a response that are queued before its handler waits. Default: ${default}."`
	PipelinedMax    int       `default:"${PipelinedMax}" placeholder:"N" help:"Requests of one connection that may be under way. Default: ${default}."`
	RequestLineMax  limitSize `default:"${RequestLineOctets}" placeholder:"N" help:"Octets of a request-line; more is 414. Default: ${default}."`
	FieldLinesMax   int       `default:"${FieldLines}" placeholder:"N" help:"Field lines of a request; more is 431. Default: ${default}."`
	FieldLineMax    limitSize `default:"${FieldLineOctets}" placeholder:"N" help:"Octets of one field line; more is 431. Default: ${default}."`
	FieldSectionMax limitSize `default:"${FieldSectionOctets}" placeholder:"N" help:"Octets of all field lines of a request; more is 431. Default: ${default}."`
}

// limitDefaults are the defaults of limitFlags, which are those of the packages
// that hold them.
func limitDefaults() kong.Vars {
	nothing := message.Inline(message.HandlerFunc(func(message.Exchange) {}))
	o := h1.NewService(h1.Options{Handler: nothing}).Options
	defaults := kong.Vars{
		"WriteStall":  limitTime(loop.WriteStallDefault).String(),
		"OpenTimeout": limitTime(loop.OpenTimeoutDefault).String(),
	}
	for name, ns := range map[string]int64{
		"HeadNs": o.HeadNs, "IdleNs": o.IdleNs, "DrainNs": o.DrainNs, "ContentGraceNs": o.ContentGraceNs,
	} {
		defaults[name] = limitTime(ns).String()
	}
	for name, octets := range map[string]int64{
		"ContentOctetsPerSecondMin": o.ContentOctetsPerSecondMin, "ContentOctets": o.ContentOctets,
		"DiscardOctets": o.DiscardOctets, "ContentWindowOctets": int64(o.ContentWindowOctets),
		"WriteWindowOctets": int64(o.WriteWindowOctets), "PipelinedMax": int64(o.PipelinedMax),
		"RequestLineOctets": int64(o.Limits.RequestLineOctets), "FieldLines": int64(o.Limits.FieldLines),
		"FieldLineOctets": int64(o.Limits.FieldLineOctets), "FieldSectionOctets": int64(o.Limits.FieldSectionOctets),
	} {
		defaults[name] = limitSize(octets).String()
	}
	return defaults
}

// of are o with these limits.
func (f *limitFlags) of(o h1.Options) (h1.Options, error) {
	for name, size := range map[string]limitSize{
		"content-window": f.ContentWindow, "write-window": f.WriteWindow, "pipelined-max": limitSize(f.PipelinedMax),
		"request-line-max": f.RequestLineMax, "field-lines-max": limitSize(f.FieldLinesMax),
		"field-line-max": f.FieldLineMax, "field-section-max": f.FieldSectionMax,
	} {
		if size <= 0 || size > math.MaxInt32 {
			return o, &usageError{fmt.Sprintf("--%s %v: it is 1 to %d", name, size, math.MaxInt32)}
		}
	}
	o.HeadNs, o.IdleNs, o.DrainNs, o.ContentGraceNs = int64(f.HeadTimeout), int64(f.IdleTimeout), int64(f.DrainTimeout), int64(f.ContentGrace)
	o.ContentOctetsPerSecondMin, o.ContentOctets, o.DiscardOctets = int64(f.ContentRateMin), int64(f.ContentMax), int64(f.DiscardMax)
	o.ContentWindowOctets, o.WriteWindowOctets, o.PipelinedMax = int(f.ContentWindow), int(f.WriteWindow), f.PipelinedMax
	limits := h1.DefaultRequestMessageLimits()
	limits.RequestLineOctets, limits.FieldLines = uint32(f.RequestLineMax), uint32(f.FieldLinesMax)
	limits.FieldLineOctets, limits.FieldSectionOctets = uint32(f.FieldLineMax), uint32(f.FieldSectionMax)
	o.Limits = &limits
	return o, nil
}

// limitTime is a time, or off.
type limitTime time.Duration

const off = -1

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *limitTime) UnmarshalText(text []byte) error {
	if string(text) == "off" {
		*l = off
		return nil
	}
	d, err := time.ParseDuration(string(text))
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is no time such as 10s or 1m30s, and not off", text)
	}
	*l = limitTime(d)
	return nil
}

func (l limitTime) String() string {
	if l < 0 {
		return "off"
	}
	s := time.Duration(l).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	return s
}

// limitSize is a number, with KiB, MiB or GiB behind it perhaps, or off.
type limitSize int64

var sizes = []struct {
	unit  string
	shift int
}{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}}

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *limitSize) UnmarshalText(text []byte) error {
	if string(text) == "off" {
		*l = off
		return nil
	}
	number, shift := string(text), 0
	for _, s := range sizes {
		if n, ok := strings.CutSuffix(number, s.unit); ok {
			number, shift = n, s.shift
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > math.MaxInt64>>shift {
		return fmt.Errorf("%q is no number such as 8192 or 64KiB above 0, and not off", text)
	}
	*l = limitSize(n << shift)
	return nil
}

func (l limitSize) String() string {
	if l < 0 {
		return "off"
	}
	for _, s := range sizes {
		if l>>s.shift<<s.shift == l && l>>s.shift < 1024 && l > 0 {
			return strconv.FormatInt(int64(l>>s.shift), 10) + s.unit
		}
	}
	return strconv.FormatInt(int64(l), 10)
}
