package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/specht-http/specht/audit"
	"github.com/specht-http/specht/audit/trace"
)

// auditTrace is the check trace.
type auditTrace struct {
	auditOutput
	Dir     string `type:"existingdir" placeholder:"DIR" help:"Root of the module: its documents, tests and generated code are compared with its snapshot. Without it the snapshot of this command is told."`
	Rebuild bool   `help:"Measure in DIR what has changed, and write its snapshot. That takes minutes, and the go command."`
	All     bool   `help:"With --rebuild, measure what hasn't changed, too."`
	Only    string `placeholder:"REGEXP" help:"With --rebuild, measure rows with such names only."`
}

// Run tells what holds each requirement.
func (a *auditTrace) Run(c *console) error {
	if a.Rebuild {
		return a.rebuild(c)
	}
	if a.All || a.Only != "" {
		return &usageError{"--all and --only say what --rebuild measures: add it, or leave them out"}
	}
	r, err := traced(a.Dir)
	if err != nil {
		return &usageError{err.Error()}
	}
	if a.JSON {
		encoder := json.NewEncoder(c.stdout)
		encoder.SetEscapeHTML(false)
		err = encoder.Encode(struct {
			*trace.Report
			Verdict audit.Verdict `json:"verdict"`
		}{r, r.Verdict()})
	} else {
		err = r.Text(c.stdout, a.Verbose)
	}
	if err == nil {
		err = reported(r.Verdict())
	}
	return err
}

// traced is what was measured of the requirements: of the module in dir, or of the one
// that this command was built from.
func traced(dir string) (*trace.Report, error) {
	s, err := trace.Default(nil)
	if dir != "" {
		s, err = trace.Open(dir)
	}
	if err != nil {
		return nil, err
	}
	return trace.Make(s)
}

// isMeasured says whether dir, if there is one, has a snapshot of its own. What this
// command knows is of the module that it was built from, and of no other.
func isMeasured(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(trace.File)))
	return dir == "" || err == nil
}

// rebuild measures.
func (a *auditTrace) rebuild(c *console) error {
	if a.Dir == "" {
		return &usageError{"--rebuild measures a module: say where it is, with --dir DIR"}
	}
	if a.JSON {
		return &usageError{"--rebuild writes a line for each row: ask for --json when it is done, without it"}
	}
	o := trace.Options{All: a.All, Log: c.stdout}
	if a.Only != "" {
		only, err := regexp.Compile(a.Only)
		if err != nil {
			return &usageError{fmt.Sprintf("--only %s: %v", a.Only, err)}
		}
		o.Only = only
	}
	if err := trace.Rebuild(a.Dir, o); err != nil {
		return &usageError{err.Error()}
	}
	return nil
}
