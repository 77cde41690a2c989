package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// limitFlags are the limits of the engine and its driver, named after the
// fields of h1.Options, of its Limits, and of loop.Options.
type limitFlags struct {
	HeadTimeout      limitTime `default:"${HeadNs}" placeholder:"TIME|off" help:"How long the head of a request may take; then 408. Default: ${default}."`
	IdleTimeout      limitTime `default:"${IdleNs}" placeholder:"TIME|off" help:"How long a connection may be without a request. Default: ${default}."`
	DrainTimeout     limitTime `default:"${DrainNs}" placeholder:"TIME|off" help:"How long a closing connection is read after the last response. Default: ${default}."`
	ContentGrace     limitTime `default:"${ContentGraceNs}" placeholder:"TIME|off" help:"Over how long --content-rate-min is measured. Default: ${default}."`
	ContentRateMin   limitSize `default:"${ContentOctetsPerSecondMin}" placeholder:"N|off" help:"Octets of content that have to arrive in a second while they are waited for; else 408. Default: ${default}."`
	HandshakeTimeout limitTime `default:"${OpenTimeout}" placeholder:"TIME|off" help:"How long a TLS handshake may take. Default: ${default}."`
	WriteStall       limitTime `default:"${WriteStall}" placeholder:"TIME|off" help:"How long a peer may take none of what is written to it. Default: ${default}."`
	WriteRateMin     limitSize `default:"${WriteOctetsPerSecondMin}" placeholder:"N|off" help:"Octets that a peer who is waited for has to take in a second, measured over --write-stall. Default: ${default}."`

	ConnectionsMax    limitCount  `default:"${ConnectionsMax}" placeholder:"N|off" help:"Connections at once; above that none is accepted. Default: ${default}."`
	HandshakesMax     limitCount  `default:"${OpeningMax}" placeholder:"N|off" help:"TLS handshakes at once; above that the one that has taken longest is cut. Default: ${default}."`
	HeldMax           limitSize   `default:"${HeldOctetsMax}" placeholder:"N|off" help:"Octets of buffers that all connections may hold together before they are read no more (driver poll). Default: ${default}."`
	ContentMax        limitSize   `default:"${ContentOctets}" placeholder:"N|off" help:"Octets of content that a request may have; more is 413. Default: ${default}."`
	DiscardMax        limitSize   `default:"${DiscardOctets}" placeholder:"N|off" help:"Octets of content that are thrown away to keep a connection after an early answer; off for none. Default: ${default}."`
	ContentWindow     limitOctets `default:"${ContentWindowOctets}" placeholder:"N" help:"Octets of content that are kept before reading stops. Default: ${default}."`
	WriteWindow       limitOctets `default:"${WriteWindowOctets}" placeholder:"N" help:"Octets of a response that are queued before its handler waits. Default: ${default}."`
	PipelinedMax      limitCount  `default:"${PipelinedMax}" placeholder:"N|off" help:"Requests of one connection that may be under way. Default: ${default}."`
	PipelinedHeadMax  limitOctets `default:"${PipelinedHeadOctets}" placeholder:"N" help:"Octets of their heads together, before the last one is read. Default: ${default}."`
	RequestLineMax    limitOctets `default:"${RequestLineOctets}" placeholder:"N" help:"Octets of a request-line; more is 414. Default: ${default}."`
	MethodMax         limitOctets `default:"${MethodOctets}" placeholder:"N" help:"Octets of a method; more is 501. Default: ${default}."`
	FieldLinesMax     limitCount  `default:"${FieldLines}" placeholder:"N|off" help:"Field lines of a request; more is 431. Default: ${default}."`
	FieldLineMax      limitOctets `default:"${FieldLineOctets}" placeholder:"N" help:"Octets of one field line; more is 431. Default: ${default}."`
	FieldSectionMax   limitOctets `default:"${FieldSectionOctets}" placeholder:"N" help:"Octets of all field lines of a request; more is 431. Default: ${default}."`
	ChunkLineMax      limitOctets `default:"${ChunkLineOctets}" placeholder:"N" help:"Octets of the line before a chunk; more is 400. Default: ${default}."`
	ChunkOverheadMax  limitOctets `default:"${ChunkOverheadOctets}" placeholder:"N" help:"Octets by which all these lines may be longer than their chunks excuse; more is 400. Default: ${default}."`
	TrailerLinesMax   limitCount  `default:"${TrailerFieldLines}" placeholder:"N|off" help:"Field lines of a trailer section; more is 431. Default: ${default}."`
	TrailerLineMax    limitOctets `default:"${TrailerLineOctets}" placeholder:"N" help:"Octets of one of them; more is 431. Default: ${default}."`
	TrailerSectionMax limitOctets `default:"${TrailerSectionOctets}" placeholder:"N" help:"Octets of all of them; more is 431. Default: ${default}."`

	HTTP2 limitFlags2 `embed:"" prefix:"http2-"`
}

// limitDefaults are the defaults of limitFlags, which are those of the packages
// that hold them.
func limitDefaults() kong.Vars {
	nothing := message.Inline(message.HandlerFunc(func(message.Exchange) {}))
	o := h1.NewService(h1.Options{Handler: nothing}).Options
	defaults := kong.Vars{}
	for name, ns := range map[string]int64{
		"HeadNs": o.HeadNs, "IdleNs": o.IdleNs, "DrainNs": o.DrainNs, "ContentGraceNs": o.ContentGraceNs,
		"WriteStall": int64(loop.WriteStallDefault), "OpenTimeout": int64(loop.OpenTimeoutDefault),
	} {
		defaults[name] = limitTime(ns).String()
	}
	for name, n := range map[string]int64{
		"ContentOctetsPerSecondMin": o.ContentOctetsPerSecondMin, "ContentOctets": o.ContentOctets,
		"DiscardOctets": o.DiscardOctets, "ContentWindowOctets": int64(o.ContentWindowOctets),
		"WriteWindowOctets": int64(o.WriteWindowOctets), "PipelinedMax": int64(o.PipelinedMax),
		"PipelinedHeadOctets":     int64(o.PipelinedHeadOctets),
		"WriteOctetsPerSecondMin": loop.WriteOctetsPerSecondMinDefault, "ConnectionsMax": loop.ConnectionsMaxDefault,
		"OpeningMax": loop.OpeningMaxDefault, "HeldOctetsMax": loop.HeldOctetsMaxDefault,
	} {
		defaults[name] = limitSize(n).String()
	}
	for name, n := range map[string]uint32{
		"RequestLineOctets": o.Limits.RequestLineOctets, "MethodOctets": o.Limits.MethodOctets, "FieldLines": o.Limits.FieldLines,
		"FieldLineOctets": o.Limits.FieldLineOctets, "FieldSectionOctets": o.Limits.FieldSectionOctets,
		"ChunkLineOctets": o.Limits.ChunkLineOctets, "ChunkOverheadOctets": o.Limits.ChunkOverheadOctets,
		"TrailerFieldLines": o.Limits.TrailerFieldLines, "TrailerLineOctets": o.Limits.TrailerLineOctets,
		"TrailerSectionOctets": o.Limits.TrailerSectionOctets,
	} {
		defaults[name] = limitSize(n).String()
	}
	defaults2(defaults)
	return defaults
}

// of are o with these limits.
func (f *limitFlags) of(o h1.Options) h1.Options {
	o.HeadNs, o.IdleNs, o.DrainNs, o.ContentGraceNs = int64(f.HeadTimeout), int64(f.IdleTimeout), int64(f.DrainTimeout), int64(f.ContentGrace)
	o.ContentOctetsPerSecondMin, o.ContentOctets, o.DiscardOctets = int64(f.ContentRateMin), int64(f.ContentMax), int64(f.DiscardMax)
	o.ContentWindowOctets, o.WriteWindowOctets = int(f.ContentWindow), int(f.WriteWindow)
	o.PipelinedMax, o.PipelinedHeadOctets = f.PipelinedMax.most(), int(f.PipelinedHeadMax)
	limits := h1.DefaultRequestMessageLimits()
	limits.RequestLineOctets, limits.MethodOctets = uint32(f.RequestLineMax), uint32(f.MethodMax)
	limits.FieldLines, limits.FieldLineOctets, limits.FieldSectionOctets = uint32(f.FieldLinesMax.most()), uint32(f.FieldLineMax), uint32(f.FieldSectionMax)
	limits.ChunkLineOctets, limits.ChunkOverheadOctets = uint32(f.ChunkLineMax), uint32(f.ChunkOverheadMax)
	limits.TrailerFieldLines, limits.TrailerLineOctets, limits.TrailerSectionOctets = uint32(f.TrailerLinesMax.most()), uint32(f.TrailerLineMax), uint32(f.TrailerSectionMax)
	o.Limits = &limits
	return o
}

// of2 are o with those of these limits that HTTP/2 has, too, and with its own.
func (f *limitFlags) of2(o h2.Options) h2.Options {
	o.HeadNs, o.IdleNs, o.DrainNs, o.ContentGraceNs = int64(f.HeadTimeout), int64(f.IdleTimeout), int64(f.DrainTimeout), int64(f.ContentGrace)
	o.ContentOctetsPerSecondMin, o.ContentOctets = int64(f.ContentRateMin), int64(f.ContentMax)
	o.WriteWindowOctets = int(f.WriteWindow)
	o.FieldLines = f.FieldLinesMax.most()
	return f.HTTP2.of(o)
}

// driver are o with these limits.
func (f *limitFlags) driver(o loop.Options) loop.Options {
	o.WriteStall, o.OpenTimeout = time.Duration(f.WriteStall), time.Duration(f.HandshakeTimeout)
	o.WriteOctetsPerSecondMin, o.ConnectionsMax = int64(f.WriteRateMin), f.ConnectionsMax.most()
	o.OpeningMax, o.HeldOctetsMax = f.HandshakesMax.most(), int64(f.HeldMax)
	return o
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

// limitCount is a number of things, each of which is limited otherwise, or off.
type limitCount int32

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *limitCount) UnmarshalText(text []byte) error {
	var size limitSize
	if err := size.UnmarshalText(text); err != nil {
		return err
	}
	if size > math.MaxInt32 {
		return fmt.Errorf("%s is more than %d: give a smaller number, or off", text, math.MaxInt32)
	}
	*l = limitCount(size)
	return nil
}

// most is the number that is never passed if there is no limit.
func (l limitCount) most() int {
	if l == off {
		return math.MaxInt32
	}
	return int(l)
}

// limitOctets is a number that can't be off: what has no other limit is kept in
// memory.
type limitOctets int32

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *limitOctets) UnmarshalText(text []byte) error {
	var size limitSize
	if err := size.UnmarshalText(text); err != nil || size == off || size > math.MaxInt32 {
		return fmt.Errorf("%q is no number such as 8192 or 64KiB, from 1 to %d; it can't be off", text, math.MaxInt32)
	}
	*l = limitOctets(size)
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
