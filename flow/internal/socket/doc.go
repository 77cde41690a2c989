//go:build !linux && !darwin && !dragonfly && !freebsd && !netbsd && !openbsd

// Package socket is stream sockets as raw non-blocking descriptors: what
// flow/tcp and flow/unix share. It exists where loop has a Poller of
// descriptors: on Linux, the BSDs and macOS.
package socket
