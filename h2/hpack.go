package h2

import (
	"errors"
	"strings"

	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// HPACK (RFC 7541) is golang.org/x/net's, and this is the one file that knows it.
// Two rules keep its tables whole:
//
//   - What is decoded is copied (FieldSection.add). Strings that come from a
//     table belong to the table.
//   - What is indexed is owned: a constant, or a copy that nobody changes. A
//     string that somebody may write over would change in the table, and the
//     peer's table would not.
//
// Plan: fieldDecoder, then fieldEncoder, then what it indexes.

// fieldSink takes what is decoded, whose strings it has to copy. It is false when
// it needs no more of the block.
type fieldSink interface {
	add(name, value string, isSensitive bool) bool
}

// fieldDecoder decodes the field blocks of a connection, each into the sink that
// it was made with.
type fieldDecoder struct {
	hpack   *hpack.Decoder
	sink    fieldSink
	onField func(name, value string, isSensitive bool) // nil for nobody

	isUnder     bool   // a block has begun
	isLeading   bool   // at its start, where the table's size may be updated
	isInUpdate  bool   // in the middle of such an update
	mustUpdate  bool   // the next block has to begin with one
	tableOctets uint32 // what the peer's encoder uses of the table
	shift       uint8  // of the next octet of the update
}

// errNoUpdate is RFC 9113, Section 4.3.1.
var errNoUpdate = errors.New("h2: the field block doesn't begin with an update of the table's size, though SETTINGS_HEADER_TABLE_SIZE was reduced")

// init makes the decoder ready. tableOctets is what the peer's encoder may use
// before it knows our settings: 4096 (RFC 9113, Section 6.5.2).
func (d *fieldDecoder) init(sink fieldSink, tableOctets uint32) {
	d.hpack, d.sink, d.tableOctets = hpack.NewDecoder(tableOctets, d.emit), sink, tableOctets
}

// limit says that the peer has acknowledged a SETTINGS_HEADER_TABLE_SIZE of ours
// (RFC 7541, Section 4.2). It is called between field blocks. Only a peer that uses
// more has to say that it will use less.
func (d *fieldDecoder) limit(tableOctets uint32) {
	d.hpack.SetAllowedMaxDynamicTableSize(tableOctets)
	d.mustUpdate = d.mustUpdate || tableOctets < d.tableOctets
}

// decode decodes a fragment of a field block. An error is one of the connection,
// COMPRESSION_ERROR: nothing can be decoded any more.
func (d *fieldDecoder) decode(fragment []byte) error {
	if !d.isUnder && len(fragment) > 0 {
		d.isUnder, d.isLeading = true, true
		if d.mustUpdate && fragment[0]>>5 != 1 {
			return errNoUpdate
		}
		d.mustUpdate = false
	}
	for d.isLeading && len(fragment) > 0 && (d.isInUpdate || fragment[0]>>5 == 1) {
		if err := d.update(fragment[:1]); err != nil {
			return err
		}
		fragment = fragment[1:]
	}
	d.isLeading = d.isLeading && len(fragment) == 0
	_, err := d.hpack.Write(fragment)
	return err
}

// update gives the decoder one octet of an update of the table's size. There may
// be two of them in a row (RFC 7541, Section 4.2), and the decoder believes that
// a block begins with the second one only if it is told so.
func (d *fieldDecoder) update(octet []byte) error {
	if _, err := d.hpack.Write(octet); err != nil {
		return err
	}
	if d.isInUpdate {
		d.tableOctets += uint32(octet[0]&0x7f) << d.shift
		d.shift += 7
		d.isInUpdate = octet[0] >= 0x80
	} else {
		d.tableOctets, d.shift = uint32(octet[0]&0x1f), 0
		d.isInUpdate = octet[0]&0x1f == 0x1f
	}
	if d.isInUpdate {
		return nil
	}
	return d.hpack.Close()
}

// close ends a field block. An error is one of the connection, as decode's are.
func (d *fieldDecoder) close() error {
	d.isUnder, d.isLeading, d.isInUpdate = false, false, false
	d.hpack.SetEmitEnabled(true)
	return d.hpack.Close()
}

// emit is a field that was decoded. Past a limit of the section the rest of the
// block is still decoded, for the table has to go on, but strings that nobody
// needs aren't.
func (d *fieldDecoder) emit(f hpack.HeaderField) {
	if d.onField != nil {
		d.onField(f.Name, f.Value, f.Sensitive)
	}
	if !d.sink.add(f.Name, f.Value, f.Sensitive) && d.onField == nil {
		d.hpack.SetEmitEnabled(false)
	}
}

// fieldEncoder encodes field blocks of a connection. Everything that it is given
// is sent, in order, or the tables of both sides differ from then on.
type fieldEncoder struct {
	hpack          *hpack.Encoder
	out            appender
	isPending      bool // an update of the table's size goes out with the next field
	tableOctetsMax uint32
	generation     uint32 // counts the changes of the table
	*encoding
}

// encoding is what an encoder can do without between two blocks. It is made anew
// from its zero value.
type encoding struct {
	owned   ring
	lowered ring
	repeat  repeat

	checked      []sentField   // what check has passed
	checker      *FieldSection // for requests, once there is one
	promise      *FieldSection // for those that are promised, likewise
	scratch      []byte
	nameMachine  SectionNameValue
	valueMachine SectionValueValue
}

// emptied is an encoding of nothing with the memory of this one.
func (e *encoding) emptied(most int) encoding {
	return encoding{
		owned: e.owned.emptied(), lowered: e.lowered.emptied(),
		repeat:  repeat{octets: transit.Emptied(e.repeat.octets, arenaOctetsKept)},
		checked: transit.Emptied(e.checked, most), scratch: transit.Emptied(e.scratch, arenaOctetsKept),
	}
}

// appender is an io.Writer that appends.
type appender struct{ b []byte }

// Write implements io.Writer.
func (a *appender) Write(p []byte) (int, error) {
	a.b = append(a.b, p...)
	return len(p), nil
}

// init makes the encoder ready, with a table of at most this many octets, and of
// 4096 until the peer has said that it may be larger (RFC 9113, Section 6.5.2).
func (e *fieldEncoder) init(tableOctetsMax uint32) {
	e.hpack, e.tableOctetsMax, e.encoding = hpack.NewEncoder(&e.out), tableOctetsMax, new(encoding)
	e.hpack.SetMaxDynamicTableSizeLimit(tableOctetsMax)
	e.isPending = tableOctetsMax < 4096
}

// limit says that the peer has sent this SETTINGS_HEADER_TABLE_SIZE. No more is
// used than init permits.
func (e *fieldEncoder) limit(tableOctets uint32) {
	if tableOctets = min(tableOctets, e.tableOctetsMax); tableOctets != e.hpack.MaxDynamicTableSize() {
		e.hpack.SetMaxDynamicTableSize(tableOctets)
		e.isPending = true
	}
}

// indexing says how a field is represented (RFC 7541, Section 6.2).
type indexing uint8

const (
	notIndexed   indexing = iota // as a literal
	indexed                      // in the table from now on
	ownedIndexed                 // as well, and name and value are constants
	neverIndexed                 // as a literal, by all who pass it on
)

// indexingOf is how a field is represented whose name is known.
func indexingOf(id message.FieldName) indexing {
	switch {
	case id.IsSensitive():
		return neverIndexed
	case id.IsSteady():
		return indexed
	}
	return notIndexed
}

// append appends a field. A name or value that is to be indexed is copied, if it
// isn't known yet; all else is only read.
func (e *fieldEncoder) append(dst []byte, name, value string, how indexing) []byte {
	switch {
	case how != indexed:
	case len(name)+len(value) > ownedOctetsMax:
		how = notIndexed
	default:
		name, value = e.owned.own(name, value)
	}
	isLiteral := how == notIndexed || how == neverIndexed
	start := len(dst)
	e.out.b = dst
	_ = e.hpack.WriteField(hpack.HeaderField{Name: name, Value: value, Sensitive: isLiteral}) // an appender has no errors
	dst, e.out.b = e.out.b, nil
	// hpack has literals that are indexed, and such that never are: these differ
	// from the plain ones in one bit (RFC 7541, Sections 6.2.2 and 6.2.3).
	if how == notIndexed && !e.isPending {
		dst[start] &^= 0x10
	}
	if e.isPending || dst[start]&0x80 == 0 && !isLiteral { // it has a new entry
		e.generation++
	}
	e.isPending = false
	return dst
}

// lower is a field name in lower case.
func (e *fieldEncoder) lower(name string) string {
	for i := range len(name) {
		if 'A' <= name[i] && name[i] <= 'Z' {
			return e.lowered.lower(name)
		}
	}
	return name
}

// ring has the strings that were used last, so that what comes again isn't copied
// again. It has no memory before it is used.
type ring struct {
	entries []ringEntry
	next    int
}

type ringEntry struct{ key, value string }

// A ring has this many entries. What is longer is not indexed: it would drive
// everything else out of the table.
const (
	ringMax        = 16
	ownedOctetsMax = 1024
)

// emptied is a ring of nothing with the memory of this one.
func (r *ring) emptied() ring { return ring{entries: transit.Emptied(r.entries, ringMax)} }

// own is a name and a value that are equal to these and belong to us.
func (r *ring) own(name, value string) (string, string) {
	for i := range r.entries {
		if e := &r.entries[i]; e.value == value && e.key == name {
			return e.key, e.value
		}
	}
	return r.add(strings.Clone(name), strings.Clone(value))
}

// lower is name in lower case.
func (r *ring) lower(name string) string {
	for i := range r.entries {
		if r.entries[i].key == name {
			return r.entries[i].value
		}
	}
	low := []byte(name)
	for i, c := range low {
		if 'A' <= c && c <= 'Z' {
			low[i] |= 0x20
		}
	}
	_, value := r.add(strings.Clone(name), string(low))
	return value
}

// add puts an entry where the oldest one is.
func (r *ring) add(key, value string) (string, string) {
	if len(r.entries) < ringMax {
		r.entries = append(r.entries, ringEntry{key, value})
		return key, value
	}
	r.entries[r.next] = ringEntry{key, value}
	r.next = (r.next + 1) % ringMax
	return key, value
}
