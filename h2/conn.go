package h2

import (
	"github.com/specht-http/specht/frames"
)

// Preface is what a client sends before its first frame (RFC 9113, Section 3.4).
const Preface = "PRI * HTTP/2.0\r\n\r\n" + "SM\r\n\r\n"

// Event is what Conn.Receive has found.
type Event uint8

// The events. What each says besides stands in the fields of Conn, until the
// next call of Receive.
const (
	EventMore     Event = iota // more octets are needed
	EventHead                  // Stream, Section: the head of a request, or of a response, interim or final; IsEnd
	EventContent               // Stream, Content, which may be empty; IsEnd
	EventTrailers              // Stream, Section; the stream has ended
	EventReset                 // Stream, Code: the peer has reset it
	EventBroken                // Stream, Fault: it has been reset, for what the peer did
	EventRefused               // Stream, Fault: its head is well-formed, and can't be taken: answer with the fault's status, or reset it
	EventWindow                // Stream, or nil for the connection: more content can be sent
	EventSettings              // the peer's settings have come: see Conn.Peer
	EventAgreed                // the peer has acknowledged our settings
	EventPong                  // Opaque: a ping has been answered
	EventGoAway                // LastStreamID, Code, Content as debug data: the peer takes no more streams
	EventPriority              // Stream, Priority: it has changed
	EventPromise               // Stream, Promised, Section: the peer will answer a request that wasn't made
	EventFailed                // Fault: the connection has failed; a GOAWAY is among what is to be sent
)

// Conn is one connection of HTTP/2, of either role, without handlers, buffers of
// content, loop or clock, for whoever brings these.
//
//	c := NewServerConn(&options)
//	out = c.AppendPending(out)              // our preface
//	for {
//		n, event := c.Receive(b)            // b: all octets that are not consumed
//		switch event {
//		case EventMore:                     // if n is 0, read more behind b
//		case EventHead:                     // c.Stream, c.Section
//		case EventContent:                  // c.Content; then c.Consume(c.Stream, octets), when they are used
//		case EventFailed:                   // send what is pending, then close
//		}
//		b = b[n:]
//		out = c.AppendPending(out)          // acknowledgements, credit, resets
//	}
//
// What the protocol itself sends (acknowledgements, credit, resets, GOAWAY) is
// pending until AppendPending; heads, content and trailers are the caller's to
// append, in the order in which they are sent. Limits of the protocol are held;
// those of time are the caller's.
type Conn struct {
	// What the last event says: see Event.
	Stream       *Stream
	Section      *FieldSection
	Content      []byte
	Opaque       [8]byte
	Code         frames.ErrorCode
	LastStreamID uint32
	Promised     *Stream
	Priority     Priority
	Fault        *Error
	IsEnd        bool

	options  *ConnOptions
	isServer bool

	// Settings: ours as announced and as in effect, which is when the peer has
	// acknowledged them, and the peer's.
	ours, inEffect, peer frames.Settings
	settings             SettingsState

	reader
	fieldBlock
	streams
	windows
	credits
	goaway

	decoder  fieldDecoder
	encoder  fieldEncoder
	upgraded *FieldSection // what the first stream is opened by, if not HEADERS: see upgrade.go
	*connWorkspace
}

// ConnOptions are what a Conn can be told: see Options and ClientOptions, whose
// fields of the same names they are. Here they have no defaults.
type ConnOptions struct {
	StreamsMax             int
	ContentWindowOctets    int
	ConnectionWindowOctets int
	HeaderTableOctets      int
	EncoderTableOctets     int
	FieldSectionOctets     int
	FieldLines             int
	FieldBlockOctets       int
	ContinuationsMax       int
	Credits                Credits
	TakesPush              bool
	TakesConnectProtocol   bool
	// OnField is called with each field that is decoded, in order, those of
	// sections that are refused too: for who explains a connection. Nil for
	// nobody.
	OnField func(name, value string, isSensitive bool)
}

// NewServerConn is a connection of a server. It keeps o, which isn't changed.
// Our preface is pending.
func NewServerConn(o *ConnOptions) *Conn { return newConn(o, true, new(connWorkspace)) }

// NewClientConn is a connection of a client. It keeps o, which isn't changed.
// Our preface is pending.
func NewClientConn(o *ConnOptions) *Conn { return newConn(o, false, new(connWorkspace)) }

func newConn(o *ConnOptions, isServer bool, w *connWorkspace) *Conn {
	c := &Conn{options: o, isServer: isServer, inEffect: frames.DefaultSettings(), peer: frames.DefaultSettings()}
	c.credits.fill(&o.Credits)
	c.windows.begin()
	c.decoder.init(nil, frames.DefaultSettings().HeaderTableSize)
	c.decoder.onField = o.OnField
	c.encoder.init(uint32(o.EncoderTableOctets))
	c.wake(w)
	c.part = partHeader
	c.input = ConnectionInputFirstSettings
	if isServer {
		c.part = partPreface
		c.input = ConnectionInputPreface
	}
	c.announce()
	return c
}

// sectionLimits are those of each section that is received.
func (o *ConnOptions) sectionLimits() sectionLimits {
	limits := sectionLimits{octets: o.FieldSectionOctets, lines: o.FieldLines}
	if o.TakesConnectProtocol {
		limits.connectProtocol = ConnectProtocolTaken
	}
	return limits
}

// announce makes our preface pending: the settings that differ from the
// initial ones, and the window of the connection.
func (c *Conn) announce() {
	o := c.options
	c.ours = frames.DefaultSettings()
	var list [8]frames.Setting
	settings := list[:0]
	set := func(id frames.SettingID, value uint32) {
		x := frames.Setting{Identifier: id, Value: value}
		c.ours.Set(x)
		settings = append(settings, x)
	}
	if o.HeaderTableOctets != int(c.ours.HeaderTableSize) {
		set(frames.SettingHeaderTableSize, uint32(o.HeaderTableOctets))
	}
	if c.isServer {
		set(frames.SettingMaxConcurrentStreams, uint32(o.StreamsMax))
		if o.TakesConnectProtocol {
			set(frames.SettingEnableConnectProtocol, 1)
		}
	} else {
		isPush := uint32(0)
		if o.TakesPush {
			isPush = 1
			set(frames.SettingMaxConcurrentStreams, uint32(o.StreamsMax))
		}
		set(frames.SettingEnablePush, isPush)
	}
	set(frames.SettingInitialWindowSize, uint32(o.ContentWindowOctets))
	set(frames.SettingMaxHeaderListSize, uint32(o.FieldSectionOctets))
	set(frames.SettingNoRFC7540Priorities, 1)
	if !c.isServer {
		c.pending = append(c.pending, Preface...)
	}
	c.pending = frames.AppendSettingsFrame(c.pending, settings...)
	c.settings = c.settings.On(SettingsStateOnSentSettings).Next
	if more := o.ConnectionWindowOctets - int(initialWindow); more > 0 {
		c.windows.received += int64(more)
		c.pending = frames.AppendWindowUpdateFrame(c.pending, 0, uint32(more))
	}
}

// IsServer says which role this end has.
func (c *Conn) IsServer() bool { return c.isServer }

// Input is what the connection takes next.
func (c *Conn) Input() ConnectionInput { return c.input }

// StateOf is the state of a stream, of one that is idle or closed too.
func (c *Conn) StateOf(id uint32) StreamState {
	if s := c.find(id); s != nil {
		return s.State
	}
	return c.stateOf(id)
}

// Peer is the peer's settings.
func (c *Conn) Peer() *frames.Settings { return &c.peer }

// IsAgreed says whether the peer has acknowledged our settings.
func (c *Conn) IsAgreed() bool { return c.settings == SettingsStateAgreed }

// Pending is how many octets AppendPending would append.
func (c *Conn) Pending() int { return len(c.pending) }

// AppendPending appends what the protocol itself has to send.
func (c *Conn) AppendPending(dst []byte) []byte {
	dst = append(dst, c.pending...)
	c.pending = c.pending[:0]
	return dst
}

// IsPartial says whether a frame, or the preface, has begun and isn't whole.
func (c *Conn) IsPartial() bool {
	return c.part == partPreface && c.matched > 0 || c.part != partHeader && c.part != partPreface && c.part != partNone || c.IsInBlock()
}

// IsInBlock says whether a field block has begun and isn't whole.
func (c *Conn) IsInBlock() bool { return c.input == ConnectionInputFieldBlock }
