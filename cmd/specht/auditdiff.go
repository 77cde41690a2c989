package main

import "github.com/specht-http/specht/audit"

// auditDiff is the check diff.
type auditDiff struct {
	auditOutput
	First  string `arg:"" help:"A specification."`
	Second string `arg:"" help:"Another one."`
}

// Run compares.
func (a *auditDiff) Run(c *console) error {
	first, err := audit.Open(a.First)
	if err != nil {
		return &usageError{err.Error()}
	}
	second, err := audit.Open(a.Second)
	if err != nil {
		return &usageError{err.Error()}
	}
	r, err := audit.Diff(first, second)
	return a.print(c, r, err)
}
