package main

import (
	"fmt"
	"runtime"

	"github.com/specht-http/specht/message"
)

// stats answers with counters, a name=value a line.
func stats(d *demo, x message.Exchange, _ input) error {
	s := d.server.Stats()
	workers, idle := d.workers.Count()
	var out []byte
	for _, pair := range []struct {
		name  string
		value any
	}{
		{"running", d.running.Load() - 1}, // handlers on goroutines, but for this one
		{"requests", d.requests.Load()},
		{"failed", d.failed.Load()},
		{"refused", d.refused.Load()},
		{"workers", workers},
		{"workers_idle", idle},
		{"goroutines", runtime.NumGoroutine()},
		{"driver", d.server.Driver()},
		{"connections", s.Connections},
		{"accepted", s.Accepted},
		{"accept_errors", s.AcceptErrors},
		{"open_errors", s.OpenErrors},
		{"reads", s.Reads},
		{"reads_empty", s.ReadsEmpty},
		{"writes", s.Writes},
		{"writes_full", s.WritesFull},
		{"wakes", s.Wakes},
		{"expired", s.Expired},
	} {
		out = fmt.Appendf(out, "%s=%v\n", pair.name, pair.value)
	}
	return x.Respond(message.StatusOK, plainText, out)
}
