package frames

import (
	"errors"
	"fmt"
	"strings"
)

// Frame is a whole frame in memory, for tests and tools. Its header's Length is
// that of its payload.
type Frame struct {
	Header
	// The fields of fixed length, those of the frame's type.
	Headers        Headers // that of DATA has its PadLength here
	Priority       Priority
	RSTStream      RSTStream
	PushPromise    PushPromise
	Ping           Ping
	GoAway         GoAway
	WindowUpdate   WindowUpdate
	PriorityUpdate PriorityUpdate
	// Rest is what follows them, without padding: content, a fragment, settings,
	// debug data, or all of a frame of an unknown type. It is a slice of what was
	// read.
	Rest []byte
}

// Errors of Read.
var (
	// ErrShort is that the frame isn't whole.
	ErrShort = errors.New("frames: more octets are needed for a whole frame")
	// ErrPadding is padding that is longer than its frame (RFC 9113, Section 6.1).
	ErrPadding = errors.New("frames: the padding is longer than the frame")
	// ErrFields is a frame that is too short for the fields of its type and flags
	// (RFC 9113, Section 4.2).
	ErrFields = errors.New("frames: the frame is too short for its fields")
)

// Read reads the frame that b begins with, of n octets. Whether it is valid is for
// Check to say.
func Read(b []byte) (f Frame, n int, err error) {
	if len(b) < HeaderOctets {
		return f, 0, ErrShort
	}
	f.Header = ReadHeader(b)
	n = HeaderOctets + int(f.Length)
	if len(b) < n {
		return f, 0, ErrShort
	}
	b = b[HeaderOctets:n]
	fixed := f.fixedOctets()
	if fixed > len(b) {
		return f, n, ErrFields
	}
	f.readFixed(b)
	octets, ok := f.Variable(fixed, f.padLength())
	if !ok {
		return f, n, ErrPadding
	}
	f.Rest = b[fixed : fixed+int(octets)]
	return f, n, nil
}

// fixedOctets is how long the fields of fixed length are.
func (f *Frame) fixedOctets() int {
	switch f.Type {
	case TypeData:
		return DataOctets(f.Flags)
	case TypeHeaders:
		return HeadersOctets(f.Flags)
	case TypePriority:
		return PriorityOctets
	case TypeRSTStream:
		return RSTStreamOctets
	case TypePushPromise:
		return PushPromiseOctets(f.Flags)
	case TypePing:
		return PingOctets
	case TypeGoAway:
		return GoAwayOctets
	case TypeWindowUpdate:
		return WindowUpdateOctets
	case TypePriorityUpdate:
		return PriorityUpdateOctets
	}
	return 0
}

func (f *Frame) readFixed(b []byte) {
	switch f.Type {
	case TypeData:
		f.Headers.PadLength = ReadData(f.Flags, b).PadLength
	case TypeHeaders:
		f.Headers = ReadHeaders(f.Flags, b)
	case TypePriority:
		f.Priority = ReadPriority(b)
	case TypeRSTStream:
		f.RSTStream = ReadRSTStream(b)
	case TypePushPromise:
		f.PushPromise = ReadPushPromise(f.Flags, b)
	case TypePing:
		f.Ping = ReadPing(b)
	case TypeGoAway:
		f.GoAway = ReadGoAway(b)
	case TypeWindowUpdate:
		f.WindowUpdate = ReadWindowUpdate(b)
	case TypePriorityUpdate:
		f.PriorityUpdate = ReadPriorityUpdate(b)
	}
}

// padLength is how much padding there is.
func (f *Frame) padLength() uint8 {
	if f.Type == TypePushPromise {
		return f.PushPromise.PadLength
	}
	return f.Headers.PadLength
}

// Append appends the frame, whose Length it computes. Padding is zero.
func (f *Frame) Append(dst []byte) []byte {
	h := f.Header
	pad := int(f.padLength())
	h.Length = uint32(f.fixedOctets() + len(f.Rest) + pad)
	dst = AppendHeader(dst, h)
	switch f.Type {
	case TypeData:
		dst = AppendData(dst, f.Flags, Data{PadLength: f.Headers.PadLength})
	case TypeHeaders:
		dst = AppendHeaders(dst, f.Flags, f.Headers)
	case TypePriority:
		dst = AppendPriority(dst, f.Priority)
	case TypeRSTStream:
		dst = AppendRSTStream(dst, f.RSTStream)
	case TypePushPromise:
		dst = AppendPushPromise(dst, f.Flags, f.PushPromise)
	case TypePing:
		dst = AppendPing(dst, f.Ping)
	case TypeGoAway:
		dst = AppendGoAway(dst, f.GoAway)
	case TypeWindowUpdate:
		dst = AppendWindowUpdate(dst, f.WindowUpdate)
	case TypePriorityUpdate:
		dst = AppendPriorityUpdate(dst, f.PriorityUpdate)
	}
	dst = append(dst, f.Rest...)
	for range pad {
		dst = append(dst, 0)
	}
	return dst
}

// String is the header for people: HEADERS stream 1 length 13 END_STREAM
// END_HEADERS. Flags that mean nothing are numbers.
func (h Header) String() string {
	name := named(h.Type.String(), "type ", uint32(h.Type))
	s := fmt.Sprintf("%s stream %d length %d", name, h.StreamID, h.Length)
	left := h.Flags
	for _, f := range flagNames(h.Type) {
		if h.Flags.Has(f.flag) {
			s += " " + f.name
			left &^= f.flag
		}
	}
	if left != 0 {
		s += fmt.Sprintf(" flags 0x%02x", uint8(left))
	}
	return s
}

// named is the RFC's name of a value, or its number if the RFC has none.
func named(name, what string, value uint32) string {
	if name == "unknown" {
		return fmt.Sprintf("%s0x%02x", what, value)
	}
	return name
}

func codeName(c ErrorCode) string { return named(c.String(), "code ", uint32(c)) }

// String is the frame for people: its header, then its fields and how long what
// follows them is.
func (f *Frame) String() string {
	var b strings.Builder
	b.WriteString(f.Header.String())
	b.WriteString(":")
	say := func(format string, args ...any) { fmt.Fprintf(&b, " "+format, args...) }
	if pad := f.padLength(); f.Flags.Has(FlagPadded) && pad > 0 {
		say("padding %d", pad)
	}
	switch f.Type {
	case TypeHeaders:
		if f.Flags.Has(FlagPriority) {
			say("dependency %d exclusive %t weight %d", f.Headers.StreamDependency, f.Headers.Exclusive, f.Headers.Weight)
		}
		say("fragment %d", len(f.Rest))
	case TypeContinuation:
		say("fragment %d", len(f.Rest))
	case TypeData:
		say("data %d", len(f.Rest))
	case TypePriority:
		say("dependency %d exclusive %t weight %d", f.Priority.StreamDependency, f.Priority.Exclusive, f.Priority.Weight)
	case TypeRSTStream:
		say("%s", codeName(f.RSTStream.ErrorCode))
	case TypeSettings:
		for b := f.Rest; len(b) >= SettingOctets; b = b[SettingOctets:] {
			x := ReadSetting(b)
			say("%s=%d", named(x.Identifier.String(), "setting ", uint32(x.Identifier)), x.Value)
		}
	case TypePushPromise:
		say("promises %d fragment %d", f.PushPromise.PromisedStreamID, len(f.Rest))
	case TypePing:
		say("%x", f.Ping.OpaqueData)
	case TypeGoAway:
		say("last %d %s debug %q", f.GoAway.LastStreamID, codeName(f.GoAway.ErrorCode), f.Rest)
	case TypeWindowUpdate:
		say("increment %d", f.WindowUpdate.WindowSizeIncrement)
	case TypePriorityUpdate:
		say("of %d %q", f.PriorityUpdate.PrioritizedStreamID, f.Rest)
	default:
		say("payload %d", len(f.Rest))
	}
	return b.String()
}
