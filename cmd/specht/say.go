package main

import "encoding/json"

// say tells what happens, unless nobody wants to know.
func (s *serveCommand) say(out *output, event any, text string) {
	if s.Quiet {
		return
	}
	line := []byte("specht: " + text)
	if s.JSON {
		var err error
		if line, err = json.Marshal(event); err != nil {
			panic("specht: bug: an event that isn't JSON: " + err.Error())
		}
	}
	out.line(func(b []byte) []byte { return append(b, line...) })
}
