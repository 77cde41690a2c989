//go:build !unix

package unix

type lateReader struct{}
