package h2

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// clientHost is a driver's side for tests: a clock that stands still, buffers
// that are overwritten when they come back, and a lock.
type clientHost struct {
	mu   sync.Mutex
	cond *sync.Cond
	mono int64
	pool [][]byte // only if reuse
	got  int      // buffers that are out
	kept []any    // workspaces of connections that rest

	reuse bool
}

func newClientHost() *clientHost {
	h := &clientHost{mono: 1}
	h.cond = sync.NewCond(&h.mu)
	return h
}

func (h *clientHost) Now() (mono, unix int64) { return h.mono, 784111777 }
func (*clientHost) Wake()                     {}
func (h *clientHost) Lock()                   { h.mu.Lock() }
func (h *clientHost) Unlock()                 { h.mu.Unlock() }
func (h *clientHost) Wait()                   { h.cond.Wait() }
func (h *clientHost) Signal()                 { h.cond.Broadcast() }
func (h *clientHost) Keep(_, v any)           { h.kept = append(h.kept, v) }

func (h *clientHost) Take(any) (v any, idleNs int64) {
	if k := len(h.kept) - 1; k >= 0 {
		v, h.kept = h.kept[k], h.kept[:k]
	}
	return v, second
}

func (h *clientHost) Get(n int) []byte {
	h.got++
	for k := len(h.pool) - 1; k >= 0; k-- {
		if b := h.pool[k]; cap(b) >= n {
			h.pool = append(h.pool[:k], h.pool[k+1:]...)
			return b
		}
	}
	return make([]byte, 0, max(n, 512))
}

func (h *clientHost) Put(b []byte) {
	h.got--
	b = b[:cap(b)]
	if h.reuse {
		h.pool = append(h.pool, b[:0])
		return
	}
	for i := range b {
		b[i] = 0xDB
	}
}

// clientTalk is a Client and a peer that the test speaks for, by x/net's framer.
type clientTalk struct {
	t    *testing.T
	h    *clientHost
	c    *Client
	sent bytes.Buffer // by the client
	fr   *http2.Framer
	in   bytes.Buffer // for the client
	left []byte       // offered and not consumed
	enc  *hpack.Encoder
	head bytes.Buffer
	step int // how many octets are offered at a time; 0 for all
}

// talk begins a conversation: prefaces and settings are exchanged, with these
// settings of the peer.
func talk(t *testing.T, o ClientOptions, settings ...http2.Setting) *clientTalk {
	k := quiet(t, o)
	if got := k.takePreface(); !strings.HasPrefix(got, "SETTINGS\nWINDOW_UPDATE 0 ") {
		t.Fatalf("the client's preface is %q", got)
	}
	k.peer(func(fr *http2.Framer) {
		_ = fr.WriteSettings(settings...)
		_ = fr.WriteSettingsAck()
	})
	k.want("the settings are acknowledged", "SETTINGS ACK")
	return k
}

// quiet is a client whose peer hasn't said anything.
func quiet(t *testing.T, o ClientOptions) *clientTalk {
	t.Helper()
	if o.OnPanic == nil {
		o.OnPanic = func(v any) { t.Errorf("panic: %v", v) }
	}
	k := &clientTalk{t: t, h: newClientHost(), c: NewClient(o)}
	k.enc = hpack.NewEncoder(&k.head)
	k.fr = http2.NewFramer(&k.in, &k.sent)
	k.fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	k.fr.MaxHeaderListSize = 1 << 20
	k.h.Lock()
	k.c.Attach(k.h)
	k.h.Unlock()
	t.Cleanup(func() {
		k.end()
		k.expire(second)
		k.h.Lock()
		defer k.h.Unlock()
		if !k.c.Closed() || k.c.Deadline() != 0 || k.h.got != 0 {
			t.Errorf("at the end: closed is %v, the deadline %d, and %d buffers are out", k.c.Closed(), k.c.Deadline(), k.h.got)
		}
	})
	return k
}

// takePreface is what the client has sent behind the octets of the preface.
func (k *clientTalk) takePreface() string {
	k.t.Helper()
	k.write()
	if b := k.sent.Next(len(Preface)); string(b) != Preface {
		k.t.Fatalf("the client begins with %q", b)
	}
	return strings.Join(k.frames(), "\n")
}

// turn runs f in a turn of the client's.
func (k *clientTalk) turn(f func()) {
	k.c.Turn(f)
	k.h.Lock()
	if due := k.c.callbacks.Due; due != 0 { // what is left to the driver
		k.h.mono = due
		k.c.Expire()
	}
	k.h.Unlock()
	k.write()
}

// write has the flow take all that there is.
func (k *clientTalk) write() {
	k.h.Lock()
	defer k.h.Unlock()
	for {
		op, v := k.c.NextWrite()
		if op != engine.Write {
			return
		}
		n := 0
		for _, b := range v {
			n += len(b)
			k.sent.Write(b)
		}
		k.c.ReportWrite(n, nil)
	}
}

// peer has the peer send what f writes.
func (k *clientTalk) peer(f func(fr *http2.Framer)) {
	f(k.fr)
	b := append(k.left, k.in.Bytes()...)
	k.in.Reset()
	k.left = k.offer(b)
	k.write()
}

// offer offers b to the client, and returns what it hasn't consumed.
func (k *clientTalk) offer(b []byte) []byte {
	step := k.step
	if step == 0 {
		step = len(b)
	}
	for at := 0; at < len(b); {
		end := min(at+step, len(b))
		k.h.Lock()
		n, isOpen := 0, k.c.NextRead() == engine.Read
		if isOpen {
			window := bytes.Clone(b[:end])
			n = k.c.Read(window)
		}
		k.h.Unlock()
		if !isOpen {
			return nil
		}
		b = b[n:]
		at = end - n
	}
	return b
}

// respond writes HEADERS with these fields: names and values, in turn.
func (k *clientTalk) headers(fr *http2.Framer, id uint32, end bool, fields ...string) {
	k.t.Helper()
	if err := fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: k.block(fields...), EndStream: end, EndHeaders: true}); err != nil {
		k.t.Fatal(err)
	}
}

func (k *clientTalk) block(fields ...string) []byte {
	k.head.Reset()
	for i := 0; i < len(fields); i += 2 {
		_ = k.enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return bytes.Clone(k.head.Bytes())
}

// frames are those that the client has sent, one a string.
func (k *clientTalk) frames() (list []string) {
	k.t.Helper()
	for k.sent.Len() > 0 {
		f, err := k.fr.ReadFrame()
		if err != nil {
			k.t.Fatalf("the client has sent what is no frame: %v %v", err, k.fr.ErrorDetail())
		}
		list = append(list, frameText(f))
	}
	return list
}

// frameText is a frame for people to read.
func frameText(f http2.Frame) string {
	id := f.Header().StreamID
	end := ""
	if f.Header().Type <= http2.FrameHeaders && f.Header().Flags.Has(http2.FlagHeadersEndStream) {
		end = " END_STREAM"
	}
	switch f := f.(type) {
	case *http2.MetaHeadersFrame:
		s := fmt.Sprintf("HEADERS %d%s", id, end)
		for _, h := range f.Fields {
			s += " " + h.Name + "=" + h.Value
		}
		return s
	case *http2.DataFrame:
		if len(f.Data()) > 100 {
			return fmt.Sprintf("DATA %d%s %d octets", id, end, len(f.Data()))
		}
		return fmt.Sprintf("DATA %d%s %q", id, end, f.Data())
	case *http2.SettingsFrame:
		if f.IsAck() {
			return "SETTINGS ACK"
		}
		return "SETTINGS"
	case *http2.RSTStreamFrame:
		return fmt.Sprintf("RST_STREAM %d %v", id, f.ErrCode)
	case *http2.GoAwayFrame:
		return fmt.Sprintf("GOAWAY %d %v", f.LastStreamID, f.ErrCode)
	case *http2.WindowUpdateFrame:
		return fmt.Sprintf("WINDOW_UPDATE %d %d", id, f.Increment)
	case *http2.PingFrame:
		return fmt.Sprintf("PING %v %x", f.IsAck(), f.Data)
	}
	return fmt.Sprintf("%v %d", f.Header().Type, id)
}

// want is that the client has sent these frames, and no others.
func (k *clientTalk) want(why string, frames ...string) {
	k.t.Helper()
	if got := k.frames(); strings.Join(got, "\n") != strings.Join(frames, "\n") {
		k.t.Errorf("%s: the client has sent\n\t%s\nwant\n\t%s", why, strings.Join(got, "\n\t"), strings.Join(frames, "\n\t"))
	}
}

// expire moves the clock by ns, and has the client look at it.
func (k *clientTalk) expire(ns int64) {
	k.h.Lock()
	k.h.mono += ns
	if due := k.c.Deadline(); due != 0 && due <= k.h.mono {
		k.c.Expire()
	}
	k.h.Unlock()
	k.write()
}

// end is that the peer closes its side.
func (k *clientTalk) end() {
	k.h.Lock()
	if k.c.NextRead() == engine.Read {
		k.c.ReadEOF(k.left)
	}
	k.h.Unlock()
	k.left = nil
	k.write()
}

// logged is what the callbacks of exchanges have told.
type logged struct {
	t    *testing.T
	list []string
}

func (l *logged) add(format string, args ...any) {
	l.list = append(l.list, fmt.Sprintf(format, args...))
}

// want is that this, and nothing else, was told since the last time.
func (l *logged) want(why string, list ...string) {
	l.t.Helper()
	if strings.Join(l.list, "\n") != strings.Join(list, "\n") {
		l.t.Errorf("%s: told was\n\t%s\nwant\n\t%s", why, strings.Join(l.list, "\n\t"), strings.Join(list, "\n\t"))
	}
	l.list = nil
}

// watch has l told what becomes of x, which is called so.
func (l *logged) watch(name string, x message.ClientExchange) message.ClientExchange {
	x.OnInterim(func(_ message.ClientExchange, status message.Status, fields message.Fields) {
		l.add("%s interim %d%s", name, status, fieldsText(fields))
	})
	x.OnResponse(func(x message.ClientExchange, err error) {
		if err != nil {
			l.add("%s no response: %v", name, err)
			return
		}
		l.add("%s response %d%s", name, x.Status(), fieldsText(x.Fields()))
		_ = x.OnContent(func(x message.ClientExchange, p []byte, err error) int {
			if err == nil {
				l.add("%s content %s", name, octetsText(p))
				return len(p)
			}
			l.add("%s end: %v%s", name, err, fieldsText(x.Trailers()))
			return 0
		})
	})
	x.OnOver(func(_ message.ClientExchange, err error) { l.add("%s over: %v", name, err) })
	return x
}

// octetsText is p quoted octet by octet, so that pieces are quoted alike.
func octetsText(p []byte) string {
	s := `"`
	for i := range p {
		s += quotedOctet(p[i])
	}
	return s + `"`
}

func fieldsText(fields message.Fields) (s string) {
	for name, value := range fields.All() {
		s += " " + string(name) + "=" + string(value)
	}
	return s
}

// begin begins a request that l watches.
func (k *clientTalk) begin(l *logged, name string, h message.RequestHead) (x message.ClientExchange) {
	k.t.Helper()
	if h.Authority == "" && h.Method != "CONNECT" {
		h.Authority = "a.example"
	}
	k.turn(func() {
		var err error
		if x, err = k.c.BeginInTurn(&h); err != nil {
			k.t.Fatal(err)
		}
		l.watch(name, x)
	})
	return x
}

func quotedOctet(c byte) string {
	q := fmt.Sprintf("%q", []byte{c})
	return q[1 : len(q)-1]
}
