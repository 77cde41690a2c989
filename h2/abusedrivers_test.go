package h2

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/loop"
)

// TestAbuseUnderDrivers has each attack go on over a socket, under both drivers,
// in clear and encrypted: each is cut by its code, somebody else on another
// connection is served meanwhile, and nothing is left of it.
func TestAbuseUnderDrivers(t *testing.T) {
	for _, s := range setups() {
		if !strings.HasSuffix(strings.TrimSuffix(s.Name, " tls"), "/tcp") || s.Loops > 0 || s.IsPump {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			o := inline(abused)
			o.OnPanic = func(v any) { t.Errorf("panic: %v", v) }
			service := NewService(o)
			server := s.Serve(t, func(any) engine.Engine { return service.NewServer(nil) }, loop.Options{})
			honest := begunOver(server.Dial())
			before := heapOctets()
			for _, a := range attacks {
				t.Run(a.name, func(t *testing.T) {
					c := server.Dial()
					told := make(chan error, 1)
					go func() { told <- untilGoAway(c, a.code) }()
					a.goOn(t, c)
					honest.write1(true, asking("GET", "/")...)
					_, _ = honest.in.WriteTo(honest.flow)
					wanted(t, honest.fr, "DATA")
					if err := <-told; err != nil {
						t.Error(err)
					}
					c.Close()
				})
			}
			if grown := heapOctets() - before; grown > 8<<20 {
				t.Errorf("the heap has grown by %d octets", grown)
			}
		})
	}
}

func heapOctets() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// flowPeer is a peer that speaks over a flow: what it writes waits in in.
type flowPeer struct {
	serverPeer
	flow io.ReadWriter
}

// begunOver is one that has begun.
func begunOver(c io.ReadWriter) *flowPeer {
	p := &flowPeer{flow: c}
	p.enc = hpack.NewEncoder(&p.head)
	p.in.WriteString(Preface)
	p.fr = http2.NewFramer(&p.in, c)
	p.fr.AllowIllegalWrites = true
	p.fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_ = p.fr.WriteSettings()
	return p
}

// goOn sends the attack over c, as many times as it takes and more, or until the
// flow breaks.
func (a *attack) goOn(t *testing.T, c io.ReadWriter) {
	p := begunOver(c)
	p.t = t
	if a.begin != nil {
		a.begin(&p.serverPeer)
	}
	for range 2*a.most + 10 {
		a.step(&p.serverPeer, p.fr)
		if _, err := p.in.WriteTo(c); err != nil {
			return
		}
	}
}

// untilGoAway reads until the server says that the connection ends, and says what
// is wrong with that.
func untilGoAway(c io.Reader, code string) error {
	fr := http2.NewFramer(io.Discard, c)
	for {
		f, err := fr.ReadFrame()
		if err != nil {
			return errors.New("the attacker isn't told: " + err.Error())
		}
		if g, ok := f.(*http2.GoAwayFrame); ok && g.ErrCode != http2.ErrCodeNo { // which answers one
			if g.ErrCode.String() != code {
				return errors.New("the attacker is told " + g.ErrCode.String() + ", want " + code)
			}
			return nil
		}
	}
}
