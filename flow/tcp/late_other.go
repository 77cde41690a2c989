//go:build !unix

package tcp

type lateReader struct{}
