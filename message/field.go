package message

import "iter"

// Field is a field that an application sends: a name and a value (RFC 9110,
// Section 5). Neither has white space around it, and neither has CR, LF or NUL
// in it: whoever sends checks that, by the machine that reads field lines.
type Field struct {
	Name, Value string
	// IsSensitive keeps the value out of compression, as those of Cookie and
	// Authorization are without it: what is secret, and repeated beside what somebody
	// else can choose, could be guessed from lengths (RFC 7541, Section 7.1). Who
	// passes a field on sets it if it was received so: see [Fields.IsSensitive].
	IsSensitive bool
}

// Fields is a field section that was received. It is a view: its octets belong
// to an exchange and are valid until that ends. The zero value is empty.
//
//	arena  Host: example.org\r\nAccept: */*\r\n\r\n
//	lines  [ 0:4 6:17 ]         [ …     … ]
//
// Lines are in the order in which they came, names in the case in which they
// came, and a name may come more than once.
type Fields struct {
	arena []byte
	lines []FieldLine
}

// NewFields is a view of lines, whose spans index arena. It keeps both.
func NewFields(arena []byte, lines []FieldLine) Fields { return Fields{arena, lines} }

// Len is the number of field lines.
func (f Fields) Len() int { return len(f.lines) }

// Name is the name of line i, in the case in which it was received.
func (f Fields) Name(i int) []byte { return f.lines[i].Name.Of(f.arena) }

// Value is the value of line i, without white space around it.
func (f Fields) Value(i int) []byte { return f.lines[i].Value.Of(f.arena) }

// ID is the known name of line i, or FieldNameOther.
func (f Fields) ID(i int) FieldName { return f.lines[i].NameID }

// IsSensitive says whether line i came as a literal that is never indexed
// (RFC 7541, Section 6.2.3): whoever passes it on has to send it as one, by
// Field.IsSensitive. Over HTTP/1.1 none does.
func (f Fields) IsSensitive(i int) bool { return f.lines[i].IsSensitive }

// Field is a copy of line i, to be passed on.
func (f Fields) Field(i int) Field {
	return Field{Name: string(f.Name(i)), Value: string(f.Value(i)), IsSensitive: f.IsSensitive(i)}
}

// IsTargetSensitive says whether anything of what a request is directed at, its
// target and authority, came as a literal that is never indexed: who passes the
// request on says so by RequestHead.IsSensitive.
func (f Fields) IsTargetSensitive() bool {
	for i := range f.lines {
		if f.lines[i].NameID == FieldNameHost {
			return f.lines[i].IsSensitive
		}
	}
	return false
}

// Get is the value of the first line with this name, compared without case. A
// field that is a list may have come in several lines: see [Fields.Values].
func (f Fields) Get(name string) (value []byte, ok bool) {
	i := f.find(name, 0)
	if i < 0 {
		return nil, false
	}
	return f.Value(i), true
}

// GetID is Get for a known name. It is faster: names aren't compared.
func (f Fields) GetID(id FieldName) (value []byte, ok bool) {
	for i := range f.lines {
		if f.lines[i].NameID == id {
			return f.Value(i), true
		}
	}
	return nil, false
}

// Values are the values of all lines with this name, in order.
func (f Fields) Values(name string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for i := f.find(name, 0); i >= 0; i = f.find(name, i+1) {
			if !yield(f.Value(i)) {
				return
			}
		}
	}
}

// All are the lines in order: names and values.
func (f Fields) All() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for i := range f.lines {
			if !yield(f.Name(i), f.Value(i)) {
				return
			}
		}
	}
}

// find is the first line from i on with this name, or -1.
func (f Fields) find(name string, i int) int {
	for ; i < len(f.lines); i++ {
		if isSameName(f.Name(i), name) {
			return i
		}
	}
	return -1
}

// isSameName compares field names: without case, as tokens of ASCII are
// (RFC 9110, Section 5.1).
func isSameName(a []byte, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
