//go:build !openssl || !cgo

package main

import (
	"fmt"
	"os"
)

// missing is why this does nothing.
const missing = "built without OpenSSL: that takes -tags openssl, a C compiler, pkg-config, and the headers of OpenSSL 3 (Debian: libssl-dev)"

func main() {
	fmt.Fprintln(os.Stderr, missing)
	os.Exit(1)
}
