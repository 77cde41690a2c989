package tidy

import (
	"bytes"
	_ "embed" // for the index
	"fmt"
	"hash/fnv"
	"path"
	"regexp"
	"slices"
	"strings"
)

// An RFC's ABNF and layouts are facts of the protocol and stand in spec/; its
// prose is its authors', and stands nowhere in this tree. To find it without
// having it here, the tree is compared with an index: of each run of runWords
// words in the prose of the RFCs that we implement, a hash; of these, an eighth,
// chosen by the hash itself. So nine in ten copied sentences of twenty words are
// found, and nearly every copied paragraph; what slips through is short.
//
// The index is sorted, hashOctets octets a hash, big-endian. It is written by
//
//	go test ./internal/tidy -run TestWriteProseIndex -rfcs DIR
//
// from a directory with the RFCs as text (rfc9110.txt and so on).
const (
	runWords   = 10
	runSample  = 8
	hashOctets = 5
)

//go:embed prose.index
var proseIndex []byte

// unchecked are files that quote by right.
var unchecked = []string{"LICENSE", "NOTICE", "go.sum"}

// checkProse finds prose of RFCs, in comments, documents and test data.
func checkProse(t *Tree) []Finding {
	var found []Finding
	for _, f := range t.Files {
		if slices.Contains(unchecked, path.Base(f.Path)) {
			continue
		}
		words := wordsOf(f.Text)
		next := 0
		for i := range runs(words) {
			if i < next || !isIndexed(hashRun(words[i:i+runWords])) {
				continue
			}
			next = i + 2*runWords // a copied passage is reported once
			quote := make([]string, runWords)
			for k := range quote {
				quote[k] = words[i+k].text
			}
			found = append(found, Finding{f.Path, words[i].line, fmt.Sprintf("prose of an RFC, to be said in own words: %q", strings.Join(quote, " "))})
		}
	}
	return found
}

// word is a run of letters and digits in lower case, and the line it is on.
type word struct {
	text string
	line int
}

// wordsOf cuts a text into words. All else, markup and comment signs too, is
// between words.
func wordsOf(text []byte) []word {
	var words []word
	for i, line := range bytes.Split(text, []byte("\n")) {
		for _, w := range bytes.FieldsFunc(line, notInWord) {
			words = append(words, word{strings.ToLower(string(w)), i + 1})
		}
	}
	return words
}

// runs is the number of runs in some words.
func runs(words []word) int { return max(0, len(words)-runWords+1) }

// hashRun is the hash of a run of words.
func hashRun(words []word) uint64 {
	h := fnv.New64a()
	for _, w := range words {
		h.Write([]byte(w.text))
		h.Write([]byte{' '})
	}
	return h.Sum64()
}

// isIndexed says whether the hash of a run is in the index.
func isIndexed(hash uint64) bool {
	if hash%runSample != 0 {
		return false
	}
	key := hash >> (64 - 8*hashOctets)
	low, high := 0, len(proseIndex)/hashOctets
	for low < high {
		mid := (low + high) / 2
		switch at := hashAt(mid); {
		case at == key:
			return true
		case at < key:
			low = mid + 1
		default:
			high = mid
		}
	}
	return false
}

// hashAt is the i-th hash of the index.
func hashAt(i int) uint64 {
	var key uint64
	for _, b := range proseIndex[i*hashOctets : (i+1)*hashOctets] {
		key = key<<8 | uint64(b)
	}
	return key
}

var (
	rfcBegins = regexp.MustCompile(`(?m)^ *1\. +Introduction *$`)
	// notProse opens a rule of ABNF, a layout, an example or an item of a
	// table of contents.
	notProse = regexp.MustCompile(`(?m)^ *[A-Za-z][A-Za-z0-9-]* *=/? |[{}|□•]|^ *(HTTP/[0-9.]+ [0-9]|[A-Z]+ \S+ HTTP/)`)
)

// indexProse makes the index of the prose of some RFCs: their paragraphs that
// end as a sentence does, from the introduction on.
func indexProse(rfcs [][]byte) []byte {
	var keys []uint64
	for _, rfc := range rfcs {
		if at := rfcBegins.FindIndex(rfc); at != nil {
			rfc = rfc[at[1]:]
		}
		for paragraph := range bytes.SplitSeq(rfc, []byte("\n\n")) {
			end := bytes.TrimSpace(paragraph)
			if notProse.Match(paragraph) || !bytes.HasSuffix(end, []byte(".")) && !bytes.HasSuffix(end, []byte(":")) {
				continue
			}
			words := wordsOf(paragraph)
			for i := range runs(words) {
				if hash := hashRun(words[i : i+runWords]); hash%runSample == 0 {
					keys = append(keys, hash>>(64-8*hashOctets))
				}
			}
		}
	}
	slices.Sort(keys)
	var index []byte
	for _, key := range slices.Compact(keys) {
		for shift := 8 * (hashOctets - 1); shift >= 0; shift -= 8 {
			index = append(index, byte(key>>shift))
		}
	}
	return index
}
