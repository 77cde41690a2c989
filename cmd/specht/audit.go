package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/specht-http/specht/audit"
)

// auditCommand puts questions to specifications.
type auditCommand struct {
	Prove    auditProve    `cmd:"" help:"What holds for all inputs, and for all cells of the tables."`
	Desync   auditDesync   `cmd:"" help:"Look for streams on which two readers end a message at different octets."`
	Output   auditWritten  `cmd:"" help:"Look for what our writers emit and a peer reads as another message."`
	Verbatim auditVerbatim `cmd:"" help:"Compare each rule and layout with the text of its RFC."`
	Code     auditCode     `cmd:"" help:"Compare generated code with its specification."`
	Diff     auditDiff     `cmd:"" help:"Say in what two specifications differ."`
	Leniency auditLeniency `cmd:"" help:"Say what each lenient variant adds, and that it changes nothing else."`
	Trace    auditTrace    `cmd:"" help:"Say of each requirement by what it is held, and what kills it."`

	All auditAll `cmd:"" help:"Ask every check of Specht itself, with a line for each."`

	Explain auditExplain `cmd:"" help:"Tell what a machine or table does, with a diagram."`
	Report  auditReport  `cmd:"" help:"Write one page of all of it, which needs no network."`
}

// Help is what the command's help says behind its summary.
func (*auditCommand) Help() string {
	return `A check tells its verdict, what shows it, and what it assumes. It exits with 1 if something fails, with 4 if nothing fails and something is undecided, and with 2 if it could not be asked.

A specification is "default" for that of Specht itself, "peer:NAME" for what is known of another implementation (spec/peers), "rev:REVISION" for that of a git revision, or a directory with NOUN.md files; with "+lenient" behind it all variants are read, with "+bare-LF,obs-fold" those of these options.`
}

// auditOutput is how a report is printed.
type auditOutput struct {
	Verbose bool `short:"v" help:"Print each claim, not only those that need to be looked at."`
	JSON    bool `name:"json" help:"Print the report as one JSON object."`
}

// print writes a report; a failure is that of the command.
func (o *auditOutput) print(c *console, r *audit.Report, err error) error {
	if err != nil {
		return &usageError{err.Error()}
	}
	if o.JSON {
		encoder := json.NewEncoder(c.stdout)
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(struct {
			*audit.Report
			Verdict audit.Verdict `json:"verdict"`
		}{r, r.Verdict()})
	} else {
		err = r.Text(c.stdout, o.Verbose)
	}
	if err == nil {
		err = reported(r.Verdict())
	}
	return err
}

// auditProve is the check prove.
type auditProve struct {
	auditOutput
	Spec string `arg:"" optional:"" default:"default" help:"A specification."`
}

// Run proves.
func (a *auditProve) Run(c *console) error {
	s, err := audit.Open(a.Spec)
	if err != nil {
		return &usageError{err.Error()}
	}
	r, err := audit.Prove(s)
	return a.print(c, r, err)
}

// auditVerbatim is the check verbatim.
type auditVerbatim struct {
	auditOutput
	Spec string `arg:"" optional:"" default:"default" help:"A specification."`
	RFC  string `name:"rfc" required:"" placeholder:"DIR" help:"Directory with the RFCs as rfc9112.txt and so on."`
}

// Run compares.
func (a *auditVerbatim) Run(c *console) error {
	s, err := audit.Open(a.Spec)
	if err != nil {
		return &usageError{err.Error()}
	}
	if _, err := os.Stat(a.RFC); err != nil {
		return &usageError{fmt.Sprintf("--rfc %s can't be read: %v", a.RFC, err)}
	}
	r, err := audit.Verbatim(s, os.DirFS(a.RFC))
	return a.print(c, r, err)
}

// auditDesync is the check desync.
type auditDesync struct {
	auditOutput
	A string `arg:"" optional:"" help:"A specification. Without one, all of our own readers are asked beside all peers."`
	B string `arg:"" optional:"" default:"default" help:"Another one."`
}

// Run looks.
func (a *auditDesync) Run(c *console) error {
	if a.A == "" {
		return a.matrix(c)
	}
	one, err := audit.Open(a.A)
	if err != nil {
		return &usageError{err.Error()}
	}
	other, err := audit.Open(a.B)
	if err != nil {
		return &usageError{err.Error()}
	}
	r, err := audit.Desync(one, other)
	return a.print(c, r, err)
}

// matrix asks everybody.
func (a *auditDesync) matrix(c *console) error {
	peers, err := audit.OpenPeers()
	if err != nil {
		return &usageError{err.Error()}
	}
	ours, err := audit.OpenOurs()
	if err != nil {
		return &usageError{err.Error()}
	}
	r, err := audit.Matrix(ours, peers)
	return a.print(c, r, err)
}

// auditWritten is the check output.
type auditWritten struct{ auditOutput }

// Run asks.
func (a *auditWritten) Run(c *console) error {
	written, err := audit.Open(audit.Written)
	if err != nil {
		return &usageError{err.Error()}
	}
	ours, err := audit.OpenOurs()
	if err != nil {
		return &usageError{err.Error()}
	}
	peers, err := audit.OpenPeers()
	if err != nil {
		return &usageError{err.Error()}
	}
	r, err := audit.Output(written, append(ours, peers...))
	return a.print(c, r, err)
}
