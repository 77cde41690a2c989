package h2

import (
	"strconv"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// Error is what a peer did wrong: to a stream, which is reset, or to the
// connection, which is closed. Or it is what our own side did wrong.
type Error struct {
	Scope    frames.Scope
	Code     frames.ErrorCode
	StreamID uint32 // of the frame; 0 for the connection
	Frame    frames.Type
	Offset   int64          // of the frame, from the connection's first octet
	Rule     string         // what was wrong, and the section that says so
	Fault    *message.Fault // of a field section; nil if it isn't one's fault
}

// Error is what was wrong, where, and what becomes of it.
func (e *Error) Error() string {
	s := "h2: "
	switch e.Scope {
	case frames.ScopeConnection:
		s += "connection error " + e.Code.String()
	case frames.ScopeStream:
		s += "stream error " + e.Code.String()
	default:
		s += "misuse"
	}
	s += " at the " + e.Frame.String() + " frame at octet " + strconv.FormatInt(e.Offset, 10)
	if e.StreamID != 0 {
		s += " on stream " + strconv.FormatUint(uint64(e.StreamID), 10)
	}
	if e.Rule != "" {
		s += ": " + e.Rule
	}
	if e.Fault != nil {
		s += ": " + e.Fault.Error()
	}
	return s
}

// Unwrap is the fault of the field section.
func (e *Error) Unwrap() error {
	if e.Fault == nil {
		return nil
	}
	return e.Fault
}

// Status is what a gateway or server would answer with.
func (e *Error) Status() message.Status {
	if e.Fault != nil && e.Fault.Status != 0 {
		return message.Status(e.Fault.Status)
	}
	return message.StatusBadRequest
}

// newError is an error of the frame that is being read.
func (c *Conn) newError(scope frames.Scope, code frames.ErrorCode, rule string) *Error {
	return &Error{Scope: scope, Code: code, StreamID: c.header.StreamID, Frame: c.header.Type, Offset: c.frameAt, Rule: rule}
}

// fail is a connection error: nothing more is read, and the GOAWAY that says so
// is pending.
func (c *Conn) fail(code frames.ErrorCode, rule string) Event {
	return c.failBy(c.newError(frames.ScopeConnection, code, rule))
}

func (c *Conn) failBy(e *Error) Event {
	c.Fault = e
	c.part = partNone
	c.goAway(e.Code, e.Rule)
	return EventFailed
}

// ResetError is why an exchange ended: its stream was reset, by the peer or by
// this side, with this code.
type ResetError struct {
	Code   frames.ErrorCode
	IsPeer bool // the peer has reset it
}

// Error implements error.
func (e *ResetError) Error() string {
	if e.IsPeer {
		return "h2: the peer has reset the stream: " + e.Code.String()
	}
	return "h2: the stream has been reset: " + e.Code.String()
}

// Is makes a ResetError an ErrOver, as a broken connection is one.
func (e *ResetError) Is(target error) bool {
	return target == message.ErrOver || !e.IsPeer && target == message.ErrReset
}

// Fail fails the connection for what this side has found, such as a time that
// has passed: the GOAWAY that says so is pending.
func (c *Conn) Fail(code frames.ErrorCode, rule string) *Error {
	c.fail(code, rule)
	return c.Fault
}
