package tls_test

import (
	cryptotls "crypto/tls"
	"testing"

	"github.com/specht-http/specht/flow/secure/securetest"
)

// What every TLS library passes.
func TestLibrary(t *testing.T) {
	for _, version := range []uint16{cryptotls.VersionTLS12, cryptotls.VersionTLS13} {
		t.Run(cryptotls.VersionName(version), func(t *testing.T) { securetest.Run(t, securetest.CryptoTLS(version)) })
	}
}
