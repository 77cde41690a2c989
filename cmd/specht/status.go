package main

import "github.com/specht-http/specht/message"

// required are the fields that a response of a status must have.
var required = map[message.Status][]message.Field{
	message.StatusUnauthorized:      {{Name: "WWW-Authenticate", Value: `Basic realm="specht"`}},
	message.StatusMethodNotAllowed:  allow(get...),
	message.StatusProxyAuthRequired: {{Name: "Proxy-Authenticate", Value: `Basic realm="specht"`}},
}

// status answers with the status that the path names.
func status(_ *demo, x message.Exchange, in input) error {
	code, err := in.number(100, 599)
	if err != nil {
		return err
	}
	s := message.Status(code)
	if s.IsInterim() {
		return x.Respond(message.StatusNotImplemented, plainText, []byte(
			"501 Not Implemented\n\n"+s.String()+" comes before another response, and an application can't send it yet. Ask for 200 to 599.\n"))
	}
	switch s {
	case message.StatusNoContent, message.StatusResetContent, message.StatusNotModified:
		return x.Respond(s, nil, nil) // they have no content
	}
	return x.Respond(s, append(required[s][:len(required[s]):len(required[s])], plainText...), []byte(s.String()+"\n"))
}
