package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// parseCommand explains the octets of messages.
type parseCommand struct {
	File     string   `arg:"" optional:"" default:"-" help:"File with the octets of requests, or of responses, one behind the other; - or nothing for the standard input."`
	Response bool     `help:"Read responses."`
	Method   []string `placeholder:"M" help:"Methods of the requests that the responses answer, in order; the last one counts for all that follow. Default: GET."`
	H2       bool     `name:"h2" help:"Read what a client has sent over HTTP/2, from its connection preface or from a frame on; with --response, what a server has sent."`
	Hex      bool     `help:"The input is hexadecimal digits, with white space between and comments behind #."`
	JSON     bool     `name:"json" help:"Print one JSON object a line, one for each event."`
}

// Help is what the command's help says behind its summary.
func (*parseCommand) Help() string {
	return `For each thing that it finds it tells the octets as [start,end), the rule and the section. What is decided about a message comes with the row of the specification that decides it. At the first error it tells the place, the rule, what was expected, and the status that a server answers with, and exits with 1.

With --h2 it tells frames, the fields and settings in them, the states of streams and of the connection that they change, what an engine answers by itself, and what it refuses; it goes on behind what concerns one stream.

  printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' | specht parse
  printf 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi' | specht parse --response --method GET
  echo '000008 01 05 00000001 82 84 86 41 03 612e62' | specht parse --h2 --hex`
}

// parseOctetsMax is how long an input may be: it is kept whole, to be pointed
// at.
const parseOctetsMax = 256 << 20

// Run explains the input.
func (p *parseCommand) Run(c *console) error {
	s := asRequests()
	switch {
	case p.Response && len(p.Method) == 0:
		s = asResponses([]string{"GET"})
	case p.Response:
		s = asResponses(p.Method)
	case len(p.Method) > 0:
		return &usageError{"parse --method is for responses: add --response"}
	}
	octets, err := p.read(c.stdin)
	if err != nil {
		return err
	}
	if p.H2 {
		return p.runConn(c, octets)
	}
	b, err := readBook()
	if err != nil {
		return err
	}
	var out explanation = &textExplanation{octets: octets, w: c.stdout, noun: s.noun()}
	if p.JSON {
		encoder := json.NewEncoder(c.stdout)
		encoder.SetEscapeHTML(false)
		out = jsonExplanation{encoder}
	}
	e := newExplainer(octets, s, b, out.event)
	if wrong := e.run(); wrong != nil {
		out.problem(wrong)
		return errReported
	}
	if e.ended == 0 {
		return fmt.Errorf("%s holds an empty line and no request", p.name())
	}
	out.end(e.ended)
	return nil
}

// name is what the input is called.
func (p *parseCommand) name() string {
	if p.File == "-" {
		return "the standard input"
	}
	return p.File
}

// read reads the whole input.
func (p *parseCommand) read(stdin io.Reader) ([]byte, error) {
	from := stdin
	if p.File != "-" {
		f, err := os.Open(p.File)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		from = f
	}
	octets, err := io.ReadAll(io.LimitReader(from, parseOctetsMax+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", p.name(), err)
	case len(octets) > parseOctetsMax:
		return nil, fmt.Errorf("%s has more than %d octets: cut it, for example by head -c %[2]d", p.name(), parseOctetsMax)
	case len(octets) == 0:
		return nil, fmt.Errorf("%s is empty: there is no request to explain", p.name())
	}
	if p.Hex {
		return p.unhex(octets)
	}
	return octets, nil
}

// explanation is how events are told.
type explanation interface {
	event(event)
	problem(*problem)
	end(requests int)
}

// jsonExplanation tells one object a line.
type jsonExplanation struct{ *json.Encoder }

func (j jsonExplanation) event(e event)      { _ = j.Encode(e) } // nobody else is left to be told
func (j jsonExplanation) problem(p *problem) { _ = j.Encode(p) }
func (j jsonExplanation) end(int)            {}
