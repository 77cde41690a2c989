package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// runConn explains a connection of HTTP/2.
func (p *parseCommand) runConn(c *console, octets []byte) error {
	var methods []string
	if p.Response {
		methods = p.Method
		if len(methods) == 0 {
			methods = []string{"GET"}
		}
	}
	var out connExplanation = &textConnExplanation{w: c.stdout}
	if p.JSON {
		encoder := json.NewEncoder(c.stdout)
		encoder.SetEscapeHTML(false)
		out = jsonConnExplanation{encoder}
	}
	e := newConnExplainer(octets, methods, out.event)
	e.run()
	out.end(e.frames, e.errors, len(octets))
	if e.errors > 0 {
		return errReported
	}
	return nil
}

// unhex is what hexadecimal digits say. White space between them is passed over,
// and so is the rest of a line behind #.
func (p *parseCommand) unhex(text []byte) ([]byte, error) {
	var digits strings.Builder
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		digits.WriteString(strings.Join(strings.Fields(line), ""))
	}
	octets, err := hex.DecodeString(digits.String())
	if err != nil {
		return nil, fmt.Errorf("%s isn't pairs of hexadecimal digits: %w; leave --hex out if it is octets", p.name(), err)
	}
	return octets, nil
}
