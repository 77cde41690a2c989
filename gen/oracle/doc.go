// Package oracle holds tests alone: what the automata of the machines accept is
// compared with what go-abnf, which is none of ours, says of the same grammar. It
// is a module of its own, so that nobody who uses Specht has to have go-abnf.
package oracle
