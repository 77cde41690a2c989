//go:build !unix

// Package late reads descriptors of package net without holding a buffer while
// there is nothing to read: what flow/tcp and flow/unix share. It exists on
// Unix systems only.
package late
