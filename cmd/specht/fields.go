package main

import "github.com/specht-http/specht/message"

// fields answers with what the application sees of the request: method and
// target, the host that it is for, then a line for each field line. It reads
// the content first, as far as there is some.
func fields(d *demo, x message.Exchange, _ input) error {
	if _, err := readAway(d, x); err != nil {
		return err
	}
	var out []byte
	out = append(append(append(append(out, x.Method()...), ' '), x.Target()...), '\n')
	out = append(append(append(out, "host: "...), x.Authority()...), '\n')
	for name, value := range x.Fields().All() {
		out = append(append(append(append(out, name...), ": "...), value...), '\n')
	}
	return x.Respond(message.StatusOK, plainText, out)
}
