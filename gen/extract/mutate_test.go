//go:build !race

package extract

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

var number = regexp.MustCompile(`\b(0x[0-9a-f]+|[0-9]+)\b`)

// mutants are the ways in which one line is changed: taken away, its first
// number made one larger, its comparison turned round.
func mutants(line string) (out []string) {
	code, _, _ := strings.Cut(line, "//")
	if strings.TrimSpace(code) == "" {
		return nil
	}
	out = append(out, "")
	if at := number.FindStringIndex(code); at != nil {
		if n, err := strconv.ParseUint(code[at[0]:at[1]], 0, 64); err == nil && n+1 != 0 {
			out = append(out, code[:at[0]]+fmt.Sprintf("%#x", n+1)+code[at[1]:])
		}
	}
	if m := stateGoto.FindStringSubmatch(code); m != nil {
		k, _ := strconv.Atoi(m[1])
		out = append(out, stateGoto.ReplaceAllString(code, "goto s"+strconv.Itoa(k+1)))
	}
	for _, sw := range [][2]string{{" == ", " != "}, {" != ", " == "}, {" >= ", " > "}, {" <= ", " < "}, {" > ", " >= "}, {"++", "--"}, {" && ", " || "}} {
		if strings.Contains(code, sw[0]) {
			out = append(out, strings.Replace(code, sw[0], sw[1], 1))
		}
	}
	return out
}

var stateGoto = regexp.MustCompile(`goto s([0-9]+)`)

// harmless are lines that can be changed without changing what the machine
// does. Everything else must be caught.
var harmless = []*regexp.Regexp{
	regexp.MustCompile(`^\s*(if|for) i >= 0 && `),                                 // always true; it is there for the compiler
	regexp.MustCompile(`= \(t - 0x0101010101010101\) `),                           // a mark too many hides a word, whose slow way remains
	regexp.MustCompile(`= \([w-z] - 0x(20|24){8}\) `),                             // a mark too many is looked up in the table
	regexp.MustCompile(`^\s*w, x = w&0x8080808080808080, x&`),                     // and so is what isn't one
	regexp.MustCompile(`\[c\]&[24] == 0`),                                         // every tchar, bit 0, is in these sets anyway
	regexp.MustCompile(`^\s*} else if (byte\(w\) != .* && )?i <= end-(16|32) \{`), // less quick, not wrong
	regexp.MustCompile(`^\s*if \(w\|x\)&0x8080808080808080 == 0 \{`),              // what isn't skipped at once is skipped an octet later
	regexp.MustCompile(`n := bits\.TrailingZeros64\(x\) >> 3`),                    // an octet in the set is looked up in the table
	regexp.MustCompile(`^\s*state = 0$`),                                          // it begins as 0
	regexp.MustCompile(`^\s*why +uint8 = 1$|^\s*c +byte$|^\s*state +uint8$`),      // types of variables
}

// rereads says whether line i steps over an octet on the way to a state that
// goes through octets of that kind anyway: without the step it is read there.
func rereads(lines []string, i int) bool {
	return strings.TrimSpace(lines[i]) == "i++" && regexp.MustCompile(`^\s*goto s(2|5|18|22)$`).MatchString(lines[i+1])
}

// TestEveryChangedLineIsCaught changes generated lines one by one. It takes
// every SPECHT_MUTATE_STEP-th line, by default the 97th; with 1 all of them.
func TestEveryChangedLineIsCaught(t *testing.T) {
	step := 97
	if s := os.Getenv("SPECHT_MUTATE_STEP"); s != "" {
		step, _ = strconv.Atoi(s)
	}
	m := model(t)
	files := committed(t)
	name := "../../h1/requesthead_gen.go"
	lines := strings.Split(string(files[name]), "\n")
	first, last := 0, 0
	for i, l := range lines {
		if strings.HasPrefix(l, "func (m *RequestHead) Consume(") {
			first = i + 1
		}
		if first > 0 && last == 0 && strings.HasPrefix(l, "// Fault says why") {
			last = i
		}
	}
	caught, survivors := 0, 0
	for i := first; i < last; i++ {
		if i%step != 0 {
			continue
		}
		all := mutants(lines[i])
		errs := make([]error, len(all))
		var wait sync.WaitGroup
		for k, mu := range all {
			changed := append([]string(nil), lines...)
			changed[i] = mu
			mutated := maps.Clone(files)
			mutated[name] = []byte(strings.Join(changed, "\n"))
			wait.Go(func() {
				s, err := Read(mutated)
				if err == nil {
					err = Check(s, m, m.Machine("request-head"), "RequestHead")
				}
				errs[k] = err
			})
		}
		wait.Wait()
		for k, mu := range all {
			if errs[k] != nil {
				caught++
				continue
			}
			survivors++
			ok := rereads(lines, i)
			for _, h := range harmless {
				ok = ok || h.MatchString(lines[i])
			}
			if !ok {
				t.Errorf("line %d changed and not caught:\n-%s\n+%s", i+1, lines[i], mu)
			}
		}
	}
	if caught == 0 {
		t.Error("no line was changed")
	}
	t.Logf("%d changes caught, %d harmless", caught, survivors)
}
