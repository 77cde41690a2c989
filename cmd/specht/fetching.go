package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/specht-http/specht/message"
)

// fetching is one request under way.
type fetching struct {
	command *getCommand
	console *console
	want    *want
	out     io.Writer
	began   time.Time

	x         message.ClientExchange
	sent      atomic.Int64 // octets of content that the flow has taken
	received  fetched
	collected []byte // content, for JSON
}

// fetched is what was received, as JSON has it.
type fetched struct {
	URL           string      `json:"url"`
	Interim       []interim   `json:"interim,omitempty"`
	Status        int         `json:"status"`
	Reason        string      `json:"reason"`
	Version       string      `json:"version"`
	Fields        [][2]string `json:"fields"`
	Trailers      [][2]string `json:"trailers,omitempty"`
	Sent          int64       `json:"sent"`   // octets of content
	Octets        int64       `json:"octets"` // of content
	Nanoseconds   int64       `json:"ns"`
	Content       *string     `json:"content,omitempty"`       // if it is text
	ContentBase64 []byte      `json:"contentBase64,omitempty"` // otherwise
}

// interim is an interim response.
type interim struct {
	Status int         `json:"status"`
	Fields [][2]string `json:"fields"`
}

// run sends the request on a connection, and takes the response.
func (e *fetching) run(conn *connection) error {
	g, c := e.command, e.console
	e.received.URL = e.want.url
	h := &e.want.head
	x, err := e.begin(conn)
	if err != nil {
		return err
	}
	defer x.Close()
	g.saySent(c, h)
	uploaded := make(chan error, 1)
	go func() { uploaded <- e.upload() }()
	if err := x.Await(); err != nil {
		x.Reset()
		return errors.Join(err, notOver(<-uploaded))
	}
	e.head()
	err = e.download()
	if err != nil || x.Status() >= 400 {
		x.Reset() // what is still being sent isn't wanted
	}
	if uploadErr := notOver(<-uploaded); err == nil {
		err = uploadErr
	}
	if err == nil {
		err = e.report()
	}
	if err == nil && g.Fail && x.Status() >= 400 {
		return &statusError{x.Status()}
	}
	return err
}

// begin begins the request, in a turn, so that no interim response is missed.
func (e *fetching) begin(conn *connection) (x message.ClientExchange, err error) {
	conn.client.Turn(func() {
		if x, err = conn.client.BeginInTurn(&e.want.head); err == nil {
			x.OnInterim(e.interim)
			x = x.Detach()
		}
	})
	e.x = x
	return x, err
}

// notOver is err unless it only says that the peer wants no more, or that the
// exchange has ended, which is told by others.
func notOver(err error) error {
	var unanswered *message.UnansweredError
	if errors.Is(err, message.ErrUnwanted) || errors.Is(err, message.ErrOver) || errors.Is(err, message.ErrReset) || errors.As(err, &unanswered) {
		return nil
	}
	return err
}

// upload sends the content, if there is any.
func (e *fetching) upload() error {
	if e.want.head.ContentLength == 0 {
		return nil
	}
	content, err := e.want.open()
	if err != nil {
		e.x.Reset()
		return err
	}
	defer content.Close()
	free := make(chan []byte, 2) // to read into, while the other one is sent
	free <- make([]byte, 64<<10)
	free <- make([]byte, 64<<10)
	for {
		p := <-free
		n, err := content.Read(p)
		done := func(err error) {
			if err == nil {
				e.sent.Add(int64(n))
			}
			free <- p
		}
		if err := e.x.WriteLent(p[:n], done); err != nil {
			return err
		}
		if err == io.EOF {
			err := e.x.End()
			_ = e.x.Flush() // all is counted; what fails is told by others
			return err
		}
		if err != nil {
			e.x.Reset()
			return fmt.Errorf("reading what is to be sent: %w", err)
		}
	}
}

// interim takes an interim response. It is called in a turn.
func (e *fetching) interim(_ message.ClientExchange, status message.Status, fields message.Fields) {
	i := interim{Status: int(status), Fields: pairs(fields)}
	e.received.Interim = append(e.received.Interim, i)
	e.command.sayHead(e.console, "HTTP/1.1 "+status.String(), sendable(fields))
}

// head takes the head of the response.
func (e *fetching) head() {
	x := e.x
	e.received.Status, e.received.Reason, e.received.Version = int(x.Status()), string(x.Reason()), x.Version().String()
	e.received.Fields = pairs(x.Fields())
	e.command.sayHead(e.console, fmt.Sprintf("%v %d %s", x.Version(), x.Status(), visible(x.Reason())), sendable(x.Fields()))
}

// download takes the content.
func (e *fetching) download() error {
	bar := e.progress()
	defer bar.end()
	p := make([]byte, 64<<10)
	for {
		n, err := e.x.Read(p)
		e.received.Octets += int64(n)
		if n > 0 {
			bar.at(e.received.Octets)
			if err := e.take(p[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, message.ErrEnd):
			return nil
		case err != nil:
			return fmt.Errorf("after %s of content: %w", size(e.received.Octets), err)
		}
	}
}

// take writes content where it belongs.
func (e *fetching) take(p []byte) error {
	if e.command.JSON && e.command.Output == "" {
		e.collected = append(e.collected, p...)
		return nil
	}
	if _, err := e.out.Write(p); err != nil {
		return fmt.Errorf("writing the content: %w", err)
	}
	return nil
}

// progress is shown on a terminal, unless the content goes there.
func (e *fetching) progress() *progress {
	g := e.command
	if g.Quiet || g.Verbose || !isTerminal(e.console.stderr) || !g.JSON && isTerminal(e.out) {
		return nil
	}
	return &progress{to: e.console.stderr, now: time.Now, began: e.began, total: e.x.ContentLength()}
}

// isTerminal says whether what is written to w is seen by a person.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// report tells what is known when all is there.
func (e *fetching) report() error {
	r := &e.received
	r.Sent, r.Nanoseconds = e.sent.Load(), int64(time.Since(e.began))
	trailers := e.x.Trailers()
	r.Trailers = pairs(trailers)
	if trailers.Len() > 0 {
		e.command.sayHead(e.console, "trailers:", sendable(trailers))
	}
	e.command.say(e.console, "* %s received, %s sent", size(r.Octets), size(r.Sent))
	if !e.command.JSON {
		return nil
	}
	if text := string(e.collected); e.command.Output == "" && utf8.ValidString(text) {
		r.Content = &text
	} else {
		r.ContentBase64 = e.collected
	}
	return json.NewEncoder(e.console.stdout).Encode(r)
}

// pairs are the names and values of fields.
func pairs(fields message.Fields) [][2]string {
	all := [][2]string{}
	for name, value := range fields.All() {
		all = append(all, [2]string{string(name), string(value)})
	}
	return all
}

// sendable are fields that were received as fields to send.
func sendable(fields message.Fields) (all []message.Field) {
	for name, value := range fields.All() {
		all = append(all, message.Field{Name: string(name), Value: string(value)})
	}
	return all
}
