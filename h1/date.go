package h1

import "github.com/specht-http/specht/message"

// Date is a field line of Date (RFC 9110, Section 6.6.1), written once for
// all responses of its second. The zero Date is none.
type Date struct {
	unix int64
	line [len("Date: ") + message.DateOctets + len("\r\n")]byte
}

// Set makes it the time of unix, in seconds since 1970 UTC.
func (d *Date) Set(unix int64) {
	if unix != d.unix || d.line[0] == 0 {
		d.unix = unix
		_ = append(message.AppendDate(append(d.line[:0], "Date: "...), unix), "\r\n"...) // in place
	}
}

// append appends the field line, or nothing.
func (d *Date) append(dst []byte) []byte {
	if d == nil || d.line[0] == 0 {
		return dst
	}
	return append(dst, d.line[:]...)
}
