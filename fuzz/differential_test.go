package fuzz

import (
	"net/http"
	"testing"

	"github.com/specht-http/specht/h1"
)

// FuzzDifferential reads the first request with net/http too.
func FuzzDifferential(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		if _, unexplained := differ(octets); unexplained != "" {
			t.Error(unexplained)
		}
	})
}

// request is the first request of some octets, as we read it.
type request struct {
	method, target, fault string
	major, minor          uint64
	offset                int64 // of the fault
	fields, trailers      http.Header
	framing               h1.RequestBodyLength
	length                uint64
	persistence           h1.Persistence
	content               []byte
	done                  bool
	taken                 int // octets of the message
}

func first(octets []byte) request {
	r, _ := firstOf(octets)
	return r
}

// firstOf is the first request and how many octets it took.
func firstOf(octets []byte) (r request, taken int) {
	var m h1.RequestMessage
	limits := h1.DefaultRequestMessageLimits()
	r.fields, r.trailers = http.Header{}, http.Header{}
	for b := octets; ; {
		n, event := m.Next(b, 1<<20, &limits)
		r.taken += n
		switch event {
		case h1.RequestMessageHead:
			r.method, r.target = string(m.Head.Method.Of(b)), string(m.Head.Target.Of(b))
			r.major, r.minor = uint64(m.Head.Major), uint64(m.Head.Minor)
			r.framing, r.length, r.persistence = m.RequestBodyLength, uint64(m.ContentLength.Length), m.Persistence
			for _, l := range m.Head.Fields {
				r.fields.Add(string(l.Name.Of(b)), string(l.Value.Of(b)))
			}
		case h1.RequestMessageContent:
			r.content = append(r.content, m.Content.Of(b)...)
		case h1.RequestMessageTrailers:
			for _, l := range m.Trailers.Fields {
				r.trailers.Add(string(l.Name.Of(b)), string(l.Value.Of(b)))
			}
		case h1.RequestMessageEnd:
			r.done = true
			return r, r.taken
		case h1.RequestMessageFailed:
			fault := m.Fault(&limits)
			r.fault, r.offset = fault.Name, fault.Offset
			return r, r.taken
		case h1.RequestMessageMore:
			if n == 0 || n == len(b) {
				return r, r.taken
			}
		}
		b = b[n:]
	}
}
