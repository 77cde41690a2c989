package h2

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// serverPeer is a Server and a client that the test speaks for, by x/net's
// framer.
type serverPeer struct {
	t    testing.TB
	h    *clientHost
	s    *Server
	out  bytes.Buffer // by the server
	fr   *http2.Framer
	in   bytes.Buffer // for the server
	left []byte       // offered and not consumed
	enc  *hpack.Encoder
	head bytes.Buffer
	last uint32 // the highest stream that was begun
	most int    // octets that one write takes; 0 for all, -1 for none
	step int    // how many octets are offered at a time; 0 for all
	kept int    // buffers that exchanges keep at most which were detached
}

// serve begins a conversation: prefaces and settings are exchanged, with these
// settings of the peer.
func serve(t testing.TB, o Options, settings ...http2.Setting) *serverPeer {
	t.Helper()
	if o.OnPanic == nil {
		o.OnPanic = func(v any) { t.Errorf("panic: %v", v) }
	}
	p := serveWithoutAck(t, NewService(o).NewServer("peer"), settings...)
	p.say(func(fr *http2.Framer) { _ = fr.WriteSettingsAck() })
	return p
}

// serveWithoutAck is serve, where the peer hasn't acknowledged the settings of s.
func serveWithoutAck(t testing.TB, s *Server, settings ...http2.Setting) *serverPeer {
	t.Helper()
	p := &serverPeer{t: t, h: newClientHost(), s: s}
	p.enc = hpack.NewEncoder(&p.head)
	p.fr = http2.NewFramer(&p.in, &p.out)
	p.fr.AllowIllegalWrites = true
	p.fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	p.fr.MaxHeaderListSize = 1 << 20
	p.fr.SetMaxReadFrameSize(1<<24 - 1)
	p.h.Lock()
	p.s.Attach(p.h)
	p.h.Unlock()
	t.Cleanup(p.close)
	p.in.WriteString(Preface)
	p.say(func(fr *http2.Framer) { _ = fr.WriteSettings(settings...) })
	if got := strings.Join(p.frames(), "\n"); got != "SETTINGS\nWINDOW_UPDATE 0 983041\nSETTINGS ACK" && s.service.ConnectionWindowOctets == 1<<20 {
		t.Fatalf("the server's preface is %q", got)
	}
	return p
}

// close breaks the flow, and holds that nothing is left.
func (p *serverPeer) close() {
	p.t.Helper()
	p.h.Lock()
	p.s.ReportError(engineError{})
	for due := p.s.callbacks.Due; due != 0; due = p.s.callbacks.Due {
		p.h.mono = max(p.h.mono, due)
		p.s.Expire()
	}
	defer p.h.Unlock()
	if !p.s.Closed() || p.s.Deadline() != 0 || p.h.got > p.kept || p.s.workspace != nil || p.s.open != 0 || int(p.s.orphans) > p.kept {
		p.t.Errorf("at the end: closed is %v, the deadline %d, %d buffers are out, the workspace is %p, %d exchanges open, %d orphans",
			p.s.Closed(), p.s.Deadline(), p.h.got, p.s.workspace, p.s.open, p.s.orphans)
	}
}

type engineError struct{}

func (engineError) Error() string { return "the flow is broken" }

// say has the peer send what f writes. Without a server it waits in p.in.
func (p *serverPeer) say(f func(fr *http2.Framer)) *serverPeer {
	if f(p.fr); p.s == nil {
		return p
	}
	b := append(p.left, p.in.Bytes()...)
	p.in.Reset()
	p.left = p.offer(b)
	return p
}

// offer offers b to the server, and returns what it hasn't consumed.
func (p *serverPeer) offer(b []byte) []byte {
	step := p.step
	if step == 0 {
		step = max(len(b), 1)
	}
	for end := min(step, len(b)); len(b) > 0; {
		p.h.Lock()
		op, n := p.s.NextRead(), 0
		if op == engine.Read {
			window := bytes.Clone(b[:end])
			n = p.s.Read(window)
		}
		isAgain := p.s.NextRead() == engine.Yield
		p.h.Unlock()
		if op == engine.Close {
			return nil
		}
		p.write()
		b = b[n:]
		switch end -= n; {
		case isAgain && p.most >= 0 && op == engine.Read, isAgain && end > 0 && p.most >= 0:
			end = max(end, min(1, len(b)))
		case op != engine.Read || end == len(b):
			return b
		default:
			end = min(end+step, len(b))
		}
	}
	return b
}

// write has the flow take what it takes, and makes calls that were left to the
// driver.
func (p *serverPeer) write() {
	p.h.Lock()
	defer p.h.Unlock()
	for moved := true; moved; {
		moved = false
		if op, v := p.s.NextWrite(); op == engine.Write && p.most >= 0 {
			n := 0
			for _, b := range v {
				n += len(b)
				p.out.Write(b)
			}
			if p.most > 0 && n > p.most {
				p.out.Truncate(p.out.Len() - (n - p.most))
				n = p.most
			}
			p.s.ReportWrite(n, nil)
			moved = true
		}
		if due := p.s.callbacks.Due; due != 0 && due <= p.h.mono {
			p.s.Expire()
			moved = true
		}
	}
}

// pass lets time pass, in ns.
func (p *serverPeer) pass(ns int64) *serverPeer {
	p.h.Lock()
	end := p.h.mono + ns
	for due := p.s.Deadline(); due != 0 && due <= end; due = p.s.Deadline() {
		p.h.mono = max(p.h.mono, due)
		p.s.Expire()
		p.h.Unlock()
		p.write()
		p.h.Lock()
	}
	p.h.mono = end
	p.h.Unlock()
	return p
}

// block is a field block of these fields: names and values, in turn.
func (p *serverPeer) block(fields ...string) []byte {
	p.head.Reset()
	for i := 0; i < len(fields); i += 2 {
		_ = p.enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return bytes.Clone(p.head.Bytes())
}

// asking is the fields of a request.
func asking(method, path string, fields ...string) []string {
	return append([]string{":method", method, ":scheme", "http", ":authority", "a.example", ":path", path}, fields...)
}

// ask begins the next stream, by a request, and is its id.
func (p *serverPeer) ask(isEnd bool, fields ...string) (id uint32) {
	id = p.write1(isEnd, fields...)
	p.say(func(*http2.Framer) {})
	return id
}

// write1 writes the HEADERS of the next stream, for say to send.
func (p *serverPeer) write1(isEnd bool, fields ...string) (id uint32) {
	if p.last == 0 {
		p.last = 1
	} else {
		p.last += 2
	}
	_ = p.fr.WriteHeaders(http2.HeadersFrameParam{StreamID: p.last, BlockFragment: p.block(fields...), EndStream: isEnd, EndHeaders: true})
	return p.last
}

// get asks for a path, in a request without content.
func (p *serverPeer) get(path string) (id uint32) { return p.ask(true, asking("GET", path)...) }

// frames are those that the server has sent, one a string.
func (p *serverPeer) frames() (list []string) {
	p.t.Helper()
	for p.out.Len() > 0 {
		f, err := p.fr.ReadFrame()
		if err != nil {
			p.t.Fatalf("the server has sent what is no frame: %v %v", err, p.fr.ErrorDetail())
		}
		if promise, ok := f.(*http2.PushPromiseFrame); ok {
			fields, err := p.fr.ReadMetaHeaders.DecodeFull(promise.HeaderBlockFragment())
			if err != nil {
				p.t.Fatalf("a promise can't be decoded: %v", err)
			}
			text := fmt.Sprintf("PUSH_PROMISE %d of %d", promise.PromiseID, promise.StreamID)
			for _, h := range fields {
				text += " " + h.Name + "=" + h.Value
			}
			list = append(list, text)
			continue
		}
		list = append(list, strings.Replace(frameText(f), " date=Sun, 06 Nov 1994 08:49:37 GMT", "", 1))
	}
	return list
}

// want is that the server has sent these frames, and no others.
func (p *serverPeer) want(why string, frames ...string) *serverPeer {
	p.t.Helper()
	if got := p.frames(); strings.Join(got, "\n") != strings.Join(frames, "\n") {
		p.t.Errorf("%s: the server has sent\n\t%s\nwant\n\t%s", why, strings.Join(got, "\n\t"), strings.Join(frames, "\n\t"))
	}
	return p
}

// wantLast is that the last frame of the server's is this.
func (p *serverPeer) wantLast(why, frame string) *serverPeer {
	p.t.Helper()
	all := p.frames()
	if len(all) == 0 || !strings.HasPrefix(all[len(all)-1], frame) {
		p.t.Errorf("%s: the server has sent %d frames, the last %q, want %q", why, len(all), all[max(len(all)-4, 0):], frame)
	}
	return p
}

// wantOpen is that the server goes on: it answers a ping, and hasn't complained.
func (p *serverPeer) wantOpen(why string) *serverPeer {
	p.t.Helper()
	p.say(func(fr *http2.Framer) { _ = fr.WritePing(false, [8]byte{7}) })
	all := p.frames()
	for _, f := range all {
		if strings.HasPrefix(f, "GOAWAY") || strings.HasPrefix(f, "RST_STREAM") {
			p.t.Fatalf("%s: the server has sent %s", why, f)
		}
	}
	if len(all) == 0 || all[len(all)-1] != "PING true 0700000000000000" {
		p.t.Errorf("%s: a ping isn't answered: %q", why, all)
	}
	return p
}

// isCut says whether the server has given the connection up.
func (p *serverPeer) isCut() bool { return p.s.isFailed }

// inline are options with an inline handler.
func inline(f func(message.Exchange)) Options {
	return Options{Handler: message.Inline(message.HandlerFunc(f))}
}

// hello answers 200 with hello.
func hello(x message.Exchange) { _ = x.Respond(message.StatusOK, nil, []byte("hello")) }
