package main

import (
	"fmt"
	"time"

	"github.com/specht-http/specht/message"
)

// eventStream are the fields of server-sent events.
var eventStream = []message.Field{{Name: "Content-Type", Value: "text/event-stream"}, {Name: "Cache-Control", Value: "no-store"}}

// events sends n server-sent events, one each ms, and stops when the peer goes,
// also in between.
func events(_ *demo, x message.Exchange, in input) error {
	n, err := in.queried("n", 10, streamLinesMax)
	if err != nil {
		return err
	}
	ms, err := in.queried("ms", 100, delayMsMax)
	if err != nil {
		return err
	}
	if err := x.Start(message.StatusOK, eventStream, -1); err != nil {
		return err
	}
	if x.MethodID() == message.MethodHead {
		return x.End()
	}
	gone := make(chan struct{})
	x.OnOver(func(message.Exchange, error) { close(gone) })
	every := time.NewTimer(0)
	defer every.Stop()
	for i := range n {
		select {
		case <-every.C:
		case <-gone:
			if err := x.Err(); err != nil {
				return err
			}
			return x.End() // it has closed its side, and reads perhaps
		}
		every.Reset(time.Duration(ms) * time.Millisecond)
		if _, err := x.Write(fmt.Appendf(nil, "id: %d\ndata: %s\n\n", i+1, time.Now().UTC().Format(time.RFC3339Nano))); err != nil {
			return err
		}
		if err := x.Flush(); err != nil {
			return err
		}
	}
	return x.End()
}
