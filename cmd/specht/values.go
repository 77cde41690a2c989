package main

import (
	"fmt"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// valueMachine is a generated machine that reads field values.
type valueMachine interface {
	Consume(b []byte) bool
	Fault() *message.Fault
}

// valueMachines are the machines that the specifications feed, by name.
var valueMachines = map[string]func() valueMachine{
	"connection":        func() valueMachine { return new(h1.ConnectionValue) },
	"transfer-encoding": func() valueMachine { return new(h1.TransferEncodingValue) },
	"content-length":    func() valueMachine { return new(h1.ContentLengthValue) },
}

// outcomeOf is what all values that a machine was fed come to.
func outcomeOf(m *h1.RequestMessage, machine string) string {
	return map[string]fmt.Stringer{
		"connection":        m.Connection.Outcome,
		"transfer-encoding": m.TransferEncoding.Outcome,
		"content-length":    m.ContentLength.Outcome,
	}[machine].String()
}

// known is what decisions about the head may depend on.
func (e *explainer) known() map[string]string {
	m := e.requests.Message
	known := map[string]string{"major": fmt.Sprint(m.Head.Major), "minor": fmt.Sprint(m.Head.Minor)}
	for _, f := range e.book.feeds {
		known[f.outcome] = outcomeOf(m, f.machine)
	}
	return known
}
