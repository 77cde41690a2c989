package main

import (
	"fmt"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/message"
)

// facts answers with what the application knows of the connection, a
// name=value a line.
func facts(_ *demo, x message.Exchange, _ input) error {
	c := specht.ConnOf(x)
	out := fmt.Appendf(nil, "peer=%s\nversion=%v\nscheme=%s\nalpn=%s\n", peerName(c.Peer()), x.Version(), x.Scheme(), c.ALPN())
	if s, ok := c.Security(); ok {
		out = fmt.Appendf(out, "security=%s\ncipher_suite=%s\nserver_name=%s\nresumed=%v\n", s.Version, s.CipherSuite, s.ServerName, s.IsResumed)
	}
	return x.Respond(message.StatusOK, plainText, out)
}
