package main

import (
	"os"

	"github.com/specht-http/specht/audit"
)

// auditCode is the check code.
type auditCode struct {
	auditOutput
	Spec string `arg:"" optional:"" default:"default" help:"A specification."`
	Dir  string `default:"." type:"existingdir" placeholder:"DIR" help:"Root of the module whose generated code is read."`
}

// Run compares.
func (a *auditCode) Run(c *console) error {
	s, err := audit.Open(a.Spec)
	if err != nil {
		return &usageError{err.Error()}
	}
	r, err := audit.Code(s, os.DirFS(a.Dir))
	return a.print(c, r, err)
}
