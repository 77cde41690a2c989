// Package took counts which rows of the specifications are taken. In a copy that is
// generated to be measured (audit/trace), code calls it where it does what a row
// says; the code of this module doesn't call it.
//
// With the build tag specaudit, the first time that a row is taken is written to the
// file that the environment variable SPECHT_TOOK names. Without it nothing happens.
package took

// Variable is the environment variable that names the file: a line for each row or
// cell that was taken, in the order in which that happened first.
const Variable = "SPECHT_TOOK"
