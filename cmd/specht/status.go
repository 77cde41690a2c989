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
		return answerInterim(x, s)
	}
	switch s {
	case message.StatusNoContent, message.StatusResetContent, message.StatusNotModified:
		return x.Respond(s, nil, nil) // they have no content
	}
	return x.Respond(s, append(required[s][:len(required[s]):len(required[s])], plainText...), []byte(s.String()+"\n"))
}

// answerInterim answers with an interim response of a status, then with 200. 101 would
// be the last that is HTTP.
func answerInterim(x message.Exchange, s message.Status) error {
	if s == message.StatusSwitchingProtocols {
		return x.Respond(message.StatusNotImplemented, plainText, []byte(
			"501 Not Implemented\n\n"+s.String()+" says that another protocol follows, and this demonstration speaks none.\n"))
	}
	said := s.String() + " came before this.\n"
	if x.Version() == message.HTTP10 {
		said = s.String() + " would have come before this, but not in HTTP/1.0.\n"
	} else if err := x.Interim(s, nil); err != nil {
		return err
	}
	return x.Respond(message.StatusOK, plainText, []byte(said))
}
