package main

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// valueMachine is a generated machine that reads field values.
type valueMachine interface {
	Consume(b []byte) bool
	Fault() *message.Fault
}

// fedMachine is the field of m that the generator named after a machine that is
// fed. It is looked up by that name, so that a feed that is added to the
// specifications is found here too; false if there is none.
func fedMachine(m any, machine string) (reflect.Value, bool) {
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, machine)
	v := reflect.ValueOf(m).Elem()
	f, ok := v.Type().FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, name) })
	if !ok || !f.IsExported() {
		return reflect.Value{}, false
	}
	return v.FieldByIndex(f.Index), true
}

// newValueMachine is a fresh machine of that name; nil if there is none.
func newValueMachine(machine string) valueMachine {
	v, ok := fedMachine(new(h1.RequestMessage), machine)
	if !ok {
		return nil
	}
	m, _ := v.Addr().Interface().(valueMachine)
	return m
}

// outcomeOf is what all values that a machine was fed come to; false if there
// is no such machine.
func outcomeOf(m any, machine string) (string, bool) {
	v, ok := fedMachine(m, machine)
	if !ok || v.Kind() != reflect.Struct {
		return "", false
	}
	outcome := v.FieldByName("Outcome")
	if !outcome.IsValid() {
		return "", false
	}
	s, ok := outcome.Interface().(fmt.Stringer)
	if !ok {
		return "", false
	}
	return s.String(), true
}

// spanOf is the span of m that MACHINE/Span names, in the head, if it has octets.
func spanOf(m any, source string) []message.Span {
	name, into, _ := strings.Cut(source, "/")
	from, base := reflect.ValueOf(m).Elem().FieldByName("Head"), message.Span{}
	if name != "request-head" {
		machine, ok := fedMachine(m, name)
		at, located := fedMachine(m, name+"At")
		if !ok || !located {
			return nil
		}
		from = machine
		base, _ = at.Interface().(message.Span)
	}
	field := from.FieldByName(into)
	if !field.IsValid() {
		return nil
	}
	s, _ := field.Interface().(message.Span)
	if s.Len() == 0 {
		return nil
	}
	return []message.Span{{Start: base.Start + s.Start, End: base.Start + s.End}}
}

// known is what decisions about the head may depend on.
func (e *explainer) known() map[string]string {
	known := e.source.known()
	for _, f := range e.book.feeds[e.noun()] {
		if outcome, ok := outcomeOf(e.message(), f.machine); ok {
			known[f.outcome] = outcome
		}
	}
	return known
}

// decide asks all decisions that are about this kind of messages.
func (e *explainer) decide() []verdict { return e.book.decide(e.known(), e.isOthers) }
