package h1

import "github.com/specht-http/specht/message"

// Date is a value of the field Date (RFC 9110, Section 6.6.1), written once for
// all responses of its second. The zero Date is none.
type Date struct {
	unix int64
	text [message.DateOctets]byte
}

// Set makes it the time of unix, in seconds since 1970 UTC.
func (d *Date) Set(unix int64) {
	if unix != d.unix || d.text[0] == 0 {
		d.unix = unix
		message.AppendDate(d.text[:0], unix)
	}
}

// append appends the field line, or nothing.
func (d *Date) append(dst []byte) []byte {
	if d == nil || d.text[0] == 0 {
		return dst
	}
	dst = append(append(dst, "Date: "...), d.text[:]...)
	return append(dst, "\r\n"...)
}
