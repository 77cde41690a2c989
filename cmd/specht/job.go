package main

import (
	"errors"

	"github.com/specht-http/specht/message"
)

// job is a route's handler on a goroutine, with an exchange that it has taken
// out of the turn. Whoever detaches an exchange owes its end, also when a
// handler fails or panics.
type job struct {
	demo  *demo
	x     message.Exchange
	serve serveFunc
	in    input
}

// start hands x to a worker. When all are busy the answer is 503.
func (d *demo) start(x message.Exchange, r *route, parameter, query string) {
	j := &job{demo: d, x: x.Detach(), serve: r.serve, in: input{parameter, query}}
	d.running.Add(1)
	if d.workers.Execute(j) {
		return
	}
	d.running.Add(-1)
	d.count(x.Respond(message.StatusServiceUnavailable, plainText, []byte("503 Service Unavailable\n\nToo many handlers are running.\n")))
}

// Run implements engine.Task.
func (j *job) Run() {
	defer j.end()
	err := j.serve(j.demo, j.x, j.in)
	var wrong *inputError
	if errors.As(err, &wrong) {
		err = j.x.Respond(message.StatusBadRequest, plainText, []byte("400 Bad Request\n\n"+wrong.what+"\n"))
	}
	j.demo.count(err)
}

// end ends the exchange, if the handler hasn't.
func (j *job) end() {
	if v := recover(); v != nil {
		j.demo.panicked(v)
	}
	if j.x.Err() == nil {
		if err := j.x.Respond(message.StatusInternalServerError, plainText, []byte("500 Internal Server Error\n")); err != nil {
			j.x.Reset() // the response has begun: it can only be cut
		}
	}
	j.demo.running.Add(-1)
}
