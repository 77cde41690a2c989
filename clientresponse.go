package specht

import (
	"errors"
	"io"
	"net/netip"
	"sync"

	"github.com/specht-http/specht/message"
)

// Response is the head of a final response, and its content, as far as it has
// arrived. It has to be closed: one that isn't keeps its connection, until the
// context of its request is done or the Client is closed. The head stays valid.
//
// One goroutine reads at a time; Close may be called by any.
type Response struct {
	Status  message.Status
	Reason  string
	Version message.Version
	Fields  message.Fields
	// ContentLength is the length of the content in octets; -1 if it isn't
	// known. In an answer to HEAD it is what the field says.
	ContentLength int64
	URL           string         // what it answers, the last one after redirects
	Peer          netip.AddrPort // the zero AddrPort where it has none
	Conn          Conn           // what is known of the connection

	x        *exchange
	method   string
	trailers message.Fields
	err      error // of Read, once there is one

	mu       sync.Mutex
	isClosed bool
}

var _ io.ReadCloser = (*Response)(nil)

// newResponse is that of e, whose head is there.
func newResponse(e *exchange, q *query) *Response {
	return &Response{
		Status: e.Status(), Reason: string(e.Reason()), Version: e.Version(), Fields: clone(e.Fields()), ContentLength: e.ContentLength(),
		URL: q.url.String(), Peer: e.conn.known.Peer(), Conn: e.conn.known, x: e, method: q.head.Method,
	}
}

// clone is a copy of f, which is valid for as long as somebody has it.
func clone(f message.Fields) message.Fields {
	octets := 0
	for name, value := range f.All() {
		octets += len(name) + len(value)
	}
	arena, lines := make([]byte, 0, octets), make([]message.FieldLine, 0, f.Len())
	put := func(b []byte) message.Span {
		start := uint32(len(arena))
		arena = append(arena, b...)
		return message.Span{Start: start, End: uint32(len(arena))}
	}
	for i := range f.Len() {
		lines = append(lines, message.FieldLine{Name: put(f.Name(i)), NameID: f.ID(i), IsSensitive: f.IsSensitive(i), Value: put(f.Value(i))})
	}
	return message.NewFields(arena, lines)
}

// ErrResponseClosed is what Read answers after Close.
var ErrResponseClosed = errors.New("specht: the response is closed")

// Read implements io.Reader. At the end of the content it is io.EOF; a
// *ClientError says why it ends early.
func (r *Response) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if r.isTunnel() {
		return 0, io.EOF // what follows isn't content
	}
	n, err := r.x.Read(p)
	if err == nil {
		return n, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.isClosed:
		r.err = ErrResponseClosed
	case err == message.ErrEnd:
		r.trailers = clone(r.x.Trailers())
		r.err = io.EOF
		if r.x.Err() != nil { // the request has ended, too
			r.x.end()
		}
	default:
		stage, err := r.x.reason(StageReceiving, err)
		r.err = &ClientError{r.method, r.URL, r.Peer, stage, err}
	}
	return n, r.err
}

// isTunnel says whether the connection can leave HTTP.
func (r *Response) isTunnel() bool { return isTunnel(r.method, r.Status) }

// Trailers is the trailer section: empty until Read has returned io.EOF.
func (r *Response) Trailers() message.Fields { return r.trailers }

// Sent is how many octets of the request's content have been sent so far. What
// waits for 100 (Continue) hasn't been. err is why the rest won't be, if that is
// the content's fault. When that is closed, both are settled. Any goroutine may
// call it.
func (r *Response) Sent() (octets int64, err error) {
	if r.x.upload != nil {
		octets = r.x.upload.sent.Load()
	}
	if f := r.x.failure.Load(); f != nil && f.stage == StageSending {
		err = f.err
	}
	return octets, err
}

// Close says that nobody wants more. What is left of the content is thrown away
// if that is little (DiscardOctets), and the connection is kept; otherwise, and if
// the request is still being sent, it is closed. Over HTTP/2 the stream is reset
// instead. It doesn't wait, has no error, and is idempotent.
func (r *Response) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.isClosed = true
	r.x.end()
	return nil
}

// Upgrade takes the connection out of HTTP: behind 101 (Switching Protocols), or
// 2xx to CONNECT. Over HTTP/2 that is one stream of it. The stream is the caller's, who closes it; neither the context
// nor the Client has to do with it any more.
func (r *Response) Upgrade() (*Stream, error) {
	taken := make(chan *Stream, 1)
	err := r.x.Upgrade(func(s message.Stream, rest []byte) { taken <- &Stream{s, rest} })
	switch {
	case err == nil && r.Version == message.HTTP2: // the connection goes on
		err = r.x.Err()
	case err == nil:
		if err = r.x.Wait(); err == message.ErrOver {
			err = nil
		}
	}
	if err != nil {
		stage, err := r.x.reason(StageReceiving, err)
		return nil, &ClientError{r.method, r.URL, r.Peer, stage, err}
	}
	s := <-taken
	_ = r.Close()
	return s, nil
}

// Stream is a connection that has left HTTP: octets both ways.
type Stream struct {
	flow message.Stream
	rest []byte // that was read already
}

var _ io.ReadWriteCloser = (*Stream)(nil)

// Read implements io.Reader.
func (s *Stream) Read(p []byte) (int, error) {
	if len(s.rest) > 0 {
		n := copy(p, s.rest)
		s.rest = s.rest[n:]
		return n, nil
	}
	return s.flow.Read(p)
}

// Write implements io.Writer.
func (s *Stream) Write(p []byte) (int, error) { return s.flow.Write(p) }

// Close ends both directions.
func (s *Stream) Close() error { return s.flow.Close() }

// CloseWrite ends one direction: the peer reads what is under way, then the end.
// Where a flow can't do that, it is errors.ErrUnsupported.
func (s *Stream) CloseWrite() error {
	if f, ok := s.flow.(interface{ CloseWrite() error }); ok {
		return f.CloseWrite()
	}
	return errors.ErrUnsupported
}

// Flow is the flow itself, for what else it can do, and what was read of it
// already, which is in front of what it reads.
func (s *Stream) Flow() (f message.Stream, rest []byte) { return s.flow, s.rest }
