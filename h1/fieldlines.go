package h1

import (
	"math"
	"strconv"

	"github.com/specht-http/specht/message"
)

// fieldsOctets is what fields take in a head, with the CRLF that ends them.
func fieldsOctets(fields []message.Field) int {
	n := len("\r\n")
	for i := range fields {
		n += len(fields[i].Name) + len(fields[i].Value) + len(": \r\n")
	}
	return n
}

// sentLimits don't limit what an application sends.
var sentLimits = TrailersLimits{
	TrailerSectionOctets: math.MaxUint32, TrailerLineOctets: math.MaxUint32, TrailerFieldLines: math.MaxUint32,
}

// fieldChecker is the machine that reads field lines, for those of an
// application. It keeps the octets that passed last, with the spans in them: the
// same octets, cut into fields in the same way, pass again without being read.
type fieldChecker struct {
	Trailers
	passed []byte // nothing if the spans are of something else
}

// passedOctetsMax is how much is kept.
const passedOctetsMax = 1 << 10

// appendFieldLines appends the lines of fields, after they have passed checker:
// each must come out as it went in. The spans in checker index what was
// appended.
func appendFieldLines(dst []byte, checker *fieldChecker, fields []message.Field) ([]byte, error) {
	if len(fields) == 0 {
		return dst, nil
	}
	if checker.havePassed(fields) {
		return append(dst, checker.passed...), nil
	}
	b := dst
	for i := range fields {
		b = append(b, fields[i].Name...)
		b = append(b, ": "...)
		b = append(b, fields[i].Value...)
		b = append(b, "\r\n"...)
	}
	section := append(b, "\r\n"...)[len(dst):]
	checker.begin()
	n, p := checker.Consume(section, &sentLimits)
	if p != message.Done || n != len(section) || !isAsSent(checker.Fields, fields) {
		return dst, checkEach(checker, fields)
	}
	if len(section) <= passedOctetsMax {
		checker.passed = append(checker.passed, b[len(dst):]...)
	}
	return b, nil
}

// begin makes the machine ready for other octets.
func (c *fieldChecker) begin() {
	c.Reset()
	c.passed = c.passed[:0]
}

// havePassed says whether fields are what passed last.
func (c *fieldChecker) havePassed(fields []message.Field) bool {
	if len(c.passed) == 0 || len(fields) != len(c.Fields) {
		return false
	}
	for i := range fields {
		f, line := &fields[i], &c.Fields[i]
		if string(line.Name.Of(c.passed)) != f.Name || string(line.Value.Of(c.passed)) != f.Value {
			return false
		}
	}
	return true
}

// isAsSent says whether the machine found each field where it was put.
func isAsSent(lines []message.FieldLine, fields []message.Field) bool {
	if len(lines) != len(fields) {
		return false
	}
	at := 0
	for i := range lines {
		f, line := &fields[i], &lines[i]
		value := at + len(f.Name) + len(": ")
		end := value + len(f.Value)
		if int(line.Name.Start) != at || int(line.Name.End) != at+len(f.Name) ||
			int(line.Value.Start) != value || int(line.Value.End) != end {
			return false
		}
		at = end + len("\r\n")
	}
	return true
}

// checkEach finds the field that can't be sent, and says why.
func checkEach(checker *fieldChecker, fields []message.Field) error {
	for i, f := range fields {
		section := []byte(f.Name + ": " + f.Value + "\r\n\r\n")
		checker.begin()
		n, p := checker.Consume(section, &sentLimits)
		if p == message.Done && n == len(section) && isAsSent(checker.Fields, fields[i:i+1]) {
			continue
		}
		return &message.FieldError{Index: i, Name: f.Name, Why: why(checker, f, p)}
	}
	panic("h1: bug: fields can be sent one by one and not together")
}

// why says what is wrong with a field that the machine didn't read as it was
// written, and what to do.
func why(checker *fieldChecker, f message.Field, p message.Progress) string {
	if p != message.Failed {
		if f.Name == "" {
			return "a name has at least one octet"
		}
		return "the octets don't read as this field alone: take CR and LF out, and white space at the ends of the value"
	}
	fault := checker.Fault(&sentLimits)
	if at := int(fault.Offset) - len(f.Name) - len(": "); at >= 0 {
		return "octet " + strconv.Itoa(at) + " of the value: " + fault.Name + ": encode it, or leave it out"
	}
	return "octet " + strconv.FormatInt(fault.Offset, 10) + " of the name: " + fault.Name + ": a name is a token (RFC 9110, Section 5.6.2)"
}
