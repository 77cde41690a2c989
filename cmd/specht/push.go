package main

import (
	"errors"
	"fmt"

	"github.com/specht-http/specht/message"
)

// push pushes /connection, and answers with what came of that: over HTTP/1, and to
// clients that take nothing, why nothing was pushed.
func push(_ *demo, x message.Exchange, _ input) error {
	err := x.Push(&message.RequestHead{Target: "/connection"})
	answer := "pushed /connection\n"
	if e := new(message.PushError); errors.As(err, &e) {
		answer = fmt.Sprintf("not pushed: %s\n", e.Why)
	} else if err != nil {
		return err
	}
	return x.Respond(message.StatusOK, plainText, []byte(answer))
}
