// Package tidy holds the rules of this module that a compiler doesn't: who may
// import whom, and what of STYLE.md a test can decide.
//
// A rule is a function from a [Tree] to findings. The tests of this package
// give each rule the tree of the module, where it must find nothing, and small
// trees in memory with one violation each, where it must find that. A rule
// that can't fail isn't one.
//
// Rules read syntax only. So they see every file whatever its build tags and
// platform, and they run while generated files are missing. A room that
// doesn't exist yet breaks no rule.
package tidy
