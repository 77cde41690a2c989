package frames

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// types are those that there are, and one that there isn't.
var types = []Type{
	TypeData, TypeHeaders, TypePriority, TypeRSTStream, TypeSettings, TypePushPromise, TypePing, TypeGoAway,
	TypeWindowUpdate, TypeContinuation, TypePriorityUpdate, 0x42,
}

// drawFrame draws any frame that can be sent.
func drawFrame(t *rapid.T) Frame {
	id31 := rapid.Uint32Max(1<<31 - 1)
	f := Frame{Header: Header{
		Type: rapid.SampledFrom(types).Draw(t, "type"), Flags: Flags(rapid.Uint8().Draw(t, "flags")), StreamID: id31.Draw(t, "stream"),
	}}
	pad := uint8(0)
	if f.Flags.Has(FlagPadded) {
		pad = rapid.Uint8().Draw(t, "padding")
	}
	switch f.Type {
	case TypeData:
		f.Headers.PadLength = pad
	case TypeHeaders:
		f.Headers.PadLength = pad
		if f.Flags.Has(FlagPriority) {
			f.Headers.Exclusive, f.Headers.StreamDependency, f.Headers.Weight = rapid.Bool().Draw(t, "e"), id31.Draw(t, "d"), rapid.Uint8().Draw(t, "w")
		}
	case TypePriority:
		f.Priority = Priority{rapid.Bool().Draw(t, "e"), id31.Draw(t, "d"), rapid.Uint8().Draw(t, "w")}
	case TypeRSTStream:
		f.RSTStream.ErrorCode = ErrorCode(rapid.Uint32().Draw(t, "code"))
	case TypePushPromise:
		f.PushPromise = PushPromise{pad, id31.Draw(t, "promised")}
	case TypePing:
		copy(f.Ping.OpaqueData[:], rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "opaque"))
	case TypeGoAway:
		f.GoAway = GoAway{id31.Draw(t, "last"), ErrorCode(rapid.Uint32().Draw(t, "code"))}
	case TypeWindowUpdate:
		f.WindowUpdate.WindowSizeIncrement = id31.Draw(t, "increment")
	case TypePriorityUpdate:
		f.PriorityUpdate.PrioritizedStreamID = id31.Draw(t, "prioritized")
	}
	switch f.Type {
	case TypePriority, TypeRSTStream, TypePing, TypeWindowUpdate:
	case TypeSettings:
		f.Rest = rapid.SliceOfN(rapid.Byte(), 0, 30).Draw(t, "rest")
		f.Rest = f.Rest[:len(f.Rest)/SettingOctets*SettingOctets]
	default:
		f.Rest = rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "rest")
	}
	return f
}

// What was appended is read again, whatever stands behind it.
func TestRoundtrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawFrame(t)
		b := want.Append(nil)
		got, n, err := Read(append(bytes.Clone(b), 0xff))
		want.Length = uint32(len(b) - HeaderOctets)
		if err != nil || n != len(b) {
			t.Fatalf("%v: read %d of %d octets: %v", &want, n, len(b), err)
		}
		if !bytes.Equal(got.Rest, want.Rest) {
			t.Fatalf("%v: the rest is %x, want %x", &want, got.Rest, want.Rest)
		}
		rest := got.Rest
		if got.Rest, want.Rest = nil, nil; got.String() != want.String() || got.Header != want.Header || got.Headers != want.Headers ||
			got.Priority != want.Priority || got.PushPromise != want.PushPromise || got.Ping != want.Ping || got.GoAway != want.GoAway ||
			got.RSTStream != want.RSTStream || got.WindowUpdate != want.WindowUpdate || got.PriorityUpdate != want.PriorityUpdate {
			t.Fatalf("read %v, want %v", &got, &want)
		}
		got.Rest = rest
		if again := got.Append(nil); !bytes.Equal(again, b) {
			t.Fatalf("appended %x, want %x", again, b)
		}
		for i := range b {
			if _, _, err := Read(b[:i]); err != ErrShort {
				t.Fatalf("%d of %d octets: %v, want %v", i, len(b), err, ErrShort)
			}
		}
	})
}

// Reserved bits are ignored when reading, and 0 when sending.
func TestReservedBits(t *testing.T) {
	for _, f := range []Frame{
		{Header: Header{Type: TypeWindowUpdate, StreamID: 5}, WindowUpdate: WindowUpdate{7}},
		{Header: Header{Type: TypeGoAway}, GoAway: GoAway{LastStreamID: 7}},
		{Header: Header{Type: TypePushPromise, StreamID: 5}, PushPromise: PushPromise{PromisedStreamID: 7}},
		{Header: Header{Type: TypePriorityUpdate}, PriorityUpdate: PriorityUpdate{7}},
	} {
		b := f.Append(nil)
		b[5] |= 0x80
		b[HeaderOctets] |= 0x80
		got, _, err := Read(b)
		if err != nil {
			t.Fatal(err)
		}
		if f.Length = got.Length; got.String() != f.String() {
			t.Errorf("read %v, want %v", &got, &f)
		}
		if again := got.Append(nil); again[5]&0x80 != 0 || again[HeaderOctets]&0x80 != 0 {
			t.Errorf("%v: a reserved bit is sent", &got)
		}
	}
}

// What a header alone says of its frame.
func TestCheck(t *testing.T) {
	const most = 16384
	tests := []struct {
		h     Header
		scope Scope
		code  ErrorCode
	}{
		{Header{0, TypeData, 0, 0}, ScopeConnection, CodeProtocolError},
		{Header{0, TypeData, 0, 1}, ScopeNone, 0},
		{Header{most + 1, TypeData, 0, 1}, ScopeStream, CodeFrameSizeError},
		{Header{most, TypeData, 0, 1}, ScopeNone, 0},
		{Header{1, TypeHeaders, 0, 0}, ScopeConnection, CodeProtocolError},
		{Header{most + 1, TypeHeaders, 0, 1}, ScopeConnection, CodeFrameSizeError},
		{Header{5, TypePriority, 0, 0}, ScopeConnection, CodeProtocolError},
		{Header{4, TypePriority, 0, 1}, ScopeStream, CodeFrameSizeError},
		{Header{6, TypePriority, 0, 1}, ScopeStream, CodeFrameSizeError},
		{Header{5, TypePriority, 0, 1}, ScopeNone, 0},
		{Header{4, TypeRSTStream, 0, 0}, ScopeConnection, CodeProtocolError},
		{Header{3, TypeRSTStream, 0, 1}, ScopeConnection, CodeFrameSizeError},
		{Header{6, TypeSettings, 0, 0}, ScopeNone, 0},
		{Header{7, TypeSettings, 0, 0}, ScopeConnection, CodeFrameSizeError},
		{Header{6, TypeSettings, 0, 1}, ScopeConnection, CodeProtocolError},
		{Header{6, TypeSettings, FlagAck, 0}, ScopeConnection, CodeFrameSizeError},
		{Header{0, TypeSettings, FlagAck, 0}, ScopeNone, 0},
		{Header{0, TypeSettings, FlagAck, 1}, ScopeConnection, CodeProtocolError},
		{Header{4, TypePushPromise, 0, 0}, ScopeConnection, CodeProtocolError},
		{Header{3, TypePushPromise, 0, 1}, ScopeConnection, CodeFrameSizeError},
		{Header{8, TypePing, 0, 1}, ScopeConnection, CodeProtocolError},
		{Header{7, TypePing, 0, 0}, ScopeConnection, CodeFrameSizeError},
		{Header{8, TypePing, 0, 0}, ScopeNone, 0},
		{Header{8, TypeGoAway, 0, 1}, ScopeConnection, CodeProtocolError},
		{Header{7, TypeGoAway, 0, 0}, ScopeConnection, CodeFrameSizeError},
		{Header{most + 1, TypeGoAway, 0, 0}, ScopeConnection, CodeFrameSizeError},
		{Header{4, TypeWindowUpdate, 0, 0}, ScopeNone, 0},
		{Header{5, TypeWindowUpdate, 0, 1}, ScopeConnection, CodeFrameSizeError},
		{Header{0, TypeContinuation, 0, 0}, ScopeConnection, CodeProtocolError},
		{Header{most + 1, TypeContinuation, 0, 1}, ScopeConnection, CodeFrameSizeError},
		{Header{4, TypePriorityUpdate, 0, 1}, ScopeConnection, CodeProtocolError},
		{Header{3, TypePriorityUpdate, 0, 0}, ScopeConnection, CodeFrameSizeError},
		{Header{3, 0x42, 0, 0}, ScopeNone, 0},
		{Header{most + 1, 0x42, 0, 0}, ScopeConnection, CodeFrameSizeError},
		{Header{most + 1, 0x42, 0, 1}, ScopeStream, CodeFrameSizeError},
	}
	for _, test := range tests {
		scope, code, rule := test.h.Check(most)
		if scope != test.scope || code != test.code || (rule == "") != (scope == ScopeNone) {
			t.Errorf("%v: %v %v %q, want %v %v", test.h, scope, code, rule, test.scope, test.code)
		}
	}
}

// The debug form of each type of frames, with its flags and those that mean nothing.
func TestString(t *testing.T) {
	tests := []struct {
		f    Frame
		want string
	}{
		{Frame{Header: Header{3, TypeData, FlagEndStream, 1}, Rest: []byte("abc")}, "DATA stream 1 length 3 END_STREAM: data 3"},
		{Frame{Header: Header{6, TypeData, FlagPadded, 1}, Headers: Headers{PadLength: 2}, Rest: []byte("abc")}, "DATA stream 1 length 6 PADDED: padding 2 data 3"},
		{Frame{Header: Header{8, TypeHeaders, FlagPadded | FlagPriority | FlagEndHeaders | 2, 3}, Headers: Headers{2, true, 1, 200}}, "HEADERS stream 3 length 8 PRIORITY PADDED END_HEADERS flags 0x02: padding 2 dependency 1 exclusive true weight 200 fragment 0"},
		{Frame{Header: Header{1, TypeHeaders, FlagEndHeaders | FlagEndStream, 3}, Rest: []byte{0x82}}, "HEADERS stream 3 length 1 END_HEADERS END_STREAM: fragment 1"},
		{Frame{Header: Header{5, TypePriority, FlagAck, 3}, Priority: Priority{false, 1, 15}}, "PRIORITY stream 3 length 5 flags 0x01: dependency 1 exclusive false weight 15"},
		{Frame{Header: Header{4, TypeRSTStream, 0, 3}, RSTStream: RSTStream{CodeCancel}}, "RST_STREAM stream 3 length 4: CANCEL"},
		{Frame{Header: Header{4, TypeRSTStream, 0, 3}, RSTStream: RSTStream{0xabc}}, "RST_STREAM stream 3 length 4: code 0xabc"},
		{Frame{Header: Header{12, TypeSettings, 0, 0}, Rest: AppendSetting(AppendSetting(nil, Setting{SettingEnablePush, 0}), Setting{0x99, 7})}, "SETTINGS stream 0 length 12: SETTINGS_ENABLE_PUSH=0 setting 0x99=7"},
		{Frame{Header: Header{0, TypeSettings, FlagAck, 0}}, "SETTINGS stream 0 length 0 ACK:"},
		{Frame{Header: Header{6, TypePushPromise, FlagEndHeaders, 1}, PushPromise: PushPromise{0, 2}, Rest: []byte("ab")}, "PUSH_PROMISE stream 1 length 6 END_HEADERS: promises 2 fragment 2"},
		{Frame{Header: Header{8, TypePing, FlagAck, 0}, Ping: Ping{[8]byte{1, 2}}}, "PING stream 0 length 8 ACK: 0102000000000000"},
		{Frame{Header: Header{9, TypeGoAway, 0, 0}, GoAway: GoAway{5, CodeEnhanceYourCalm}, Rest: []byte("x")}, `GOAWAY stream 0 length 9: last 5 ENHANCE_YOUR_CALM debug "x"`},
		{Frame{Header: Header{4, TypeWindowUpdate, 0, 7}, WindowUpdate: WindowUpdate{100}}, "WINDOW_UPDATE stream 7 length 4: increment 100"},
		{Frame{Header: Header{2, TypeContinuation, FlagEndHeaders, 1}, Rest: []byte("ab")}, "CONTINUATION stream 1 length 2 END_HEADERS: fragment 2"},
		{Frame{Header: Header{7, TypePriorityUpdate, 0, 0}, PriorityUpdate: PriorityUpdate{3}, Rest: []byte("u=1")}, `PRIORITY_UPDATE stream 0 length 7: of 3 "u=1"`},
		{Frame{Header: Header{0, 0x42, 0, 0}}, "type 0x42 stream 0 length 0: payload 0"},
	}
	for _, test := range tests {
		if got := test.f.String(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

// Padding is zero when it is sent, not looked at when it is read, and refused where it
// is longer than the frame.
func TestPadding(t *testing.T) {
	for _, f := range []Frame{
		{Header: Header{Type: TypeData, Flags: FlagPadded, StreamID: 1}, Headers: Headers{PadLength: 3}, Rest: []byte("abc")},
		{Header: Header{Type: TypeHeaders, Flags: FlagPadded | FlagPriority, StreamID: 1}, Headers: Headers{PadLength: 3}, Rest: []byte("abc")},
		{Header: Header{Type: TypePushPromise, Flags: FlagPadded, StreamID: 1}, PushPromise: PushPromise{PadLength: 3, PromisedStreamID: 2}, Rest: []byte("abc")},
	} {
		b := f.Append(nil)
		if !bytes.HasSuffix(b, []byte("abc\x00\x00\x00")) {
			t.Errorf("%v: appended as %x", &f, b)
		}
		b[len(b)-1] = 0xff
		if got, _, err := Read(b); err != nil || string(got.Rest) != "abc" {
			t.Errorf("%v: read %v: %v", &f, &got, err)
		}
		b[HeaderOctets] = 6
		if got, _, err := Read(b); err != nil || len(got.Rest) != 0 {
			t.Errorf("%v: padding alone is read as %v: %v", &f, &got, err)
		}
		for pad := 7; pad < 256; pad++ {
			b[HeaderOctets] = byte(pad)
			if _, n, err := Read(b); err != ErrPadding || n != len(b) {
				t.Errorf("%v: %d octets of padding: %v after %d octets", &f, pad, err, n)
			}
		}
	}
}

// Nothing is allocated.
func TestFramesDoNotAllocate(t *testing.T) {
	b := make([]byte, 0, 256)
	n := testing.AllocsPerRun(100, func() {
		b = AppendSettingsFrame(b[:0], Setting{SettingEnablePush, 0}, Setting{SettingMaxFrameSize, 16384})
		b = AppendPingFrame(b, true, [8]byte{1})
		b = AppendGoAwayFrame(b, 1, CodeNoError, nil)
		b = AppendRSTStreamFrame(b, 1, CodeCancel)
		b = AppendWindowUpdateFrame(b, 1, 1)
		b = AppendPriorityUpdateFrame(b, 1, "u=1")
		for left := b; len(left) > 0; {
			f, n, err := Read(left)
			if err != nil {
				t.Fatal(err)
			}
			if scope, _, rule := f.Check(16384); scope != ScopeNone {
				t.Fatal(rule)
			}
			left = left[n:]
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkHeader(b *testing.B) {
	frame := AppendHeader(nil, Header{100, TypeHeaders, FlagEndHeaders | FlagEndStream, 1})
	for b.Loop() {
		h := ReadHeader(frame)
		if scope, _, _ := h.Check(16384); scope != ScopeNone {
			b.Fatal(scope)
		}
	}
}
