package main

import (
	"bytes"
	"fmt"
	"strings"
)

// visible is octets as text in which each of them can be seen: CR, LF, HTAB and
// the backslash as in Go, other control octets and those above 0x7E as \xNN.
func visible(octets []byte) string {
	var b strings.Builder
	for _, c := range octets {
		b.WriteString(visibleOctet(c))
	}
	return b.String()
}

func visibleOctet(c byte) string {
	switch {
	case c == '\r':
		return `\r`
	case c == '\n':
		return `\n`
	case c == '\t':
		return `\t`
	case c == '\\':
		return `\\`
	case c < ' ' || c > '~':
		return fmt.Sprintf(`\x%02X`, c)
	}
	return string(rune(c))
}

// octetName is an octet as grammars name it: SP, CR, "a", %x00.
func octetName(c byte) string {
	switch c {
	case ' ':
		return "SP"
	case '\t':
		return "HTAB"
	case '\r':
		return "CR"
	case '\n':
		return "LF"
	case '"':
		return "DQUOTE"
	}
	if c < ' ' || c > '~' {
		return fmt.Sprintf("%%x%02X", c)
	}
	return `"` + string(rune(c)) + `"`
}

// clipped is visible text of n columns at most.
func clipped(octets []byte, n int) string {
	if len(octets) > n {
		octets = octets[:n]
		return clip(visible(octets)+"…", n)
	}
	return clip(visible(octets), n)
}

func clip(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n-1]) + "…"
}

// place is a range of octets to point at.
type place struct{ start, end int }

// How many octets of a line are shown around a place.
const (
	octetsBefore = 60
	octetsBehind = 30
)

// pointed is the line of the octets that a place begins in, and below it carets
// under the place. Of a long line only what is around the place is shown.
func (p place) pointed(octets []byte) (line, carets string) {
	from := bytes.LastIndexByte(octets[:p.start], '\n') + 1
	to := len(octets)
	if k := bytes.IndexByte(octets[p.start:], '\n'); k >= 0 {
		to = p.start + k + 1
	}
	end := max(min(p.end, to), p.start)
	before, behind := "", ""
	if p.start-from > octetsBefore {
		from, before = p.start-octetsBefore, "…"
	}
	if end-p.start > octetsBehind {
		end = p.start + octetsBehind
	}
	if to-end > octetsBehind {
		to, behind = end+octetsBehind, "…"
	}
	before += visible(octets[from:p.start])
	at := visible(octets[p.start:end])
	carets = strings.Repeat(" ", len([]rune(before))) + strings.Repeat("^", max(len(at), 1))
	return before + at + visible(octets[end:to]) + behind, carets
}

// lineOf is the number of the line that an octet stands in, from 1.
func lineOf(octets []byte, offset int) int {
	return bytes.Count(octets[:offset], []byte("\n")) + 1
}
