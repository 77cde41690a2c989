package h1

import (
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// ownHost is a steadyHost that keeps what one engine gives it.
type ownHost struct {
	*testHost
	kept []any
}

func (h *ownHost) Keep(_, v any) { h.kept = append(h.kept, v) }

func (h *ownHost) Take(any) (v any, idleNs int64) {
	k := len(h.kept) - 1
	if k < 0 {
		return nil, second
	}
	v, h.kept = h.kept[k], h.kept[:k]
	return v, second
}

// restless are ways to use as much of a workspace as there is.
func restless(x message.Exchange) {
	x.OnOver(func(message.Exchange, error) {})
	x.OnFlushed(func(message.Exchange, error) {})
	_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
		if err == message.ErrEnd {
			_ = x.Start(message.StatusOK, []message.Field{{Name: "Set-Cookie", Value: "secret"}}, -1)
			_, _ = x.Write([]byte("secret"))
			_ = x.WriteLent([]byte("secret"), func(error) {})
			_ = x.End(message.Field{Name: "x-secret", Value: "secret"})
		}
		return len(p)
	})
}

const restlessRequest = "POST /secret HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\nCookie: secret\r\n" +
	"TE: trailers\r\n\r\n6;x=y\r\nsecret\r\n0\r\nx-secret: secret\r\n\r\n"

// An engine is small while its connection is idle: what it needs otherwise is
// its workspace, which it has given away.
func TestIdleServerIsSmall(t *testing.T) {
	if n := unsafe.Sizeof(Server{}); n > 192 {
		t.Errorf("%d octets, want 192 at most, which is a size class", n)
	}
	h := &ownHost{testHost: steadyHost()}
	s := NewService(inline(respond)).NewServer(nil)
	s.Attach(h)
	if s.work != nil {
		t.Error("a connection that has had no octet has a workspace")
	}
	turn(s, []byte(get))
	if s.work == nil || len(h.kept) != 0 {
		t.Error("a connection gives its workspace away that may have another request soon")
	}
	expireAt(s, h, second)
	if s.work != nil || s.requests.Message != nil || len(h.kept) != 1 {
		t.Error("an idle connection keeps its workspace")
	}
	turn(s, []byte(get))
	s.ReportError(errAborted)
	if s.work != nil || len(h.kept) != 1 {
		t.Error("a connection that is over keeps its workspace")
	}
}

// A connection that comes, has a request, rests, has another and goes makes
// nothing but its engine, once others have done so.
func TestConnectionsMakeNoGarbage(t *testing.T) {
	if invariants {
		t.Skip("with the tag invariants workspaces are looked through")
	}
	h := &ownHost{testHost: steadyHost()}
	service := NewService(inline(respond))
	for _, octets := range []string{get, browser, strings.Repeat(get, 8)} {
		b := []byte(octets)
		if n := testing.AllocsPerRun(100, func() {
			s := service.NewServer(nil)
			s.Attach(h)
			for range 2 {
				turn(s, b)
				expireAt(s, h, second)
			}
			s.ReadEOF(nil)
			if s.work != nil {
				t.Fatal("not over")
			}
		}); n > 1 {
			t.Errorf("%v allocations, want 1 at most", n)
		}
	}
}

// Nothing of what a connection knew is in the workspace that it gives away.
func TestWorkspaceIsEmptied(t *testing.T) {
	if invariants {
		t.Skip("with the tag invariants it is overwritten")
	}
	h := &ownHost{testHost: steadyHost()}
	s := NewService(inline(restless)).NewServer("peer")
	s.Attach(h)
	turn(s, []byte(strings.Repeat(restlessRequest, 3)))
	if expireAt(s, h, second); len(h.kept) != 1 {
		t.Fatalf("%d workspaces are kept, want 1", len(h.kept))
	}
	w := h.kept[0].(*workspace)
	if w.free == nil || cap(w.checker.passed) == 0 || cap(w.free.fields) == 0 {
		t.Error("nothing is left to use again")
	}
	free, clock := *w.free, w.clock
	w.free, w.freeCount, w.clock = nil, 0, Date{}
	wantNothing(t, "workspace", reflect.ValueOf(w).Elem())
	wantNothing(t, "exchange", reflect.ValueOf(&free).Elem())
	if clock.line[0] == 0 {
		t.Error("the date isn't left")
	}
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
	h := &ownHost{testHost: steadyHost()}
	s := NewService(inline(respond)).NewServer(nil)
	s.Attach(h)
	turn(s, []byte("GET / HTTP/1.1\r\nHost: a\r\n"+strings.Repeat("a: b\r\n", 100)+"\r\n"))
	turn(s, []byte(strings.Repeat(get, 50)))
	if expireAt(s, h, second); len(h.kept) != 1 {
		t.Fatalf("%d workspaces are kept, want 1", len(h.kept))
	}
	w := h.kept[0].(*workspace)
	if n := cap(w.message.Head.Fields) + cap(w.free.fields); n > 2*keptMax {
		t.Errorf("%d field lines are kept", n)
	}
	if w.free.next != nil || w.freeCount != 1 {
		t.Error("more than one exchange is kept")
	}
}

// A handle that outlives the exchange, the rest and the next request tells what
// it would have told, and has nothing to do with the others.
func TestHandleAfterRest(t *testing.T) {
	h := &ownHost{testHost: steadyHost()}
	var late message.Exchange
	s := NewService(inline(func(x message.Exchange) {
		if late == nil {
			late = x.Detach()
			_ = x.Respond(message.StatusOK, nil, content)
			return
		}
		respond(x)
	})).NewServer(nil)
	s.Attach(h)
	turn(s, []byte(get))
	expireAt(s, h, second)
	if s.work != nil {
		t.Fatal("a handle keeps the connection from resting")
	}
	look := func(when string) {
		t.Helper()
		if err := late.Flush(); err != nil {
			t.Errorf("%s: Flush: %v", when, err)
		}
		if err := late.Respond(message.StatusOK, nil, content); err != message.ErrOver {
			t.Errorf("%s: Respond: %v", when, err)
		}
		if err := late.Err(); err != message.ErrOver {
			t.Errorf("%s: Err: %v", when, err)
		}
	}
	look("at rest")
	isTold := false
	late.OnOver(func(message.Exchange, error) { isTold = true })
	if s.Deadline() > h.mono+1 {
		t.Error("a call that is due waits")
	}
	if expireAt(s, h, 1); !isTold {
		t.Error("OnOver, at rest, isn't called")
	}
	turn(s, []byte(get))
	look("awake")
	s.ReadEOF(nil)
	if err := late.Flush(); err != nil {
		t.Errorf("over: %v", err)
	}
}

// expireAt lets ns pass, and the deadline with them.
func expireAt(s *Server, h *ownHost, ns int64) {
	h.mono += ns
	if due := s.Deadline(); due != 0 && due <= h.mono {
		s.Expire()
	}
}

var _ engine.Host = (*ownHost)(nil)

// A connection rests behind a request that nothing is read beside, too.
func TestRestBehindUnsafe(t *testing.T) {
	g := new(goroutines)
	c := newTestConn(t, Options{Executor: g, Handler: message.HandlerFunc(hello)})
	c.feed("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n").until(func() bool { return c.s.first == nil && c.s.queued() == 0 })
	g.wg.Wait()
	if c.look().after(2 * second); c.s.work != nil {
		t.Error("an idle connection keeps its workspace")
	}
}
