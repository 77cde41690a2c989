package fuzz

import (
	"bytes"
	"math/rand/v2"
	"strings"
)

// edit changes octets, which are its own to change.
type edit struct {
	name  string
	apply func(r *rand.Rand, b []byte, words []string) []byte
}

// edits are what a mutant is made by. Each is as likely as any other.
var edits = []edit{
	{"octet", func(r *rand.Rand, b []byte, _ []string) []byte { b[r.IntN(len(b))] = octet(r)[0]; return b }},
	{"bit", func(r *rand.Rand, b []byte, _ []string) []byte { b[r.IntN(len(b))] ^= 1 << r.IntN(8); return b }},
	{"insert", func(r *rand.Rand, b []byte, _ []string) []byte { return splice(b, r.IntN(len(b)+1), 0, octet(r)) }},
	{"delete", func(r *rand.Rand, b []byte, _ []string) []byte { return splice(b, r.IntN(len(b)), 1, "") }},
	{"delete some", func(r *rand.Rand, b []byte, _ []string) []byte { return splice(b, r.IntN(len(b)), 1+r.IntN(8), "") }},
	{"case", func(r *rand.Rand, b []byte, _ []string) []byte {
		if at := r.IntN(len(b)); b[at]|0x20 >= 'a' && b[at]|0x20 <= 'z' {
			b[at] ^= 0x20
		}
		return b
	}},
	{"white space", func(r *rand.Rand, b []byte, _ []string) []byte {
		return splice(b, boundary(r, b), 0, pick(r, []string{" ", "\t", "  ", " \t", "\v", "\f", "\r", "\n", "\r\n", "\r\n ", "\x00", "\u00a0"}))
	}},
	{"control", func(r *rand.Rand, b []byte, _ []string) []byte {
		return splice(b, r.IntN(len(b)+1), r.IntN(2), string([]byte{byte(r.IntN(33))}))
	}},
	{"line end", func(r *rand.Rand, b []byte, _ []string) []byte {
		from := r.IntN(len(b))
		at := bytes.Index(b[from:], []byte("\r\n"))
		if at < 0 {
			return b
		}
		return splice(b, from+at, 2, pick(r, []string{"\n", "\r", "", "\r\r\n", "\r\n\r\n", "\n\r", "\r\n ", "\r\n\t"}))
	}},
	{"digit", func(r *rand.Rand, b []byte, _ []string) []byte {
		at := r.IntN(len(b))
		for i := range b {
			if c := b[(at+i)%len(b)]; c >= '0' && c <= '9' {
				b[(at+i)%len(b)] = "0123456789aAfFxX+-"[r.IntN(18)]
				break
			}
		}
		return b
	}},
	{"duplicate a line", func(r *rand.Rand, b []byte, _ []string) []byte {
		lines := bytes.SplitAfter(b, []byte("\n"))
		i, k := r.IntN(len(lines)), r.IntN(len(lines))
		return bytes.Join(append(lines[:k:k], append([][]byte{lines[i]}, lines[k:]...)...), nil)
	}},
	{"drop a line", func(r *rand.Rand, b []byte, _ []string) []byte {
		lines := bytes.SplitAfter(b, []byte("\n"))
		i := r.IntN(len(lines))
		return bytes.Join(append(lines[:i:i], lines[i+1:]...), nil)
	}},
	{"swap lines", func(r *rand.Rand, b []byte, _ []string) []byte {
		lines := bytes.SplitAfter(b, []byte("\n"))
		i, k := r.IntN(len(lines)), r.IntN(len(lines))
		lines[i], lines[k] = lines[k], lines[i]
		return bytes.Join(lines, nil)
	}},
	{"word", func(r *rand.Rand, b []byte, words []string) []byte {
		return splice(b, boundary(r, b), 0, pick(r, words))
	}},
	{"word for a word", func(r *rand.Rand, b []byte, words []string) []byte {
		at := boundary(r, b)
		return splice(b, at, strings.IndexAny(string(b[at:])+" ", " \t\r\n:;,=/"), pick(r, words))
	}},
	{"cut", func(r *rand.Rand, b []byte, _ []string) []byte { return b[:r.IntN(len(b)+1)] }},
}

// mutate makes one to three edits to a copy of octets, and says which.
func mutate(r *rand.Rand, octets []byte, words []string) (mutant []byte, names []string) {
	mutant = bytes.Clone(octets)
	for range 1 + r.IntN(3) {
		if len(mutant) == 0 {
			break
		}
		e := &edits[r.IntN(len(edits))]
		mutant = e.apply(r, mutant, words)
		names = append(names, e.name)
	}
	return mutant, names
}

// octet is any octet, or one that means something in HTTP.
func octet(r *rand.Rand) string {
	const meaning = " \t\r\n\x00\x7f:;,=\"\\()<>@?/[]{}%#*+-._~|^`'!$&09azAZ\x80\xa0\xff"
	if r.IntN(2) == 0 {
		return string([]byte{byte(r.IntN(256))})
	}
	i := r.IntN(len(meaning))
	return meaning[i : i+1]
}

// boundary is a place before or behind a delimiter.
func boundary(r *rand.Rand, b []byte) int {
	at := r.IntN(len(b))
	for i := range b {
		k := (at + i) % len(b)
		if strings.IndexByte(" \t\r\n:;,=/", b[k]) >= 0 {
			return k + r.IntN(2)
		}
	}
	return at
}

// splice puts text in the place of n octets.
func splice(b []byte, at, n int, text string) []byte {
	end := min(at+n, len(b))
	return append(append(append([]byte(nil), b[:at]...), text...), b[end:]...)
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }
