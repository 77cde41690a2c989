package main

import (
	"github.com/alecthomas/kong"

	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/message"
)

// limitFlags2 are the limits of HTTP/2 alone, named after the fields of
// h2.Options and of its Credits.
type limitFlags2 struct {
	StreamsMax       limitOctets `default:"${HTTP2StreamsMax}" placeholder:"N" help:"Streams of one connection that may be open; more are reset. Default: ${default}."`
	PushesMax        limitCount  `default:"${HTTP2PushesMax}" placeholder:"N|off" help:"Pushed responses of one connection that may be under way; off pushes nothing. Default: ${default}."`
	ContentWindow    limitOctets `default:"${HTTP2ContentWindowOctets}" placeholder:"N" help:"Octets of content that a stream may send before they are used. Default: ${default}."`
	ConnectionWindow limitOctets `default:"${HTTP2ConnectionWindowOctets}" placeholder:"N" help:"The same of all its streams together, from 65535. Default: ${default}."`
	OutputMax        limitOctets `default:"${HTTP2OutputOctets}" placeholder:"N" help:"Octets that are queued for a connection before its handlers wait and reading stops. Default: ${default}."`
	HeaderTable      limitOctets `default:"${HTTP2HeaderTableOctets}" placeholder:"N" help:"Octets of fields that are remembered for the peer (SETTINGS_HEADER_TABLE_SIZE). Default: ${default}."`
	EncoderTable     limitOctets `default:"${HTTP2EncoderTableOctets}" placeholder:"N" help:"Octets of fields that the peer has to remember, if it lets us. Default: ${default}."`
	FieldSectionMax  limitOctets `default:"${HTTP2FieldSectionOctets}" placeholder:"N" help:"Octets of a field section, and 32 for each line; more is 431. Default: ${default}."`
	HeadsMax         limitOctets `default:"${HTTP2HeadsOctets}" placeholder:"N" help:"Octets of the field sections of all requests that a connection has under way; more are reset. Default: ${default}."`
	FieldBlockMax    limitOctets `default:"${HTTP2FieldBlockOctets}" placeholder:"N" help:"Octets of one as it is sent; more end the connection. Default: ${default}."`
	ContinuationsMax limitOctets `default:"${HTTP2ContinuationsMax}" placeholder:"N" help:"CONTINUATION frames of one; more end the connection. Default: ${default}."`
	SettingsTimeout  limitTime   `default:"${HTTP2SettingsNs}" placeholder:"TIME|off" help:"How long our settings may be unacknowledged. Default: ${default}."`
	WindowTimeout    limitTime   `default:"${HTTP2WindowNs}" placeholder:"TIME|off" help:"How long a response may wait for the peer's credit. Default: ${default}."`

	Resets        limitCount `default:"${HTTP2Resets}" placeholder:"N|off" help:"Streams a minute that may end before their time; honest work allows more. Default: ${default}."`
	WindowUpdates limitCount `default:"${HTTP2WindowUpdates}" placeholder:"N|off" help:"WINDOW_UPDATE frames a minute beyond those that our content pays for. Default: ${default}."`
	Priorities    limitCount `default:"${HTTP2Priorities}" placeholder:"N|off" help:"PRIORITY and PRIORITY_UPDATE frames a minute. Default: ${default}."`
	Settings      limitCount `default:"${HTTP2Settings}" placeholder:"N|off" help:"SETTINGS frames a minute. Default: ${default}."`
	Pings         limitCount `default:"${HTTP2Pings}" placeholder:"N|off" help:"PING frames a minute. Default: ${default}."`
	Empties       limitCount `default:"${HTTP2Empties}" placeholder:"N|off" help:"Frames a minute that bring a message no further. Default: ${default}."`
	Unknowns      limitCount `default:"${HTTP2Unknowns}" placeholder:"N|off" help:"Frames a minute of unknown types. Default: ${default}."`
}

// defaults2 are the defaults of limitFlags2, which are those of package h2.
func defaults2(defaults kong.Vars) {
	nothing := message.Inline(message.HandlerFunc(func(message.Exchange) {}))
	o := h2.NewService(h2.Options{Handler: nothing}).Options
	k := o.Credits
	for name, n := range map[string]int{
		"StreamsMax": o.StreamsMax, "PushesMax": o.PushesMax, "ContentWindowOctets": o.ContentWindowOctets, "ConnectionWindowOctets": o.ConnectionWindowOctets,
		"OutputOctets": o.OutputOctets, "HeaderTableOctets": o.HeaderTableOctets, "EncoderTableOctets": o.EncoderTableOctets,
		"FieldSectionOctets": o.FieldSectionOctets, "HeadsOctets": o.HeadsOctets, "FieldBlockOctets": o.FieldBlockOctets, "ContinuationsMax": o.ContinuationsMax,
		"Resets": k.Resets, "WindowUpdates": k.WindowUpdates, "Priorities": k.Priorities, "Settings": k.Settings,
		"Pings": k.Pings, "Empties": k.Empties, "Unknowns": k.Unknowns,
	} {
		defaults["HTTP2"+name] = limitSize(n).String()
	}
	defaults["HTTP2SettingsNs"], defaults["HTTP2WindowNs"] = limitTime(o.SettingsNs).String(), limitTime(o.WindowNs).String()
}

// of are o with these limits.
func (f *limitFlags2) of(o h2.Options) h2.Options {
	o.StreamsMax, o.ContentWindowOctets, o.ConnectionWindowOctets = int(f.StreamsMax), int(f.ContentWindow), int(f.ConnectionWindow)
	o.OutputOctets, o.HeaderTableOctets, o.EncoderTableOctets = int(f.OutputMax), int(f.HeaderTable), int(f.EncoderTable)
	o.HeadsOctets, o.PushesMax = int(f.HeadsMax), int(f.PushesMax)
	o.FieldSectionOctets, o.FieldBlockOctets, o.ContinuationsMax = int(f.FieldSectionMax), int(f.FieldBlockMax), int(f.ContinuationsMax)
	o.SettingsNs, o.WindowNs = int64(f.SettingsTimeout), int64(f.WindowTimeout)
	o.Credits = h2.Credits{
		Resets: int(f.Resets), WindowUpdates: int(f.WindowUpdates), Priorities: int(f.Priorities), Settings: int(f.Settings),
		Pings: int(f.Pings), Empties: int(f.Empties), Unknowns: int(f.Unknowns),
	}
	return o
}
