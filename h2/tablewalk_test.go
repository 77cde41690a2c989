package h2

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// A walk sends frames in any order, right or wrong, to a Conn, and acts on its
// streams in between. What becomes of each is looked up in the tables, by
// a model that keeps every stream for ever and knows nothing of windows, blocks
// and buffers; and Conn must do that and no more.

// modelStream is a stream as the tables see it.
type modelStream struct {
	state          StreamState
	received, sent HTTP2Message
}

// walk is one connection and its model.
type walk struct {
	t       *testing.T
	c       *Conn
	pick    func(n int) int // a number below n
	model   map[uint32]*modelStream
	handles map[uint32]*Stream
	role    string
	last    uint32 // the highest stream that the peer has used
	lastOwn uint32 // and we
	served  uint32 // the last stream of our GOAWAY
	isGone  bool
	log     []string
}

// outcome is what a frame comes to: at most one of these.
type outcome struct {
	failed frames.ErrorCode // the connection; CodeNoError for not
	reset  frames.ErrorCode // the stream
}

func newWalk(t *testing.T, role string, pick func(n int) int) *walk {
	const many = 1 << 30
	w := &walk{t: t, pick: pick, role: role, model: map[uint32]*modelStream{}, handles: map[uint32]*Stream{}}
	o := &ConnOptions{
		StreamsMax: 100, ContentWindowOctets: 65535, ConnectionWindowOctets: 65535, HeaderTableOctets: 4096, EncoderTableOctets: 4096,
		FieldSectionOctets: 4096, FieldLines: 32, FieldBlockOctets: 4096, ContinuationsMax: 4, TakesPush: role == "client",
		Credits: Credits{Resets: many, WindowUpdates: many, Priorities: many, Settings: many, Pings: many, Empties: many, Unknowns: many},
	}
	var preface []byte
	if role == "server" {
		w.c = NewServerConn(o)
		preface = []byte(Preface)
	} else {
		w.c = NewClientConn(o)
	}
	w.c.AppendPending(nil) // our preface
	if got := w.feed(frames.AppendSettingsFrame(preface), 0); got != (outcome{}) {
		t.Fatalf("the preface comes to %+v", got)
	}
	return w
}

// stream is the model of a stream.
func (w *walk) stream(id uint32) *modelStream {
	if w.model[id] == nil {
		w.model[id] = &modelStream{}
	}
	return w.model[id]
}

// feed gives Conn octets, and says what it made of them for stream id.
func (w *walk) feed(b []byte, id uint32) (got outcome) {
	for {
		n, e := w.c.Receive(b)
		b = b[n:]
		if w.c.Stream != nil && !w.c.Stream.IsClosed() {
			w.handles[w.c.Stream.ID] = w.c.Stream
		}
		if e == EventPromise {
			w.handles[w.c.Promised.ID] = w.c.Promised
		}
		if e == EventFailed {
			got.failed = w.c.Fault.Code
		}
		if e == EventContent {
			w.c.Consume(w.c.Stream, len(w.c.Content))
		}
		if e == EventMore || e == EventFailed {
			break
		}
	}
	for out := w.c.AppendPending(nil); len(out) > 0; {
		f, n, err := frames.Read(out)
		if err != nil {
			w.t.Fatalf("Conn sends what can't be read: %v", err)
		}
		if f.Type == frames.TypeRSTStream {
			if f.StreamID != id || got.reset != frames.CodeNoError {
				w.fatalf("RST_STREAM of stream %d goes out behind a frame on %d", f.StreamID, id)
			}
			got.reset = frames.ErrorCode(uint32(out[9])<<24 | uint32(out[10])<<16 | uint32(out[11])<<8 | uint32(out[12]))
		}
		out = out[n:]
	}
	return got
}

func (w *walk) fatalf(format string, args ...any) {
	w.t.Helper()
	for _, line := range w.log {
		w.t.Log(line)
	}
	w.t.Fatalf(format, args...)
}

// on tells the model's stream an event: what it comes to, and whether the frame
// goes on to the next table.
func (w *walk) on(s *modelStream, e StreamStateEvent) (o outcome, goesOn bool) {
	a := s.state.On(e)
	switch a.Scope {
	case frames.ScopeConnection:
		return outcome{failed: a.Code}, false
	case frames.ScopeStream:
		return w.broken(s, a.Code), false
	case frames.ScopeMisuse:
		w.fatalf("%v in state %v is a misuse", e, s.state)
	}
	s.state = a.Next
	return outcome{}, !a.Ignore
}

// broken is a stream error, which resets the stream.
func (w *walk) broken(s *modelStream, code frames.ErrorCode) outcome {
	a := s.state.On(StreamStateOnSentReset)
	if a.Scope != frames.ScopeNone {
		w.fatalf("a stream error in state %v, where nothing can be reset", s.state)
	}
	s.state = a.Next
	return outcome{reset: code}
}

// message tells the model's message an event of what is received.
func (w *walk) message(s *modelStream, e HTTP2MessageEvent) (o outcome, goesOn bool) {
	a := s.received.On(e)
	if a.Scope != frames.ScopeNone {
		return w.broken(s, a.Code), false
	}
	s.received = a.Next
	return outcome{}, true
}

var (
	// GET / of http://a, and the trailer x: y, without use of the dynamic table.
	requestBlock = []byte{0x82, 0x86, 0x84, 0x01, 0x01, 'a'}
	trailerBlock = []byte{0x00, 0x01, 'x', 0x01, 'y'}
	// 200, and 103.
	responseBlock = []byte{0x88}
	interimBlock  = []byte{0x08, 0x03, '1', '0', '3'}
)

// headers is HEADERS on a stream.
func (w *walk) headers(id uint32, isEnd, isInterim bool) ([]byte, outcome) {
	s := w.stream(id)
	head, block := HTTP2MessageOnFinalHead, responseBlock
	switch {
	case s.received != HTTP2MessageHead:
		block = trailerBlock
	case w.role == "server":
		block = requestBlock
	case isInterim:
		head, block = HTTP2MessageOnInterimHead, interimBlock
	}
	h := frames.Header{Length: uint32(len(block)), Type: frames.TypeHeaders, Flags: frames.FlagEndHeaders, StreamID: id}
	if isEnd {
		h.Flags |= frames.FlagEndStream
	}
	b := append(frames.AppendHeader(nil, h), block...)

	event := StreamStateOnReceivedHeaders
	if w.role == "client" || id%2 == 0 {
		event = StreamStateOnReceivedUnexpectedHeaders
	} else if s.state == StreamStateIdle {
		w.use(id)
		if w.isGone && id > w.served {
			s.state = s.state.On(StreamStateOnRefused).Next
			return b, outcome{}
		}
	}
	o, goesOn := w.on(s, event)
	if !goesOn {
		return b, o
	}
	switch {
	case s.received == HTTP2MessageHead:
		o, goesOn = w.message(s, head)
	case isEnd:
		if o, goesOn = w.message(s, HTTP2MessageOnTrailers); goesOn {
			o, _ = w.on(s, StreamStateOnReceivedEnd)
		}
		return b, o
	default:
		o, goesOn = w.message(s, HTTP2MessageOnSectionWithoutEnd)
	}
	if goesOn && isEnd {
		o = w.end(s)
	}
	return b, o
}

// use is that the peer uses an idle stream, and so none below any more.
func (w *walk) use(id uint32) {
	for lower := 2 - id%2; lower < id; lower += 2 {
		w.stream(lower).state = w.stream(lower).state.On(StreamStateOnSkipped).Next
	}
	w.last = id
}

// promise is PUSH_PROMISE on a stream, of another.
func (w *walk) promise(id, promised uint32) ([]byte, outcome) {
	s, p := w.stream(id), w.stream(promised)
	h := frames.Header{Length: uint32(4 + len(requestBlock)), Type: frames.TypePushPromise, Flags: frames.FlagEndHeaders, StreamID: id}
	b := frames.AppendPushPromise(frames.AppendHeader(nil, h), h.Flags, frames.PushPromise{PromisedStreamID: promised})
	b = append(b, requestBlock...)
	o, goesOn := w.on(s, StreamStateOnReceivedPushPromise)
	if o.failed != frames.CodeNoError {
		return b, o
	}
	if p.state == StreamStateIdle {
		w.use(promised)
	}
	if o, _ = w.on(p, StreamStateOnReceivedPromised); o.failed == frames.CodeNoError && !goesOn {
		o = w.broken(p, frames.CodeRefusedStream)
	}
	return b, o
}

// end is END_STREAM on a head or on DATA.
func (w *walk) end(s *modelStream) outcome {
	o, goesOn := w.message(s, HTTP2MessageOnEnd)
	if goesOn {
		o, _ = w.on(s, StreamStateOnReceivedEnd)
	}
	return o
}

// data is DATA on a stream, with or without content.
func (w *walk) data(id uint32, n int, isEnd bool) ([]byte, outcome) {
	s := w.stream(id)
	h := frames.Header{Length: uint32(n), Type: frames.TypeData, StreamID: id}
	if isEnd {
		h.Flags = frames.FlagEndStream
	}
	b := append(frames.AppendHeader(nil, h), make([]byte, n)...)
	o, goesOn := w.on(s, StreamStateOnReceivedData)
	if goesOn && (n > 0 || !isEnd) {
		event := HTTP2MessageOnContent
		if n == 0 {
			event = HTTP2MessageOnEmptyContent
		}
		o, goesOn = w.message(s, event)
	}
	if goesOn && isEnd {
		o = w.end(s)
	}
	return b, o
}

// receive is one frame of the peer.
func (w *walk) receive() bool {
	id := uint32(1 + w.pick(14))
	if w.pick(8) > 0 {
		id |= 1
	}
	isEnd := w.pick(3) == 0
	var b []byte
	var want outcome
	what := ""
	kind := w.pick(13)
	promised := 2 * uint32(1+w.pick(7))
	if w.pick(20) > 0 { // seldom what fails the connection
		switch w.stream(id).state {
		case StreamStateIdle:
			id |= 1
			kind = 0
			if w.role == "client" {
				kind = 11
			}
		case StreamStateReservedRemote:
			kind = kind * 7 / 12
			if kind > 3 {
				kind = 7
			}
		case StreamStateReservedLocal:
			kind = max(kind, 7)
		case StreamStateClosedByEnd, StreamStateClosedUnused:
			kind = min(max(kind, 7), 11)
		}
		for kind == 12 && promised <= w.last {
			promised += 2
		}
	}
	about := id // whom a reset is about
	switch kind {
	case 0, 1, 2, 3:
		isInterim := w.pick(4) == 0
		what = fmt.Sprintf("HEADERS end %v", isEnd)
		b, want = w.headers(id, isEnd, isInterim)
	case 12:
		if w.role == "server" {
			what, b, want = "PUSH_PROMISE", frames.AppendHeader(nil, frames.Header{Length: 4, Type: frames.TypePushPromise, StreamID: id}), outcome{failed: frames.CodeProtocolError}
			b = append(b, 0, 0, 0, 2)
			break
		}
		what, about = fmt.Sprintf("PUSH_PROMISE of %d", promised), promised
		b, want = w.promise(id, promised)
	case 4, 5, 6:
		n := w.pick(3)
		what = fmt.Sprintf("DATA of %d end %v", n, isEnd)
		b, want = w.data(id, n, isEnd)
	case 7:
		what, b = "RST_STREAM", frames.AppendRSTStreamFrame(nil, id, frames.CodeCancel)
		want, _ = w.on(w.stream(id), StreamStateOnReceivedReset)
	case 8, 9:
		what, b = "WINDOW_UPDATE", frames.AppendWindowUpdateFrame(nil, id, 1)
		want, _ = w.on(w.stream(id), StreamStateOnReceivedWindowUpdate)
	default:
		what = "PRIORITY"
		b = frames.AppendPriority(frames.AppendHeader(nil, frames.Header{Length: frames.PriorityOctets, Type: frames.TypePriority, StreamID: id}), frames.Priority{Weight: 15})
		want, _ = w.on(w.stream(id), StreamStateOnReceivedPriority)
	}
	w.log = append(w.log, fmt.Sprintf("received %s on %d: %+v, %v", what, id, want, w.stream(id).state))
	if got := w.feed(b, about); got != want {
		w.fatalf("%s on stream %d comes to %+v, and to %+v by the tables", what, id, got, want)
	}
	w.compare()
	return want.failed == frames.CodeNoError
}

// act does something to a stream that is under way, if the tables let it.
func (w *walk) act() {
	if w.role == "client" && w.lastOwn < 13 && w.pick(2) == 0 {
		w.begin()
		return
	}
	if w.role == "server" && w.lastOwn < 14 && !w.isGone && w.pick(3) == 0 && w.push() {
		return
	}
	first := uint32(w.pick(14))
	for i := range uint32(14) {
		id := (first+i)%14 + 1
		h, s := w.handles[id], w.model[id]
		if h == nil || h.IsClosed() {
			continue
		}
		isEnd := w.pick(2) == 0
		what := ""
		switch {
		case w.pick(6) == 0:
			what = "RST_STREAM"
			w.c.Reset(h, frames.CodeCancel)
			s.state = s.state.On(StreamStateOnSentReset).Next
		case s.sent == HTTP2MessageHead && w.role == "client":
			continue // a promised stream
		case s.sent == HTTP2MessageHead:
			what = fmt.Sprintf("HEADERS end %v", isEnd)
			if _, err := w.c.AppendResponse(nil, h, &ReplyHead{Status: 200, ContentLength: -1}, isEnd); err != nil {
				w.fatalf("a response on stream %d: %v", id, err)
			}
			s.sent = s.sent.On(HTTP2MessageOnFinalHead).Next
			s.state = s.state.On(StreamStateOnSentHeaders).Next
		case s.sent == HTTP2MessageDone:
			continue
		default:
			what = fmt.Sprintf("DATA end %v", isEnd)
			w.c.AppendData(nil, h, min(1, w.c.Room(h)), isEnd)
			s.state = s.state.On(StreamStateOnSentData).Next
		}
		if isEnd && what != "RST_STREAM" {
			s.sent = s.sent.On(HTTP2MessageOnEnd).Next
			s.state = s.state.On(StreamStateOnSentEnd).Next
		}
		w.log = append(w.log, fmt.Sprintf("sent %s on %d: %v", what, id, s.state))
		break
	}
	w.c.AppendPending(nil)
	w.compare()
}

// push promises a response on a stream that can carry the promise, if there is one.
func (w *walk) push() bool {
	for id := uint32(1); id < 14; id += 2 {
		h, s := w.handles[id], w.model[id]
		if h == nil || h.IsClosed() {
			continue
		}
		_, p, section, err := w.c.AppendPromise(nil, h, &message.RequestHead{Target: "/", Authority: "a"}, "http")
		if s.state.On(StreamStateOnSentPushPromise).Scope == frames.ScopeMisuse && err != nil {
			continue
		}
		if err != nil || section.MethodID != message.MethodGet {
			w.fatalf("a promise on stream %d, %v: %v", id, s.state, err)
		}
		s.state = s.state.On(StreamStateOnSentPushPromise).Next
		w.handles[p.ID], w.lastOwn = p, p.ID
		promised := w.stream(p.ID)
		promised.state = promised.state.On(StreamStateOnSentPromised).Next
		promised.received = promised.received.On(HTTP2MessageOnFinalHead).Next.On(HTTP2MessageOnEnd).Next
		w.log = append(w.log, fmt.Sprintf("promised %d on %d: %v", p.ID, id, promised.state))
		w.compare()
		return true
	}
	return false
}

// begin is a request.
func (w *walk) begin() {
	isEnd := w.pick(2) == 0
	_, h, err := w.c.AppendRequest(nil, &message.RequestHead{Method: "GET", Target: "/", Authority: "a"}, "http", isEnd)
	if err != nil {
		w.fatalf("a request: %v", err)
	}
	w.handles[h.ID] = h
	w.lastOwn = h.ID
	s := w.stream(h.ID)
	s.state = s.state.On(StreamStateOnSentHeaders).Next
	s.sent = s.sent.On(HTTP2MessageOnFinalHead).Next
	if isEnd {
		s.state = s.state.On(StreamStateOnSentEnd).Next
		s.sent = s.sent.On(HTTP2MessageOnEnd).Next
	}
	w.log = append(w.log, fmt.Sprintf("begun %d: %v", h.ID, s.state))
	w.compare()
}

// compare holds that Conn sees each stream as the model does.
func (w *walk) compare() {
	for id, s := range w.model {
		state := w.c.stateOf(id)
		if h := w.c.find(id); h != nil {
			state = h.State
			if h.Received != s.received || h.Sent != s.sent {
				w.fatalf("stream %d has received %v and sent %v, and by the tables %v and %v", id, h.Received, h.Sent, s.received, s.sent)
			}
		}
		if state != s.state {
			w.fatalf("stream %d is %v, and by the tables %v", id, state, s.state)
		}
	}
}

// step is something that we do, perhaps, and a frame of the peer. It is false when
// the connection has failed.
func (w *walk) step() bool {
	if w.pick(3) == 0 {
		w.act()
	}
	if w.role == "server" && !w.isGone && w.pick(60) == 0 {
		w.c.GoAway(frames.CodeNoError)
		w.isGone, w.served = true, w.last
		w.log = append(w.log, fmt.Sprintf("sent GOAWAY of %d", w.last))
	}
	return w.receive()
}

func TestTableWalk(t *testing.T) {
	seen := map[StreamState]int{}
	received := 0
	for seed := range uint64(10000) {
		role := []string{"server", "client"}[seed%2]
		w := newWalk(t, role, rand.New(rand.NewPCG(seed, 9113)).IntN)
		w.log = append(w.log, fmt.Sprintf("seed %d", seed))
		for range 60 {
			received++
			if !w.step() {
				break
			}
			for _, s := range w.model {
				seen[s.state]++
			}
		}
	}
	for s := range streamStateCells {
		switch StreamState(s) {
		case StreamStateForgotten:
			continue // the walks are short
		}
		if seen[StreamState(s)] == 0 {
			t.Errorf("no walk came to %v", StreamState(s))
		}
	}
	if received < 100000 {
		t.Errorf("the walks are of %d frames together", received)
	}
}

// FuzzTableWalk has the fuzzer choose the walk.
func FuzzTableWalk(f *testing.F) {
	f.Add([]byte("a stream is opened, and closed"))
	f.Fuzz(func(t *testing.T, choices []byte) {
		w := newWalk(t, []string{"server", "client"}[len(choices)%2], func(n int) int {
			if len(choices) == 0 {
				return 0
			}
			c := choices[0]
			choices = choices[1:]
			return int(c) % n
		})
		for len(choices) > 0 && w.step() {
		}
	})
}
