package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"
	"unicode/utf8"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/message"
)

// fetching is one request under way.
type fetching struct {
	command *getCommand
	console *console
	want    *want
	out     io.Writer
	began   time.Time

	content     *sentContent // the last one that was opened; nil for none
	isConnected bool
	isHTTP2     bool
	response    *specht.Response
	received    fetched
	collected   []byte // content, for JSON
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

// run sends the request, and takes the response.
func (e *fetching) run(client *specht.Client) error {
	g := e.command
	e.received.URL = e.want.url
	r, err := e.ask(client)
	if err != nil {
		return e.failure(err)
	}
	defer r.Close()
	e.response = r
	e.head()
	err = e.download()
	if err != nil || r.Status >= 400 {
		r.Close() // what is still being sent isn't wanted
	}
	if e.content != nil {
		<-e.content.isOver
	}
	sent, sendErr := r.Sent()
	e.received.Sent = sent
	if err == nil {
		err = sendErr
	}
	if err == nil {
		err = e.report()
	}
	if err == nil && g.Fail && r.Status >= 400 {
		return &statusError{r.Status}
	}
	return err
}

// ask sends the request, with its content, and waits for the response.
func (e *fetching) ask(client *specht.Client) (*specht.Response, error) {
	h := &e.want.head
	r := &specht.Request{
		Method: h.Method, URL: e.want.url, Unix: e.command.Unix, Authority: h.Authority, Fields: h.Fields, ContentLength: h.ContentLength,
		OnConnection: e.connected, OnInterim: e.interim,
	}
	switch {
	case h.ContentLength == 0:
	case e.want.isOnce:
		content, err := e.open()
		if err != nil {
			return nil, err
		}
		r.Content = content
	default:
		r.GetContent = e.open
	}
	return client.Do(context.Background(), r)
}

// sentContent is content that is sent.
type sentContent struct {
	io.ReadCloser
	isOver chan struct{} // closed when nobody reads it any more
}

// open opens the content.
func (e *fetching) open() (io.Reader, error) {
	content, err := e.want.open()
	if err != nil {
		return nil, err
	}
	e.content = &sentContent{content, make(chan struct{})}
	return e.content, nil
}

// Close implements io.Closer. The client calls it once.
func (c *sentContent) Close() error {
	close(c.isOver)
	return c.ReadCloser.Close()
}

// interim takes an interim response. It is called in a turn.
func (e *fetching) interim(status message.Status, fields message.Fields) {
	i := interim{Status: int(status), Fields: pairs(fields)}
	e.received.Interim = append(e.received.Interim, i)
	e.command.sayHead(e.console, e.version()+" "+status.String(), sendable(fields))
}

// version is that of the connection.
func (e *fetching) version() string {
	if e.isHTTP2 {
		return message.HTTP2.String()
	}
	return "HTTP/1.1"
}

// head takes the head of the response.
func (e *fetching) head() {
	r := e.response
	e.received.Status, e.received.Reason, e.received.Version = int(r.Status), r.Reason, r.Version.String()
	e.received.Fields = pairs(r.Fields)
	start := fmt.Sprintf("%v %d %s", r.Version, r.Status, visible([]byte(r.Reason)))
	if r.Version == message.HTTP2 { // which has no reason phrase
		start = fmt.Sprintf("%v %v", r.Version, r.Status)
	}
	e.command.sayHead(e.console, start, sendable(r.Fields))
}

// download takes the content.
func (e *fetching) download() error {
	bar := e.progress()
	defer bar.end()
	p := make([]byte, 64<<10)
	for {
		n, err := e.response.Read(p)
		e.received.Octets += int64(n)
		if n > 0 {
			bar.at(e.received.Octets)
			if err := e.take(p[:n]); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("after %s of content: %w", size(e.received.Octets), e.failure(err))
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
	return &progress{to: e.console.stderr, now: time.Now, began: e.began, total: e.response.ContentLength}
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
	r.Nanoseconds = int64(time.Since(e.began))
	trailers := e.response.Trailers()
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
	for i := range fields.Len() {
		all = append(all, fields.Field(i))
	}
	return all
}
