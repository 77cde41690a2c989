package h2

import "github.com/specht-http/specht/message"

// clock is the value of Date (RFC 9110, Section 6.6.1), made once a second, and
// never changed: it is indexed in the peer's table.
type clock struct {
	unix int64
	text string
}

// date is the value of Date now.
func (s *Server) date() string {
	_, unix := s.host.Now()
	if c := &s.clock; unix != c.unix || c.text == "" {
		c.unix = unix
		c.text = string(message.AppendDate(nil, unix))
	}
	return s.clock.text
}
