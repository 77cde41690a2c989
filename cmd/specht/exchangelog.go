package main

import (
	"encoding/json"
	"net/netip"
	"strconv"
	"time"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/message"
)

// exchangeLog writes a line for each exchange, and for each connection that came
// to none.
type exchangeLog struct {
	output *output
	isJSON bool
	now    func() time.Time
}

// exchanged is a line of the log.
type exchanged struct {
	Event      string    `json:"event"` // exchange, or refused
	Time       time.Time `json:"time"`
	Peer       string    `json:"peer"`
	Protocol   string    `json:"protocol,omitempty"`
	Security   string    `json:"security,omitempty"` // such as TLS 1.3
	Method     string    `json:"method,omitempty"`   // empty for a request that couldn't be read
	Target     string    `json:"target,omitempty"`
	Status     int       `json:"status,omitempty"` // 0 if no response was begun
	Octets     int64     `json:"octets"`           // of the response's content
	DurationNs int64     `json:"durationNs"`
	Error      string    `json:"error,omitempty"`
}

// ended is h1.Options.OnEnd.
func (l *exchangeLog) ended(x message.Exchange, s message.Summary) {
	c := specht.ConnOf(x)
	e := exchanged{
		Event: "exchange", Time: l.now(), Peer: peerName(c.Peer()), Protocol: x.Version().String(),
		Method: string(x.Method()), Target: string(x.Target()),
		Status: int(s.Status), Octets: s.ContentOctets, DurationNs: s.DurationNs,
	}
	if security, ok := c.Security(); ok {
		e.Security = security.Version
	}
	if s.Err != nil {
		e.Error = s.Err.Error()
	}
	l.write(&e)
}

// refused is specht.ServerOptions.OnError.
func (l *exchangeLog) refused(peer netip.AddrPort, err error) {
	l.write(&exchanged{Event: "refused", Time: l.now(), Peer: peerName(peer), Error: err.Error()})
}

// peerName is the address of a peer, or what stands for it on a Unix socket.
func peerName(peer netip.AddrPort) string {
	if !peer.IsValid() {
		return "unix"
	}
	return peer.String()
}

func (l *exchangeLog) write(e *exchanged) {
	if l.isJSON {
		line, err := json.Marshal(e)
		if err != nil {
			line = []byte(strconv.Quote(err.Error())) // no line of these types has one
		}
		l.output.line(func(b []byte) []byte { return append(b, line...) })
		return
	}
	l.output.line(e.append)
}

// append is the line for people:
//
//	2026-11-22T21:00:00.000Z 127.0.0.1:4711 HTTP/1.1 TLS 1.3 GET / 200 13 0.1ms
//
// What a peer has sent is in it only as far as it is a method and a
// request-target, which have no octets that do something to a terminal.
func (e *exchanged) append(b []byte) []byte {
	b = e.Time.UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z ")
	b = append(append(b, e.Peer...), ' ')
	if e.Event == "refused" {
		return strconv.AppendQuote(append(b, "refused: "...), e.Error)
	}
	for _, word := range []string{e.Protocol, e.Security, orHyphen(e.Method), orHyphen(e.Target)} {
		if word != "" {
			b = append(append(b, word...), ' ')
		}
	}
	b = append(strconv.AppendInt(b, int64(e.Status), 10), ' ')
	b = append(strconv.AppendInt(b, e.Octets, 10), ' ')
	b = append(strconv.AppendFloat(b, float64(e.DurationNs)/1e6, 'f', 1, 64), "ms"...)
	if e.Error != "" {
		b = strconv.AppendQuote(append(b, ' '), e.Error)
	}
	return b
}

// orHyphen is a word, or what stands for none.
func orHyphen(word string) string {
	if word == "" {
		return "-"
	}
	return word
}
