package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/specht-http/specht/audit"
	"github.com/specht-http/specht/audit/report"
	"github.com/specht-http/specht/audit/trace"
)

// auditReport makes a page of all that is said of a specification.
type auditReport struct {
	Spec   string   `arg:"" optional:"" default:"default" help:"A specification."`
	Output string   `short:"o" required:"" placeholder:"FILE" help:"Where the page goes; - for standard output."`
	RFC    string   `name:"rfc" placeholder:"DIR" help:"Directory with the RFCs as rfc9112.txt and so on: they are compared, and stand beside the rows."`
	Dir    string   `type:"existingdir" placeholder:"DIR" help:"Root of a module with the generated code, which is compared, and stands beside the rows."`
	With   []string `placeholder:"FILE" help:"More reports, as checks print them with --json."`
	Peers  bool     `default:"true" negatable:"" help:"Compare our readers with the models of peers, if it is the specification of Specht."`
	JSON   bool     `name:"json" help:"Write what stands on the page as one JSON object."`
}

// Run asks what can be asked within seconds, and writes the page.
func (a *auditReport) Run(c *console) (err error) {
	s, err := audit.Open(a.Spec)
	if err != nil {
		return &usageError{err.Error()}
	}
	in := report.Source{Subject: s}
	if err := a.ask(&in); err != nil {
		return &usageError{err.Error()}
	}
	p, err := report.Build(in)
	if err != nil {
		return &usageError{err.Error()}
	}
	w := c.stdout
	if a.Output != "-" {
		f, err := os.Create(a.Output)
		if err != nil {
			return &usageError{err.Error()}
		}
		defer func() {
			if closed := f.Close(); err == nil {
				err = closed
			}
		}()
		w = f
	}
	if a.JSON {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(p)
	} else {
		err = p.HTML(w)
	}
	if err != nil {
		return fmt.Errorf("%s can't be written: %w", a.Output, err)
	}
	return reported(p.Verdict)
}

// ask asks the checks, and takes in what was asked before.
func (a *auditReport) ask(in *report.Source) error {
	add := func(r *audit.Report, err error) error {
		if err == nil {
			in.Reports = append(in.Reports, r)
		}
		return err
	}
	if err := add(audit.Prove(in.Subject)); err != nil {
		return err
	}
	if in.Subject.Model == nil {
		return nil // it says how the documents contradict themselves, and nothing else can be asked
	}
	if err := add(audit.Leniency(in.Subject)); err != nil {
		return err
	}
	missing := func(check, needs string) {
		in.NotAsked = append(in.NotAsked, report.NotAsked{Check: check, Needs: needs})
	}
	if a.RFC == "" {
		missing("verbatim", "the RFCs' texts, by --rfc DIR")
	}
	if a.Dir == "" {
		missing("code", "the root of a module, by --dir DIR")
	}
	if !a.Peers {
		missing("desync", "the models of peers, without --no-peers")
		missing("output", "the models of peers, without --no-peers")
	}
	if a.RFC != "" {
		if _, err := os.Stat(a.RFC); err != nil {
			return fmt.Errorf("--rfc %s can't be read: %w", a.RFC, err)
		}
		in.RFCs = os.DirFS(a.RFC)
		if err := add(audit.Verbatim(in.Subject, in.RFCs)); err != nil {
			return err
		}
	}
	if a.Dir != "" {
		in.Module = os.DirFS(a.Dir)
		if err := add(audit.Code(in.Subject, in.Module)); err != nil {
			return err
		}
	}
	if a.Spec == audit.Default && !hasDocuments(a.Dir) {
		missing("diff", "the root of a module with spec/, by --dir DIR")
	} else if a.Spec == audit.Default {
		if err := add(audit.DiffModule(in.Subject, in.Module)); err != nil {
			return err
		}
	}
	if a.Spec == audit.Default && isMeasured(a.Dir) {
		r, err := traced(a.Dir)
		if err != nil {
			return err
		}
		in.Reports = append(in.Reports, r.Held())
	} else if a.Spec == audit.Default {
		missing("trace", trace.File+", which make trace writes")
	}
	if a.Peers && a.Spec == audit.Default {
		ours, err := audit.OpenOurs()
		if err == nil {
			in.Peers, err = audit.OpenPeers()
		}
		if err != nil {
			return err
		}
		if err := add(audit.Matrix(ours, in.Peers)); err != nil {
			return err
		}
		written, err := audit.Open(audit.Written)
		if err != nil {
			return err
		}
		if err := add(audit.Output(written, append(ours, in.Peers...))); err != nil {
			return err
		}
		in.Peers = append(in.Peers, written)
	}
	for _, name := range a.With {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		r := &audit.Report{}
		if err := json.Unmarshal(text, r); err != nil {
			return fmt.Errorf("%s is no report of specht audit CHECK --json: %w", name, err)
		}
		in.Reports = append(in.Reports, r)
	}
	return nil
}

// hasDocuments says whether a module has documents of its own, which may be others than
// those in this program.
func hasDocuments(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "spec"))
	return dir != "" && err == nil
}
