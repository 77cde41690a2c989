package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/specht-http/specht"
)

const (
	// defaultAddress and defaultAddressTLS are where is served if nobody said
	// anything about that.
	defaultAddress    = "127.0.0.1:8080"
	defaultAddressTLS = "127.0.0.1:8443"
)

// end is an address that is listened on.
type end struct {
	Event       string `json:"event"`
	Network     string `json:"network"`
	Address     string `json:"address"`
	URL         string `json:"url,omitempty"` // of TCP
	Driver      string `json:"driver"`
	Fingerprint string `json:"fingerprint,omitempty"` // SHA-256, of the certificate
	Try         string `json:"try"`
}

// place is the address for people.
func (e *end) place() string {
	if e.URL == "" {
		return "the Unix socket " + e.Address
	}
	return e.URL
}

// shown is what there is to say of the certificate, for people.
func (e *end) shown() string {
	if e.Fingerprint == "" {
		return ""
	}
	return ", certificate SHA-256 " + e.Fingerprint
}

// start listens on all that was asked for.
func (s *serveCommand) start(server *specht.Server, c *certificates) (ends []end, err error) {
	begin := func(flag string, v specht.Service) error {
		v.Shared = s.Shared && v.Network == "tcp"
		at, err := server.Start(v)
		if err != nil {
			return listenError(flag, v.Address, err)
		}
		e := end{Event: "listening", Network: at.Network(), Address: at.Addr(), URL: at.URL(), Driver: string(server.Driver())}
		switch {
		case v.TLS != nil:
			e.Fingerprint = c.fingerprint()
			e.Try = "curl -k " + e.URL + "/"
		case e.URL != "":
			e.Try = "curl " + e.URL + "/"
		default:
			e.Try = "curl " + curlUnix(e.Address) + " http://localhost/"
		}
		ends = append(ends, e)
		return nil
	}
	for _, address := range s.Listen {
		if err := begin("--listen", specht.Service{Network: "tcp", Address: address}); err != nil {
			return nil, err
		}
	}
	for _, address := range s.TLS {
		if err := begin("--tls", specht.Service{Network: "tcp", Address: address, TLS: &tls.Config{GetCertificate: c.Get}}); err != nil {
			return nil, err
		}
	}
	for _, path := range s.Unix {
		if err := begin("--unix", specht.Service{Network: "unix", Address: path}); err != nil {
			return nil, err
		}
	}
	return ends, nil
}

// listenError says what to do about an address of a flag that can't be listened
// on.
func listenError(flag, address string, err error) error {
	var malformed *net.AddrError
	var unresolved *net.DNSError
	isUnix := flag == "--unix"
	switch {
	case errors.Is(err, syscall.EADDRINUSE) && isUnix:
		return fmt.Errorf("%s is taken: another program listens there; choose another path with --unix", address)
	case errors.Is(err, syscall.EADDRINUSE):
		host, _, splitErr := net.SplitHostPort(address)
		if splitErr != nil {
			host = "127.0.0.1"
		}
		other := net.JoinHostPort(host, "0")
		return fmt.Errorf("%s is taken: another program listens there; stop it, or choose another port: %s %s takes a free one", address, flag, other)
	case errors.Is(err, fs.ErrPermission) && isUnix:
		return fmt.Errorf("%s can't be made: you may not write to its directory; choose another path with --unix (%w)", address, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s isn't yours to listen on: ports below 1024 often need privileges; choose another with %s (%w)", address, flag, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("no interface of this machine has the address of %s %s: use 127.0.0.1 for this machine alone (%w)", flag, address, err)
	case errors.As(err, &malformed), errors.As(err, &unresolved):
		return &usageError{fmt.Sprintf("%s %s is no host:port that can be listened on, such as 127.0.0.1:8080 or [::1]:0 (%v)", flag, address, err)}
	}
	return fmt.Errorf("can't listen on %s: %w", address, err)
}

// curlUnix is how curl is told the path of a Unix socket.
func curlUnix(path string) string {
	if name, isAbstract := strings.CutPrefix(path, "@"); isAbstract {
		return "--abstract-unix-socket " + name
	}
	return "--unix-socket " + path
}
