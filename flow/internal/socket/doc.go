//go:build !linux

// Package socket is stream sockets as raw non-blocking descriptors: what
// flow/tcp and flow/unix share. It exists on Linux only.
package socket
