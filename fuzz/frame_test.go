package fuzz

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	fuzzheaders "github.com/AdaLogics/go-fuzz-headers"
	"golang.org/x/net/http2"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// frameSizeMax is the largest payload that both read here, in octets.
const frameSizeMax = 16384

// readFrame is what a frame says, as an engine reads it: the header, then the fields
// of fixed length, then what takes the rest. wrong is the error that it is, if any.
func readFrame(octets []byte) (said, wrong string) {
	h := frames.ReadHeader(octets)
	scope, code, rule := h.Check(frameSizeMax)
	if scope != frames.ScopeNone {
		if rule == "" {
			return "", "no rule"
		}
		return "", fmt.Sprintf("%v: %v", scope, code)
	}
	payload := octets[frames.HeaderOctets:][:h.Length]
	said, fixed, pad := readFields(h, payload)
	if fixed > len(payload) {
		return "", fields
	}
	rest, ok := h.Variable(fixed, pad)
	if !ok {
		return "", padding
	}
	if h.Type == frames.TypeSettings {
		for b := payload; len(b) > 0; b = b[frames.SettingOctets:] {
			x := frames.ReadSetting(b)
			if scope, code, _ := x.Check(); scope != frames.ScopeNone {
				return "", fmt.Sprintf("%v: %v", scope, code)
			}
			said += fmt.Sprintf(" %d=%d", x.Identifier, x.Value)
		}
		return said, ""
	}
	return said + fmt.Sprintf(" %x", payload[fixed:][:rest]), ""
}

const (
	fields  = "connection error: FRAME_SIZE_ERROR" // too short for its fields
	padding = "connection error: PROTOCOL_ERROR"   // more padding than payload
)

// readFields reads the fields of fixed length. Nothing is said if there are more than
// the payload has octets.
func readFields(h frames.Header, b []byte) (said string, fixed int, pad uint8) {
	said = fmt.Sprintf("%d %d %d:", h.Type, h.Flags, h.StreamID)
	say := func(octets int, of func() any) {
		if fixed = octets; octets <= len(b) {
			said += fmt.Sprintf(" %v", of())
		}
	}
	switch h.Type {
	case frames.TypeData:
		say(frames.DataOctets(h.Flags), func() any { pad = frames.ReadData(h.Flags, b).PadLength; return "" })
	case frames.TypeHeaders:
		say(frames.HeadersOctets(h.Flags), func() any {
			f := frames.ReadHeaders(h.Flags, b)
			pad, f.PadLength = f.PadLength, 0
			return fmt.Sprint(f.StreamDependency, f.Exclusive, f.Weight)
		})
	case frames.TypePriority:
		say(frames.PriorityOctets, func() any {
			f := frames.ReadPriority(b)
			return fmt.Sprint(f.StreamDependency, f.Exclusive, f.Weight)
		})
	case frames.TypeRSTStream:
		say(frames.RSTStreamOctets, func() any { return uint32(frames.ReadRSTStream(b).ErrorCode) })
	case frames.TypePushPromise:
		say(frames.PushPromiseOctets(h.Flags), func() any {
			f := frames.ReadPushPromise(h.Flags, b)
			pad = f.PadLength
			return f.PromisedStreamID
		})
	case frames.TypePing:
		say(frames.PingOctets, func() any { return frames.ReadPing(b).OpaqueData })
	case frames.TypeGoAway:
		say(frames.GoAwayOctets, func() any {
			f := frames.ReadGoAway(b)
			return fmt.Sprint(f.LastStreamID, uint32(f.ErrorCode))
		})
	case frames.TypeWindowUpdate:
		say(frames.WindowUpdateOctets, func() any { return frames.ReadWindowUpdate(b).WindowSizeIncrement })
	case frames.TypePriorityUpdate:
		say(frames.PriorityUpdateOctets, func() any { return frames.ReadPriorityUpdate(b).PrioritizedStreamID })
	}
	return said, fixed, pad
}

// readFrameByFramer is readFrame as golang.org/x/net/http2's Framer reads it.
func readFrameByFramer(octets []byte) (said, wrong string) {
	r := http2.NewFramer(io.Discard, bytes.NewReader(octets))
	r.SetMaxReadFrameSize(frameSizeMax)
	r.AllowIllegalReads = true // the order of frames is a connection's to judge
	f, err := r.ReadFrame()
	if err != nil {
		return "", framerError(err)
	}
	h := f.Header()
	said = fmt.Sprintf("%d %d %d:", h.Type, h.Flags, h.StreamID)
	priority := func(p http2.PriorityParam) string { return fmt.Sprint(p.StreamDep, p.Exclusive, p.Weight) }
	switch f := f.(type) {
	case *http2.DataFrame:
		said += fmt.Sprintf("  %x", f.Data())
	case *http2.HeadersFrame:
		said += fmt.Sprintf(" %s %x", priority(f.Priority), f.HeaderBlockFragment())
	case *http2.PriorityFrame:
		said += " " + priority(f.PriorityParam) + " "
	case *http2.RSTStreamFrame:
		said += fmt.Sprintf(" %d ", uint32(f.ErrCode))
	case *http2.SettingsFrame:
		err = f.ForeachSetting(func(x http2.Setting) error {
			said += fmt.Sprintf(" %d=%d", uint16(x.ID), x.Val)
			return x.Valid()
		})
		if err != nil {
			return "", framerError(err)
		}
	case *http2.PushPromiseFrame:
		said += fmt.Sprintf(" %d %x", f.PromiseID, f.HeaderBlockFragment())
	case *http2.PingFrame:
		said += fmt.Sprintf(" %v ", f.Data)
	case *http2.GoAwayFrame:
		said += fmt.Sprintf(" %d %d %x", f.LastStreamID, uint32(f.ErrCode), f.DebugData())
	case *http2.WindowUpdateFrame:
		said += fmt.Sprintf(" %d ", f.Increment)
	case *http2.ContinuationFrame:
		said += fmt.Sprintf(" %x", f.HeaderBlockFragment())
	case *http2.PriorityUpdateFrame:
		said += fmt.Sprintf(" %d %x", f.PrioritizedStreamID, f.Priority)
	case *http2.UnknownFrame:
		said += fmt.Sprintf(" %x", f.Payload())
	}
	return said, ""
}

func framerError(err error) string {
	if e, ok := errors.AsType[http2.StreamError](err); ok {
		return "stream error: " + e.Code.String()
	}
	if e, ok := errors.AsType[http2.ConnectionError](err); ok {
		return "connection error: " + http2.ErrCode(e).String()
	}
	return err.Error()
}

// framerDiffers are the differences that there may be, each with its reason.
var framerDiffers = []struct {
	name    string
	of      func(h frames.Header, payload []byte, ours, theirs string) bool
	because string
}{
	{
		"both refuse a frame that is too long", func(h frames.Header, _ []byte, ours, theirs string) bool {
			return h.Length > frameSizeMax && ours != "" && theirs == http2.ErrFrameTooLarge.Error()
		},
		"RFC 9113, Section 4.2: Framer has no error code for it, and doesn't look at the stream first",
	},
	{
		"both refuse a frame that is too short for its fields", func(h frames.Header, _ []byte, ours, theirs string) bool {
			return ours == fields && theirs == io.ErrUnexpectedEOF.Error()
		},
		"RFC 9113, Section 4.2: Framer has no error code for it",
	},
	{
		"both refuse a frame with two mistakes, and name another one", func(h frames.Header, _ []byte, ours, theirs string) bool {
			_, code, _ := frames.Header{Length: h.Length, Type: h.Type, Flags: h.Flags, StreamID: 1 - min(h.StreamID, 1)}.Check(frameSizeMax)
			return ours == "connection error: PROTOCOL_ERROR" && code == frames.CodeFrameSizeError && theirs == "connection error: FRAME_SIZE_ERROR"
		},
		"RFC 9113, Section 5.4: which of several errors is told isn't said",
	},
	{
		"both refuse PRIORITY of another length", func(h frames.Header, _ []byte, ours, theirs string) bool {
			return h.Type == frames.TypePriority && ours == "stream error: FRAME_SIZE_ERROR" && theirs == "connection error: FRAME_SIZE_ERROR"
		},
		"RFC 9113, Section 6.3: it is an error of the stream",
	},
	{
		"both refuse HEADERS with more padding than payload", func(h frames.Header, _ []byte, ours, theirs string) bool {
			return h.Type == frames.TypeHeaders && ours == padding && theirs == "stream error: PROTOCOL_ERROR"
		},
		"RFC 9113, Section 6.2: it is an error of the connection",
	},
	{
		"Framer refuses WINDOW_UPDATE by 0", func(h frames.Header, b []byte, ours, theirs string) bool {
			return h.Type == frames.TypeWindowUpdate && ours == "" && frames.ReadWindowUpdate(b).WindowSizeIncrement == 0
		},
		"RFC 9113, Section 6.9: it is a value, which the connection judges, as it does an overflow",
	},
	{
		"Framer refuses PRIORITY_UPDATE for stream 0", func(h frames.Header, b []byte, ours, theirs string) bool {
			return h.Type == frames.TypePriorityUpdate && ours == "" && frames.ReadPriorityUpdate(b).PrioritizedStreamID == 0
		},
		"RFC 9218, Section 7.1: it is a value, which the connection judges",
	},
	{
		"Framer takes any SETTINGS_NO_RFC7540_PRIORITIES", func(h frames.Header, b []byte, ours, theirs string) bool {
			for ; h.Type == frames.TypeSettings && len(b) >= frames.SettingOctets; b = b[frames.SettingOctets:] {
				if x := frames.ReadSetting(b); x.Identifier == frames.SettingNoRFC7540Priorities && x.Value > 1 {
					return ours == "connection error: PROTOCOL_ERROR"
				}
			}
			return false
		},
		"RFC 9218, Section 2.1: it is 0 or 1",
	},
}

// differInFrame compares what both read of the frame that octets begin with, which is
// made whole with zeros. It names the difference that there may be, or complains.
func differInFrame(octets []byte) (difference, unexplained string) {
	if len(octets) < frames.HeaderOctets {
		return "", ""
	}
	h := frames.ReadHeader(octets)
	missing := frames.HeaderOctets + int(h.Length) - len(octets)
	if h.Length > frameSizeMax {
		missing = 0 // nobody reads it
	}
	octets = append(bytes.Clone(octets), make([]byte, max(missing, 0))...)
	said, wrong := readFrame(octets)
	theirs, theirWrong := readFrameByFramer(octets)
	switch {
	case wrong == theirWrong && said == theirs:
		if wrong == "" {
			return "", appendedAnew(octets, said)
		}
		return "", ""
	case wrong == "" && theirWrong == "":
		return "", fmt.Sprintf("we read %q, Framer %q", said, theirs)
	}
	payload := octets[frames.HeaderOctets:]
	if h.Length <= frameSizeMax {
		payload = payload[:h.Length]
	}
	for _, d := range framerDiffers {
		if d.of(h, payload, wrong, theirWrong) {
			return d.name, ""
		}
	}
	return "", fmt.Sprintf("%+v: we say %q, error %q; Framer %q, error %q", h, said, wrong, theirs, theirWrong)
}

// appendedAnew says what is wrong with a whole frame that is read and appended: it must
// say the same to Framer.
func appendedAnew(octets []byte, said string) string {
	f, n, err := frames.Read(octets)
	if h := frames.ReadHeader(octets); err != nil || n != frames.HeaderOctets+int(h.Length) {
		return fmt.Sprintf("%+v: read %d octets: %v", h, n, err)
	}
	anew := f.Append(nil)
	if theirs, wrong := readFrameByFramer(anew); len(anew) != n || theirs != said || wrong != "" {
		return fmt.Sprintf("we read %q; appended anew, Framer reads %q, error %q", said, theirs, wrong)
	}
	return ""
}

// frameSeeds are made from the layouts: each frame with each set of its flags, on stream
// 0 and another, with the octets that its fields have, and a few less and more.
var frameSeeds = sync.OnceValue(func() (seeds [][]byte) {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		panic(err)
	}
	m, err := gen.Load(set)
	if err != nil {
		panic(err)
	}
	for _, l := range m.Frames() {
		for picked := range 1 << len(l.Flags) {
			var flags uint8
			names := []string{""}
			for i, f := range l.Flags {
				if picked>>i&1 != 0 {
					flags |= f.Bit
					names = append(names, f.Name)
				}
			}
			bits := 0
			for _, f := range l.Fields {
				if strings.Contains("\n"+strings.Join(names, "\n")+"\n", "\n"+f.With+"\n") {
					bits += f.Bits
				}
			}
			for _, octets := range []int{0, bits/8 - 1, bits / 8, bits/8 + 1, bits/8 + 6} {
				for stream := range uint32(2) {
					seeds = append(seeds, frameSeed(l.Type, flags, stream, max(octets, 0)))
				}
			}
		}
	}
	for _, s := range m.SettingRanges {
		for _, v := range []uint32{s.Least - 1, s.Least, s.Initial, s.Most, s.Most + 1} {
			x := frames.Setting{Identifier: frames.SettingID(s.Identifier), Value: v}
			seeds = append(seeds, frames.AppendSettingsFrame(nil, x))
		}
	}
	seeds = append(seeds, frames.AppendWindowUpdateFrame(nil, 0, 0), frames.AppendWindowUpdateFrame(nil, 1, 0))
	for _, kind := range []uint8{0, 1, 2, 4, 0x10, 0xff} {
		seeds = append(seeds, frameSeed(kind, 0, 1, frameSizeMax+1)[:20], frameSeed(kind, 0, 0, frameSizeMax+1)[:20])
	}
	return seeds
})

// frameSeed is a frame whose payload counts 1, 2, 3, and so on.
func frameSeed(kind, flags uint8, stream uint32, octets int) []byte {
	b := frames.AppendHeader(nil, frames.Header{Length: uint32(octets), Type: frames.Type(kind), Flags: frames.Flags(flags), StreamID: stream})
	for i := range octets {
		b = append(b, byte(1+i))
	}
	return b
}

// TestFrames compares all seeds, and each with one of its first octets changed. Each
// difference that is listed must come up.
func TestFrames(t *testing.T) {
	seen := map[string]int{}
	n := 0
	try := func(octets []byte) {
		n++
		difference, unexplained := differInFrame(octets)
		if unexplained != "" {
			t.Fatalf("%x: %s", octets, unexplained)
		}
		seen[difference]++
	}
	for _, s := range frameSeeds() {
		try(s)
		for at := range min(len(s), 20) {
			was := s[at]
			for _, c := range []byte{0, 1, was + 1, was - 1, was ^ 0x80, 0xff} {
				s[at] = c
				try(s)
			}
			s[at] = was
		}
	}
	t.Logf("%d frames, of which %d are read alike", n, seen[""])
	for _, d := range framerDiffers {
		t.Logf("%d: %s (%s)", seen[d.name], d.name, d.because)
		if seen[d.name] == 0 {
			t.Errorf("never seen: %s", d.name)
		}
	}
}

// FuzzFrame reads frames with Framer too: octets as they come, and one that is made of
// them and has the length of its payload.
func FuzzFrame(f *testing.F) {
	for _, s := range frameSeeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		if _, unexplained := differInFrame(octets); unexplained != "" {
			t.Error(unexplained)
		}
		made := fuzzheaders.NewConsumer(octets)
		kind, _ := made.GetByte()
		flags, _ := made.GetByte()
		stream, _ := made.GetByte()
		payload, err := made.GetBytes()
		if err != nil || len(payload) > frameSizeMax {
			return
		}
		h := frames.Header{Length: uint32(len(payload)), Type: frames.Type(kind & 0x1f), Flags: frames.Flags(flags), StreamID: uint32(stream & 3)}
		if _, unexplained := differInFrame(append(frames.AppendHeader(nil, h), payload...)); unexplained != "" {
			t.Error(unexplained)
		}
	})
}
