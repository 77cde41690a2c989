package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/specht-http/specht/audit"
	"github.com/specht-http/specht/audit/trace"
)

// auditAll asks every check.
type auditAll struct {
	auditOutput
	RFC string `name:"rfc" type:"existingdir" placeholder:"DIR" help:"Directory with the RFCs as rfc9112.txt and so on. Without it, verbatim isn't asked."`
	Dir string `type:"existingdir" placeholder:"DIR" help:"Root of the module whose documents and generated code are read. Without it, diff and code aren't asked."`
}

// Run asks.
func (a *auditAll) Run(c *console) error {
	files := func(dir string) fs.FS {
		if dir == "" {
			return nil
		}
		return os.DirFS(dir)
	}
	start := time.Now()
	all, err := audit.All(files(a.RFC), files(a.Dir))
	if err != nil {
		return &usageError{err.Error()}
	}
	began := time.Now()
	if !isMeasured(a.Dir) {
		return a.tell(c, append(all, audit.Asked{Check: "trace", Missing: trace.File + ", which make trace writes"}), time.Since(start))
	}
	r, err := traced(a.Dir)
	if err != nil {
		return &usageError{err.Error()}
	}
	held := r.Held()
	all = append(all, audit.Asked{Check: held.Check, Report: held, Time: time.Since(began)})
	return a.tell(c, all, time.Since(start))
}

// tell prints what all checks came to.
func (a *auditAll) tell(c *console, all []audit.Asked, took time.Duration) (err error) {
	if a.JSON {
		err = a.object(c, all)
	} else {
		err = a.lines(c, all, took)
	}
	if err == nil {
		err = reported(worst(all))
	}
	return err
}

// worst is the worst verdict.
func worst(all []audit.Asked) audit.Verdict {
	v := audit.Holds
	for _, r := range all {
		if r.Report != nil {
			v = max(v, r.Report.Verdict())
		}
	}
	return v
}

// notAsked tells how many checks the verdict isn't of.
func notAsked(all []audit.Asked) string {
	n := 0
	for _, r := range all {
		if r.Report == nil {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", of what was asked: %d checks weren't", n)
}

// object prints all reports as one object. No time is in it, so that it is the same
// each time.
func (a *auditAll) object(c *console, all []audit.Asked) error {
	var reports []*audit.Report
	var skipped []string
	for _, r := range all {
		if r.Report == nil {
			skipped = append(skipped, r.Check)
			continue
		}
		reports = append(reports, r.Report)
	}
	encoder := json.NewEncoder(c.stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(struct {
		Verdict  audit.Verdict   `json:"verdict"`
		NotAsked []string        `json:"notAsked,omitempty"`
		Reports  []*audit.Report `json:"reports"`
	}{worst(all), skipped, reports})
}

// lines prints a line for each check, and below it what has to be looked at.
func (a *auditAll) lines(c *console, all []audit.Asked, took time.Duration) error {
	for _, r := range all {
		if r.Report == nil {
			fmt.Fprintf(c.stdout, "%-9s not asked: it needs %s\n", r.Check, r.Missing)
			continue
		}
		fmt.Fprintf(c.stdout, "%-9s %-9s %4d claims %6.1f s\n", r.Check, r.Report.Verdict(), len(r.Report.Claims), r.Time.Seconds())
		if v := r.Report.Verdict(); a.Verbose || v == audit.Fails || v == audit.Undecided {
			if err := r.Report.Text(c.stdout, a.Verbose); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(c.stdout, "all       %-9s %11s %6.1f s%s\n", worst(all), "", took.Seconds(), notAsked(all))
	return err
}
