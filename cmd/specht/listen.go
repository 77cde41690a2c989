package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"syscall"
)

// listenError says what to do about an address that can't be listened on.
func listenError(network, address string, err error) error {
	var malformed *net.AddrError
	var unresolved *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE) && network == "unix":
		return fmt.Errorf("%s is taken: another program listens there; choose another path with --unix", address)
	case errors.Is(err, syscall.EADDRINUSE):
		host, _, splitErr := net.SplitHostPort(address)
		if splitErr != nil {
			host = "127.0.0.1"
		}
		other := net.JoinHostPort(host, "0")
		return fmt.Errorf("%s is taken: another program listens there; stop it, or choose another port: --listen %s takes a free one", address, other)
	case errors.Is(err, fs.ErrPermission) && network == "unix":
		return fmt.Errorf("%s can't be made: you may not write to its directory; choose another path with --unix (%w)", address, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s isn't yours to listen on: ports below 1024 often need privileges; choose another with --listen (%w)", address, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("no interface of this machine has the address of --listen %s: use 127.0.0.1 for this machine alone (%w)", address, err)
	case errors.As(err, &malformed), errors.As(err, &unresolved):
		return &usageError{fmt.Sprintf("--listen %s is no host:port that can be listened on, such as 127.0.0.1:8080 or [::1]:0 (%v)", address, err)}
	}
	return fmt.Errorf("can't listen on %s: %w", address, err)
}

// reachable is an address for a client: where a listener takes connections for
// any address, the one of this machine.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() || host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// curlUnix is how curl is told the path of a Unix socket.
func curlUnix(path string) string {
	if name, isAbstract := strings.CutPrefix(path, "@"); isAbstract {
		return "--abstract-unix-socket " + name
	}
	return "--unix-socket " + path
}
