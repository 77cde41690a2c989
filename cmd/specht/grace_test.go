package main

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// blocked is a handler that ends when it is told to.
type blocked chan struct{}

// Run implements engine.Task.
func (b blocked) Run() { <-b }

// A handler that doesn't end is waited for, until the time of grace has passed
// or somebody says that it is enough.
func TestGrace(t *testing.T) {
	tests := []struct {
		name    string
		grace   time.Duration
		signals int
		runs    bool
		want    string // in the error; empty for none
	}{
		{"nothing runs", time.Hour, 1, false, ""},
		{"the time has passed", 1, 1, true, "with 1 handlers running: 1ns have passed"},
		{"a second signal", time.Hour, 2, true, "with 1 handlers running: a second signal (interrupt)"},
	}
	drivers(t, 0, func(t *testing.T, s *served) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				server, err := newServer(specht.ServerOptions{Driver: s.app.server.Driver(), Handler: message.Inline(s.app)})
				if err != nil {
					t.Fatal(err)
				}
				workers := loop.NewWorkers(loop.WorkersOptions{})
				handler := make(blocked)
				if test.runs && !workers.Execute(handler) {
					t.Fatal("no worker")
				}
				signals := make(chan os.Signal, 2)
				for range test.signals {
					signals <- os.Interrupt
				}
				command := serveCommand{Grace: test.grace, Quiet: true}
				out := newOutput(io.Discard)
				defer out.close()
				err = command.until(signals, out, &application{server: server, workers: workers})
				if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %q", err, test.want)
				}
				close(handler)
				if err := workers.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
	})
}
