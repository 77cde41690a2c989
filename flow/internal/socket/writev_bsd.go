//go:build dragonfly || freebsd || netbsd

package socket

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// vectorMax is how many slices one call takes. A vector may be longer: it is then
// written by several.
const vectorMax = 32

// writev writes the slices of v, which have octets, and are vectorMax at most.
func writev(fd int, v [][]byte) (int, error) {
	var slices [vectorMax]unix.Iovec
	used := 0
	for _, b := range v {
		if len(b) > 0 {
			slices[used].Base = unsafe.SliceData(b)
			slices[used].SetLen(len(b))
			used++
		}
	}
	n, _, errno := unix.Syscall(unix.SYS_WRITEV, uintptr(fd), uintptr(unsafe.Pointer(&slices[0])), uintptr(used))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
