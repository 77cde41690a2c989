package h2

import (
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// A connection that is idle gives its workspace away, and serves on with another.
func TestRest(t *testing.T) {
	p := serve(t, inline(hello))
	if server, conn := unsafe.Sizeof(Server{}), unsafe.Sizeof(Conn{}); server > 320 || conn > 704 {
		t.Errorf("at rest an engine takes %d octets, and its connection %d; want 320 and 704 at most, which are size classes", server, conn)
	}
	for range 3 {
		for range 20 {
			p.get("/a")
		}
		p.frames()
		if p.s.workspace == nil || p.s.free == nil || p.s.conn.buckets == nil {
			t.Error("nothing is kept for the next request")
		}
		p.pass(second)
		if p.s.workspace != nil || p.s.conn.connWorkspace != nil || p.s.conn.buckets != nil || len(p.h.kept) != 1 {
			t.Error("an idle connection keeps its workspace")
		}
		p.pass(second)
		p.wantOpen("it is idle for two seconds")
		p.pass(second)
	}
}

// What both sides remember is there after a rest: tables of HPACK in both
// directions, windows, and how streams were closed.
func TestRestForgetsNothing(t *testing.T) {
	fields := []message.Field{{Name: "Server", Value: "s"}}
	p := serve(t, inline(func(x message.Exchange) { _ = x.Respond(message.StatusOK, fields, []byte("hello")) }),
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: 100})
	octets := 0
	for i := range uint32(3) {
		block := p.block(asking("GET", "/a", "x-mine", "1")...)
		if octets != 0 && len(block) > 10 {
			t.Errorf("the request takes %d octets, though the table has its fields", len(block))
		}
		p.say(func(fr *http2.Framer) {
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1 + 2*i, BlockFragment: block, EndStream: true, EndHeaders: true})
		})
		if n := p.out.Len(); octets != 0 && n >= octets {
			t.Errorf("the response takes %d octets, and the one before %d", n, octets)
		} else if i == 0 {
			octets = n
		}
		p.frames()
		if p.pass(second); p.s.workspace != nil {
			t.Fatal("it doesn't rest")
		}
	}
	if w := p.s.conn.windows.sending; w != 65535-15 {
		t.Errorf("the window of the connection is %d octets", w)
	}
	if s := p.s.conn.StateOf(3); s != StreamStateClosedByEnd {
		t.Errorf("stream 3 is %v", s)
	}
}

// Nothing of what a connection knew is in the workspace that it gives away.
func TestWorkspaceIsEmptied(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) {
		x.OnOver(func(message.Exchange, error) {})
		x.OnFlushed(func(message.Exchange, error) {})
		_ = x.OnContent(func(x message.Exchange, b []byte, err error) int {
			if err == message.ErrEnd {
				_ = x.Start(message.StatusOK, []message.Field{{Name: "Server", Value: "secret"}, {Name: "Set-Cookie", Value: "secret"}}, -1)
				_, _ = x.Write([]byte("secret"))
				_ = x.WriteLent([]byte("secret"), func(error) {})
				_ = x.End(message.Field{Name: "x-secret", Value: "secret"})
			}
			return len(b)
		})
	}))
	for range 3 {
		id := p.ask(false, asking("POST", "/secret", "cookie", "secret", "cookie", "secret2", "te", "trailers", "priority", "u=1")...)
		p.say(func(fr *http2.Framer) {
			_ = fr.WriteData(id, false, []byte("secret"))
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: p.block("x-secret", "secret"), EndStream: true, EndHeaders: true})
			_ = fr.WritePing(false, [8]byte{7})
			_ = fr.WriteRawFrame(0x10, 0, 0, []byte("\x00\x00\x00\x05u=5")) // PRIORITY_UPDATE
		})
	}
	p.frames()
	if p.pass(second); len(p.h.kept) != 1 {
		t.Fatalf("%d workspaces are kept, want 1", len(p.h.kept))
	}
	w := p.h.kept[0].(*workspace)
	if w.free == nil || w.ofConn.space.free == nil || len(w.ofConn.space.buckets) == 0 || cap(w.ofConn.section.Arena) == 0 ||
		cap(w.free.fields) == 0 || cap(w.ofConn.encoded) == 0 || cap(w.ofConn.pending) == 0 || w.settling == nil || w.clock.text == "" {
		t.Error("something isn't left to use again")
	}
	was := *w
	wantNothing(t, "exchange", reflect.ValueOf(w.free).Elem())
	wantNothing(t, "stream", reflect.ValueOf(w.ofConn.space.free).Elem())
	for _, s := range w.ofConn.space.buckets {
		if s != nil {
			t.Error("a stream is in its bucket")
		}
	}
	w.free, w.freeCount, w.settling, w.clock, w.ofConn.space = nil, 0, nil, clock{}, streamSpace{}
	wantNothing(t, "workspace", reflect.ValueOf(w).Elem())
	*w = was
}

// wantNothing finds what isn't zero, behind the ends of slices too.
func wantNothing(t *testing.T, name string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			wantNothing(t, name+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		if v.Len() != 0 {
			t.Errorf("%s has %d elements", name, v.Len())
		}
		all := v.Slice(0, v.Cap())
		for i := range all.Len() {
			wantNothing(t, name+"[]", all.Index(i))
		}
	default:
		if !v.IsZero() {
			t.Errorf("%s is %v", name, v)
		}
	}
}

// Memory that a peer has made large is not kept.
func TestWorkspaceStaysSmall(t *testing.T) {
	p := serve(t, Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		_ = x.OnContent(func(x message.Exchange, b []byte, err error) int {
			if err == message.ErrEnd {
				hello(x)
			}
			return len(b)
		})
	})), StreamsMax: 200})
	many := asking("POST", "/"+strings.Repeat("a", 20000))
	for range 100 {
		many = append(many, "a", "b")
	}
	for range 150 {
		p.ask(false, many...)
	}
	for id := range uint32(150) {
		p.say(func(fr *http2.Framer) { _ = fr.WriteData(1+2*id, true, nil) })
	}
	p.frames()
	if p.pass(second); len(p.h.kept) != 1 {
		t.Fatalf("%d workspaces are kept, want 1", len(p.h.kept))
	}
	w := p.h.kept[0].(*workspace)
	c := &w.ofConn
	if n := cap(c.section.Lines) + cap(w.free.fields) + cap(c.space.buckets); n > 3*keptMax {
		t.Errorf("%d elements are kept", n)
	}
	if n := cap(c.section.Arena) + cap(c.encoded) + cap(c.pending); n > 3*arenaOctetsKept {
		t.Errorf("%d octets are kept", n)
	}
	if w.free.next != nil || c.space.free.next != nil {
		t.Error("more than one exchange or stream is kept")
	}
}

// A handle that outlives its exchange and the rest tells what it would have told.
func TestHandleAfterRest(t *testing.T) {
	var late message.Exchange
	p := serve(t, inline(func(x message.Exchange) {
		if late == nil {
			late = x.Detach()
		}
		hello(x)
	}))
	p.kept = 1
	look := func(when string) {
		t.Helper()
		if err := late.Flush(); err != nil {
			t.Errorf("%s: Flush: %v", when, err)
		}
		if err := late.Respond(message.StatusOK, nil, nil); err != message.ErrOver {
			t.Errorf("%s: Respond: %v", when, err)
		}
		if err := late.Err(); err != message.ErrOver {
			t.Errorf("%s: Err: %v", when, err)
		}
	}
	p.get("/a")
	look("awake")
	if p.pass(second); p.s.workspace != nil {
		t.Fatal("a handle keeps the connection from resting")
	}
	look("at rest")
	isTold := false
	late.OnOver(func(message.Exchange, error) { isTold = true })
	if p.pass(second); !isTold || p.s.workspace != nil {
		t.Errorf("OnOver's callback was called: %v; it rests again: %v", isTold, p.s.workspace == nil)
	}
	p.get("/b")
	look("with another")
}

// A handler that outlives its connection gives the workspace back that it has needed.
func TestHandleAfterConnection(t *testing.T) {
	var late message.Exchange
	p := serve(t, inline(func(x message.Exchange) { late = x.Detach() }))
	p.kept = 1
	p.get("/")
	p.h.Lock()
	p.s.ReportError(engineError{})
	p.h.Unlock()
	for range 2 {
		if err := late.Respond(message.StatusOK, nil, nil); err == nil {
			t.Error("the response is sent")
		}
		if len(p.h.kept) != 1 || p.s.workspace != nil {
			t.Errorf("%d workspaces are kept", len(p.h.kept))
		}
	}
}
