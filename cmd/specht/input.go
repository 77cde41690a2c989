package main

import (
	"fmt"
	"net/url"
	"strconv"
)

// input is what a request says by its target.
type input struct {
	parameter string // the last segment of the path, where the route has one
	query     string
}

// inputError is a target that the route can't do anything with. It is answered
// by 400.
type inputError struct{ what string }

func (e *inputError) Error() string { return e.what }

// number is the parameter as a number of lo to hi.
func (in input) number(lo, hi int64) (int64, error) { return number("the path", in.parameter, lo, hi) }

// queried is the number of that name in the query, or else a default.
func (in input) queried(name string, otherwise, hi int64) (int64, error) {
	values, err := url.ParseQuery(in.query)
	if err != nil {
		return 0, &inputError{"the query can't be read: " + err.Error()}
	}
	if !values.Has(name) {
		return otherwise, nil
	}
	return number(name, values.Get(name), 0, hi)
}

func number(name, text string, lo, hi int64) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < lo || n > hi {
		return 0, &inputError{fmt.Sprintf("%s: %q is no number from %d to %d", name, text, lo, hi)}
	}
	return n, nil
}
