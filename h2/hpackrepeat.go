package h2

import "github.com/specht-http/specht/message"

// repeat is the last response's field block, as far as it can be used again: all
// of its fields were indices into tables that haven't changed since. Servers
// answer alike; then nothing has to be checked, hashed and encoded anew.
//
// Its strings are the table's own, so that nobody can change them.
type repeat struct {
	status     message.Status
	date       string // the engine's; empty for none
	fields     [repeatMax]ownedField
	count      int
	octets     []byte
	generation uint32 // of the table
	isUsable   bool
}

type ownedField struct{ name, value string }

// repeatMax is how many fields a block has at most that is kept.
const repeatMax = 12

// isRepeated says whether a response has the fields of the one before.
func (e *fieldEncoder) isRepeated(status message.Status, fields []message.Field, date string) bool {
	r := &e.repeat
	if !r.isUsable || e.isPending || r.generation != e.generation || r.status != status || r.count != len(fields) || r.date != date {
		return false
	}
	for i := range fields {
		f, own := &fields[i], &r.fields[i]
		if f.IsSensitive || f.Value != own.value || e.lower(f.Name) != own.name {
			return false
		}
	}
	return true
}

// keep makes b, the block of a response, the one to repeat, if it can be.
// generation is that of the table before it was encoded.
func (e *fieldEncoder) keep(b []byte, status message.Status, fields []message.Field, date string, generation uint32) {
	r := &e.repeat
	r.isUsable = false
	if generation != e.generation || len(fields) > repeatMax || !isIndices(b) {
		return
	}
	for i := range fields {
		r.fields[i].name, r.fields[i].value = e.owned.own(e.checked[i].name, fields[i].Value)
	}
	r.status, r.count, r.date = status, len(fields), date
	r.octets, r.generation, r.isUsable = append(r.octets[:0], b...), generation, true
}

// isIndices says whether a block is nothing but indices of one octet each
// (RFC 7541, Section 6.1).
func isIndices(b []byte) bool {
	for _, c := range b {
		if c <= 0x80 || c == 0xff {
			return false
		}
	}
	return true
}
