package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/specht-http/specht/message"
)

const (
	streamLinesMax = 1_000_000
	delayMsMax     = 3_600_000 // an hour
)

// stream sends n lines, and waits ms before each but the first. It ends early
// when nobody reads them any more.
func stream(_ *demo, x message.Exchange, in input) error {
	n, err := in.queried("n", 10, streamLinesMax)
	if err != nil {
		return err
	}
	ms, err := in.queried("ms", 100, delayMsMax)
	if err != nil {
		return err
	}
	if err := x.Start(message.StatusOK, plainText, -1); err != nil {
		return err
	}
	if x.MethodID() == message.MethodHead {
		return x.End()
	}
	for i := range n {
		if i > 0 {
			time.Sleep(time.Duration(ms) * time.Millisecond)
		}
		line := append(strconv.AppendInt([]byte("line "), i+1, 10), '\n')
		if _, err := x.Write(line); err != nil {
			return err
		}
	}
	return x.End()
}

// slow answers after ms. It doesn't look whether anybody still waits, as
// handlers do that call something else.
func slow(_ *demo, x message.Exchange, in input) error {
	ms, err := in.queried("ms", 1000, delayMsMax)
	if err != nil {
		return err
	}
	time.Sleep(time.Duration(ms) * time.Millisecond)
	return x.Respond(message.StatusOK, plainText, fmt.Appendf(nil, "This took %d ms.\n", ms))
}
