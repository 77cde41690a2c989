package message

import "bytes"

// HasElement says whether the lines of a field that is a list (RFC 9110,
// Section 5.6.1) have an element, without regard to case. It doesn't look at
// quotes: lists of tokens have none.
func (f Fields) HasElement(id FieldName, element string) bool {
	for i := range f.lines {
		if f.lines[i].NameID != id {
			continue
		}
		for e, rest := CutElement(f.Value(i)); e != nil; e, rest = CutElement(rest) {
			if isSameName(e, element) {
				return true
			}
		}
	}
	return false
}

// CutElement takes the first element off a list of tokens (RFC 9110,
// Section 5.6.1); it is nil if there is none.
func CutElement(list []byte) (element, rest []byte) {
	for len(list) > 0 {
		element, list, _ = bytes.Cut(list, []byte(","))
		if element = bytes.Trim(element, " \t"); len(element) > 0 {
			return element, list
		}
	}
	return nil, nil
}
