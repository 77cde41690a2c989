// Package http1 reads HTTP/1.1 requests by machines that were generated into
// this module. It imports the standard library only: nothing of Specht is
// needed to build it.
//
// In a module of your own the machines are written, and later renewed, by
//
//	go run github.com/specht-http/specht/cmd/specht@latest gen -o http1
//
// The line below does the same with the Specht that this example lies in.
package http1

//go:generate go -C ../../.. run ./cmd/specht gen -o examples/embed/http1
