package main

import (
	"math"

	"github.com/specht-http/specht/message"
)

// block is what octets are made of: lines of 64, so that a terminal can show
// them. Nobody writes to it, so it is lent to any number of responses.
var block = func() []byte {
	const line = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.\n"
	b := make([]byte, 0, bigOctets)
	for len(b) < bigOctets {
		b = append(b, line...)
	}
	return b
}()

const (
	bigOctets  = 1 << 20
	lentOctets = 64 << 10 // at a time: what Write would wait for
)

// returned is called for each slice that was lent: nothing depends on it.
func returned(error) {}

// octets answers with n octets.
func octets(_ *demo, x message.Exchange, in input) error {
	n, err := in.number(0, math.MaxInt64)
	if err != nil {
		return err
	}
	return sendOctets(x, n)
}

// big answers with 1 MiB.
func big(_ *demo, x message.Exchange, _ input) error { return sendOctets(x, bigOctets) }

// sendOctets sends n octets without copying them.
func sendOctets(x message.Exchange, n int64) error {
	if err := x.Start(message.StatusOK, octetStream, n); err != nil {
		return err
	}
	if x.MethodID() == message.MethodHead {
		n = 0
	}
	for sent := int64(0); sent < n; {
		at := sent % bigOctets
		p := block[at:min(at+lentOctets, bigOctets)]
		p = p[:min(int64(len(p)), n-sent)]
		if err := x.WriteLent(p, returned); err != nil {
			return err
		}
		sent += int64(len(p))
	}
	return x.End()
}
