package main

import "github.com/specht-http/specht/audit"

// auditLeniency is the check leniency.
type auditLeniency struct {
	auditOutput
	Spec string `arg:"" optional:"" default:"default" help:"A specification."`
}

// Run compares each variant with its strict machine.
func (a *auditLeniency) Run(c *console) error {
	s, err := audit.Open(a.Spec)
	if err != nil {
		return &usageError{err.Error()}
	}
	r, err := audit.Leniency(s)
	return a.print(c, r, err)
}
