//go:build darwin || openbsd

package socket

import "golang.org/x/sys/unix"

// vectorMax is how many slices one call takes. A vector may be longer: it is then
// written by several. For more, Writev allocates.
const vectorMax = 8

// writev writes the slices of v.
func writev(fd int, v [][]byte) (int, error) { return unix.Writev(fd, v) }
