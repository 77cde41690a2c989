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
	if err == nil && r.Verdict() == audit.Fails {
		err = errReported
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

// measured is dir if it has a snapshot of its own; else what is told is that of this
// command.
func measured(dir string) string {
	if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(trace.File))); dir == "" || err != nil {
		return ""
	}
	return dir
}

// rebuild measures.
func (a *auditTrace) rebuild(c *console) error {
	if a.Dir == "" {
		return &usageError{"--rebuild measures a module: say where it is, with --dir DIR"}
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
