//go:build !openssl || !cgo

package main

import "testing"

func TestLibrary(t *testing.T) { t.Skip(missing) }
