package h2

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// TestRepeatedBlocks has two connections read the same requests, many of them
// alike: one that tells a block that it has just read, and one that decodes all of
// them. They say the same.
func TestRepeatedBlocks(t *testing.T) {
	service := NewService(Options{Handler: message.Inline(message.HandlerFunc(func(message.Exchange) {}))})
	told := 0
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		watched := service.conn
		watched.OnField = func(string, string, bool) {}
		quick, slow := NewServerConn(&service.conn), NewServerConn(&watched)
		in := frames.AppendSettingsAck(frames.AppendSettingsFrame([]byte(Preface)))
		var buffer bytes.Buffer
		e := hpack.NewEncoder(&buffer)
		e.SetMaxDynamicTableSizeLimit(4096)
		for id := uint32(1); id < 400; id += 2 {
			buffer.Reset()
			if random.IntN(20) == 0 {
				e.SetMaxDynamicTableSize(uint32(random.IntN(3) * 200))
			}
			fields := [][2]string{{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "a.example"}, {"accept", "*/*"}}
			switch random.IntN(8) {
			case 0:
				fields[2][1] = fmt.Sprintf("/%d", random.IntN(3))
			case 1:
				fields[3][1] = "b.example"
			case 2:
				fields = fields[:random.IntN(5)] // something is missing
			case 3:
				fields[4][1] = "a"
			}
			for _, f := range fields {
				_ = e.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}) // a buffer has no errors
			}
			in = appendPieces(in, random, id, buffer.Bytes())
			was := quick.lastBlock.isUsable
			got, want := logOf(quick, in), logOf(slow, in)
			if got != want {
				t.Fatalf("seed %d, stream %d: it says\n%s\nand not\n%s", seed, id, got, want)
			}
			if was && quick.isRepeated {
				told++
			}
			in = in[:0]
		}
	}
	if told < 500 {
		t.Errorf("%d blocks were told", told)
	}
}

// appendPieces appends a field block, mostly in one frame.
func appendPieces(dst []byte, random *rand.Rand, id uint32, b []byte) []byte {
	h := frames.Header{Length: uint32(len(b)), Type: frames.TypeHeaders, Flags: frames.FlagEndStream | frames.FlagEndHeaders, StreamID: id}
	if random.IntN(6) > 0 || len(b) < 2 {
		return append(frames.AppendHeader(dst, h), b...)
	}
	k := random.IntN(len(b))
	h.Length, h.Flags = uint32(k), frames.FlagEndStream
	dst = append(frames.AppendHeader(dst, h), b[:k]...)
	dst = frames.AppendHeader(dst, frames.Header{Length: uint32(len(b) - k), Type: frames.TypeContinuation, Flags: frames.FlagEndHeaders, StreamID: id})
	return append(dst, b[k:]...)
}

// logOf is what a connection says of octets: events and sections. Its streams are
// reset, so that there is room for others.
func logOf(c *Conn, in []byte) string {
	var log bytes.Buffer
	for {
		n, e := c.Receive(in)
		in = in[n:]
		fmt.Fprintln(&log, e, c.Fault)
		switch e {
		case EventHead:
			s := c.Section
			fmt.Fprintf(&log, "%s %s %s %s\n", s.Method.Of(s.Arena), s.Target.Of(s.Arena), s.Authority.Of(s.Arena), s.Scheme.Of(s.Arena))
			for _, l := range s.Lines {
				fmt.Fprintf(&log, "%s: %s\n", l.Name.Of(s.Arena), l.Value.Of(s.Arena))
			}
			c.earn(BudgetResetCredit, 10)
			c.Abandon(c.Stream)
		case EventBroken:
			c.earn(BudgetResetCredit, 10)
		case EventMore:
			fmt.Fprintf(&log, "%x", c.AppendPending(nil))
			return log.String()
		}
	}
}

// The end of a block that came in pieces is no block: one that is the same octets
// is read anew, and has no fields of the first one.
func TestEndOfBlockIsNoBlock(t *testing.T) {
	const trailers = "\xbe\xbf" // the two newest entries of the table
	p := serve(t, inline(func(x message.Exchange) {
		_ = x.OnContent(func(x message.Exchange, b []byte, err error) int {
			if err == message.ErrEnd {
				_ = x.Respond(204, []message.Field{{Name: "got", Value: fmt.Sprint(x.Trailers().Len())}}, nil)
			}
			return len(b)
		})
	}))
	p.ask(false, asking("POST", "/", "checksum", "1", "checksum", "2")...)
	p.ask(false, asking("POST", "/")...)
	p.step = frames.HeaderOctets + 1
	p.say(func(fr *http2.Framer) {
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte(trailers), EndHeaders: true, EndStream: true})
	})
	p.want("its trailers came in two pieces", "HEADERS 1 END_STREAM :status=204 got=2")
	p.say(func(fr *http2.Framer) {
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: []byte(trailers[1:]), EndHeaders: true, EndStream: true})
	})
	p.want("these are the second half of them", "HEADERS 3 END_STREAM :status=204 got=1")
}

// An empty trailer section has no block, and leaves none to be told again: the
// request that comes again behind it is read anew.
func TestEmptyBlockIsNotRepeated(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) {
		_ = x.OnContent(func(x message.Exchange, b []byte, err error) int {
			if err == message.ErrEnd {
				_ = x.Respond(200, nil, fmt.Appendf(nil, "%s %s%s", x.Method(), x.Target(), fieldsText(x.Fields())))
			}
			return len(b)
		})
	}))
	for id := uint32(1); id < 9; id += 2 {
		p.ask(false, asking("POST", "/")...)
		p.say(func(fr *http2.Framer) {
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, EndHeaders: true, EndStream: true})
		})
		p.want("a request with empty trailers", fmt.Sprintf("HEADERS %d :status=200 content-length=21", id),
			fmt.Sprintf(`DATA %d END_STREAM "POST / host=a.example"`, id))
	}
}
