package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/specht-http/specht/audit"
)

// auditExplain tells what a machine or table does.
type auditExplain struct {
	Machine string `arg:"" optional:"" help:"A machine, table or sequence; without it, their names."`
	What    string `arg:"" optional:"" placeholder:"STATE|RULE|REQUIREMENT" help:"Only what has to do with a state, a rule, or a requirement."`
	Spec    string `default:"default" help:"A specification."`
	Mermaid bool   `xor:"as" help:"Print the diagram for Mermaid."`
	DOT     bool   `name:"dot" xor:"as" help:"Print the diagram for Graphviz."`
	JSON    bool   `name:"json" xor:"as" help:"Print the explanation as one JSON object."`
}

// Run explains.
func (a *auditExplain) Run(c *console) error {
	s, err := audit.Open(a.Spec)
	if err != nil {
		return &usageError{err.Error()}
	}
	if a.Machine == "" && a.JSON {
		return json.NewEncoder(c.stdout).Encode(s.Names())
	}
	if a.Machine == "" {
		for _, name := range s.Names() {
			fmt.Fprintln(c.stdout, name)
		}
		return nil
	}
	e, err := audit.Explain(s, a.Machine, a.What)
	if err != nil {
		return &usageError{err.Error()}
	}
	switch {
	case a.JSON:
		encoder := json.NewEncoder(c.stdout)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(e)
	case e.Graph == nil && (a.Mermaid || a.DOT):
		return &usageError{"a " + e.Kind + " has no states, so there is no diagram of " + e.Name}
	case a.Mermaid:
		_, err = io.WriteString(c.stdout, e.Graph.Mermaid())
	case a.DOT:
		_, err = io.WriteString(c.stdout, e.Graph.DOT())
	default:
		err = e.Text(c.stdout)
	}
	return err
}
