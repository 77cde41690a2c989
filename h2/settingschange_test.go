package h2

import (
	"bytes"
	"slices"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// Settings hold from their acknowledgement on: what is sent while only some of a
// frame have come obeys those before, by which the peer judges it.
func TestSettingsInPieces(t *testing.T) {
	var x message.Exchange
	p := serve(t, inline(func(y message.Exchange) { x = y.Detach() }), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1})
	p.kept = 1
	p.get("/")
	_ = p.fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 100}, http2.Setting{ID: http2.SettingEnablePush, Val: 0})
	b := p.in.Bytes()
	left := p.offer(b[:frames.HeaderOctets+frames.SettingOctets])
	_ = x.Respond(200, nil, []byte("hello"))
	p.write()
	p.want("the window is one octet", "HEADERS 1 :status=200 content-length=5", `DATA 1 "h"`)
	p.offer(append(left, b[frames.HeaderOctets+frames.SettingOctets:]...))
	p.want("it grows", "SETTINGS ACK", `DATA 1 END_STREAM "ello"`)
}

// A message ends by an empty frame where our settings have made its window
// negative.
func TestEndAtNegativeWindow(t *testing.T) {
	c := NewServerConn(&NewService(Options{Handler: message.Inline(message.HandlerFunc(hello)), ContentWindowOctets: 1000}).conn)
	head := "\x83\x86\x84\x01\x01a" // POST, http, / and an authority
	in := frames.AppendSettingsFrame([]byte(Preface))
	in = frames.AppendHeader(in, frames.Header{Type: frames.TypeHeaders, StreamID: 1, Flags: frames.FlagEndHeaders, Length: uint32(len(head))})
	in = append(in, head...)
	in = append(frames.AppendHeader(in, frames.Header{Type: frames.TypeData, StreamID: 1, Length: 5000}), make([]byte, 5000)...)
	in = frames.AppendSettingsAck(in)
	in = frames.AppendHeader(in, frames.Header{Type: frames.TypeData, StreamID: 1, Flags: frames.FlagEndStream})
	isEnd := false
	for {
		n, e := c.Receive(in)
		in = in[n:]
		switch e {
		case EventMore:
			if !isEnd {
				t.Error("the message hasn't ended")
			}
			return
		case EventBroken, EventFailed:
			t.Fatal(c.Fault)
		}
		isEnd = isEnd || c.IsEnd
	}
}

// Who drives a Conn without a Server has its limit of streams held, too (RFC 9113,
// Section 5.1.2).
func TestStreamsAboveTheLimit(t *testing.T) {
	c := NewServerConn(&NewService(Options{Handler: message.Inline(message.HandlerFunc(hello)), StreamsMax: 2}).conn)
	head := "\x83\x86\x84\x01\x01a" // POST, http, / and an authority
	in := frames.AppendSettingsFrame([]byte(Preface))
	for id := uint32(1); id <= 7; id += 2 {
		in = frames.AppendHeader(in, frames.Header{Type: frames.TypeHeaders, StreamID: id, Flags: frames.FlagEndHeaders, Length: uint32(len(head))})
		in = append(in, head...)
		if id == 5 {
			in = frames.AppendRSTStreamFrame(in, 1, frames.CodeCancel)
		}
	}
	c.AppendPending(nil)
	var heads []uint32
	for e := EventHead; e != EventMore && e != EventFailed; {
		var n int
		n, e = c.Receive(in)
		in = in[n:]
		if e == EventHead {
			heads = append(heads, c.Stream.ID)
		}
	}
	want := frames.AppendRSTStreamFrame(frames.AppendSettingsAck(nil), 5, frames.CodeRefusedStream)
	if said := c.AppendPending(nil); !slices.Equal(heads, []uint32{1, 3, 7}) || !bytes.Equal(said, want) {
		t.Errorf("there are streams %v, and it says %x, want %x", heads, said, want)
	}
}
