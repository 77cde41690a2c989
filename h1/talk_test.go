package h1

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// A talk is a conversation with a server, in a block of a file of testdata:
//
//	> GET / HTTP/1.1\r\n       the peer sends; lines that follow arrive with it
//	! 1 respond 200 hello      the application does something to exchange 1
//	= 1 GET "/"                what the application was told
//	< HTTP/1.1 200 OK\r\n      what the server has sent; Date is left out
//	= reads no more            what the engine can use next, if that has changed
//
// Octets are written as in a Go string, but that " needs no \. Exchanges are
// counted from 1. An application does to one:
//
//	interim STATUS   respond STATUS [CONTENT]   start STATUS LENGTH
//	write CONTENT   lend CONTENT   flush   end   upgrade STATUS
//	read   reset   err   panic
//
// and, with "each" for the number, to each that begins from then on, within its
// handler. What isn't an exchange's:
//
//	options NAME NUMBER   an option of the Service, before anything is sent
//	fields NAME: VALUE    a field of what is sent next, or with end a trailer;
//	                      may be repeated
//	eof, breaks           the peer closes its side; the flow breaks
//	passes TIME           time passes
//	shutdown              the driver asks for an end
//	takes N               the flow takes N octets at a time; 0 for none
//
// Every talk is also held octet by octet, cut at each octet, and with a flow
// that takes one octet at a time: the lines are the same.
type talk struct {
	t       *testing.T
	c       *testConn
	options Options
	xs      []message.Exchange
	each    [][]string
	fields  []message.Field
	log     []string
	content map[int]string
	state   string
	most    int
	cut     func(octets string) []string
	isGone  bool // the connection has left HTTP
}

// talkFiles are the conversations of testdata/server.
var talkFiles = []string{"keepalive", "pipelining", "earlyresponse", "responses", "endofinput", "closing", "errors", "content", "interim", "trailers", "upgrade"}

// TestTalks holds the conversations of testdata.
func TestTalks(t *testing.T) {
	for _, name := range talkFiles {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", "server", name+".md")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := talks(t, string(text))
			if got != string(text) && *update {
				if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// talks holds all conversations of a file, and is the file as it should be.
func talks(t *testing.T, text string) string {
	var out strings.Builder
	heading := ""
	for rest := text; rest != ""; {
		line, after, _ := strings.Cut(rest, "\n")
		rest = after
		out.WriteString(line + "\n")
		if h, ok := strings.CutPrefix(line, "## "); ok {
			heading = h
		}
		if line != "```talk" {
			continue
		}
		block, after, _ := strings.Cut(rest, "```\n")
		rest = after
		got := hold(t, block, 0, func(octets string) []string { return []string{octets} })
		if got != block && !*update {
			t.Errorf("%s:\n got\n%s\nwant\n%s", heading, got, block)
		}
		out.WriteString(got + "```\n")
		holdOtherwise(t, heading, got)
	}
	return out.String()
}

// holdOtherwise holds a talk in other cuts and through a slow flow.
func holdOtherwise(t *testing.T, heading, block string) {
	t.Helper()
	octets := 0
	check := func(how string, most int, cut func(string) []string) {
		if got := hold(t, block, most, cut); got != block {
			t.Errorf("%s, %s:\n got\n%s\nwant\n%s", heading, how, got, block)
		}
	}
	check("octet by octet", 0, func(all string) []string { octets += len(all); return bytewise(all) })
	check("an octet a write", 1, func(all string) []string { return []string{all} })
	check("octet by octet, both ways", 1, bytewise)
	for at := 1; at < min(octets, 600) && !t.Failed(); at++ {
		left := at
		check(fmt.Sprintf("cut at %d", at), 0, func(all string) []string {
			k := left
			if left -= len(all); k <= 0 || k >= len(all) {
				return []string{all}
			}
			return []string{all[:k], all[k:]}
		})
	}
}

// bytewise are the octets one by one.
func bytewise(octets string) (parts []string) {
	for i := range len(octets) {
		parts = append(parts, octets[i:i+1])
	}
	return parts
}

// hold has the conversation, and is the block as it went.
func hold(t *testing.T, block string, most int, cut func(string) []string) string {
	v := &talk{t: t, most: most, cut: cut, state: "reads", content: map[int]string{}}
	v.options = Options{OnPanic: func(any) {}, Handler: message.Inline(message.HandlerFunc(v.serve))}
	lines := strings.Split(strings.TrimSuffix(block, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch {
		case strings.HasPrefix(line, "> "):
			octets := ""
			for ; i < len(lines) && strings.HasPrefix(lines[i], "> "); i++ {
				v.log = append(v.log, lines[i])
				octets += unquote(t, lines[i][2:])
			}
			i--
			v.conn()
			for _, part := range v.cut(octets) {
				v.c.feed(part)
			}
			v.flush()
		case strings.HasPrefix(line, "! "):
			v.log = append(v.log, line)
			v.do(strings.Fields(line[2:]), line[2:])
			if v.c != nil {
				v.c.look()
				v.flush()
			}
		case strings.HasPrefix(line, "# "):
			v.log = append(v.log, line)
		case strings.HasPrefix(line, "< "), strings.HasPrefix(line, "= "):
		default:
			t.Fatalf("a line that begins with none of > ! < = #: %q", line)
		}
	}
	if v.c != nil && !v.isGone {
		v.c.h.Lock()
		v.c.s.ReportError(errors.New("the test is over"))
		v.c.h.Unlock()
	}
	return strings.Join(v.log, "\n") + "\n"
}

// unquote is octets as they are written.
func unquote(t *testing.T, text string) string {
	octets, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return octets
}

// conn begins the connection.
func (v *talk) conn() {
	if v.c == nil {
		v.c = newTestConn(v.t, v.options)
		v.c.most = v.most
	}
}

func (v *talk) line(format string, args ...any) {
	v.log = append(v.log, "= "+fmt.Sprintf(format, args...))
}

// serve is the handler.
func (v *talk) serve(x message.Exchange) {
	n := len(v.xs) + 1
	v.line("%d %s %q", n, x.Method(), x.Target())
	if len(v.each) == 0 {
		v.xs = append(v.xs, x.Detach())
		return
	}
	v.xs = append(v.xs, x)
	for _, words := range v.each {
		v.act(n, x, words)
	}
}

// act does something to an exchange.
func (v *talk) act(n int, x message.Exchange, words []string) {
	var err error
	text := ""
	if len(words) > 1 {
		text = unquote(v.t, words[len(words)-1])
	}
	number := func(i int) int64 {
		if i >= len(words) {
			return -1
		}
		k, err := strconv.ParseInt(words[i], 10, 64)
		if err != nil {
			v.t.Fatalf("%v: %v", words, err)
		}
		return k
	}
	switch words[0] {
	case "respond":
		if len(words) < 3 {
			text = ""
		}
		err = x.Respond(message.Status(number(1)), v.takeFields(), []byte(text))
	case "start":
		err = x.Start(message.Status(number(1)), v.takeFields(), number(2))
	case "write":
		_, err = x.Write([]byte(text))
	case "lend":
		_ = x.WriteLent([]byte(text), func(err error) { v.line("%d given back: %v", n, err) })
	case "flush":
		x.OnFlushed(func(_ message.Exchange, err error) { v.line("%d flushed: %v", n, err) })
	case "interim":
		err = x.Interim(message.Status(number(1)), v.takeFields())
	case "upgrade":
		err = x.Upgrade(message.Status(number(1)), v.takeFields(), func(message.Stream, []byte) {})
	case "end":
		err = x.End(v.takeFields()...)
	case "read":
		err = x.OnContent(func(x message.Exchange, p []byte, err error) int { return v.read(n, x, p, err) })
	case "reset":
		x.Reset()
	case "err":
		v.line("%d is: %v", n, x.Err())
	case "panic":
		panic("so it was written")
	default:
		v.t.Fatalf("nobody knows how to %v an exchange", words)
	}
	if err != nil {
		v.line("%d error: %v", n, err)
	}
}

// read takes content, and tells of its end.
func (v *talk) read(n int, x message.Exchange, p []byte, err error) int {
	v.content[n] += string(p)
	if err == nil {
		return len(p)
	}
	v.told(n)
	trailers := x.Trailers()
	for i := range trailers.Len() {
		v.line("%d trailer %q: %q", n, trailers.Name(i), trailers.Value(i))
	}
	if err == message.ErrEnd {
		v.line("%d content ended", n)
	} else {
		v.line("%d content failed: %v", n, err)
	}
	return 0
}

// told tells of content that has come.
func (v *talk) told(n int) {
	if c := v.content[n]; c != "" {
		v.line("%d content %q", n, c)
		delete(v.content, n)
	}
}

func (v *talk) takeFields() (fs []message.Field) {
	fs, v.fields = v.fields, nil
	return fs
}

// do does what a line says.
func (v *talk) do(words []string, text string) {
	if n, err := strconv.Atoi(words[0]); err == nil {
		if n > len(v.xs) {
			v.t.Fatalf("%s: there is no exchange %d yet", text, n)
		}
		v.act(n, v.xs[n-1], words[1:])
		return
	}
	switch words[0] {
	case "options":
		k, err := strconv.ParseInt(words[2], 10, 64)
		if err != nil {
			v.t.Fatal(err)
		}
		reflect.ValueOf(&v.options).Elem().FieldByName(words[1]).SetInt(k)
		return
	case "each":
		v.each = append(v.each, words[1:])
		return
	case "fields":
		name, value, _ := strings.Cut(strings.TrimPrefix(text, "fields "), ": ")
		v.fields = append(v.fields, message.Field{Name: unquote(v.t, name), Value: unquote(v.t, value)})
		return
	}
	v.conn()
	switch words[0] {
	case "eof":
		v.c.end()
	case "breaks":
		v.c.turn(func(s *Server) { s.ReportError(errors.New("the flow is broken")) })
	case "shutdown":
		v.c.turn((*Server).Shutdown)
	case "passes":
		d, err := time.ParseDuration(words[1])
		if err != nil {
			v.t.Fatal(err)
		}
		v.c.after(int64(d))
	case "takes":
		n, err := strconv.Atoi(words[1])
		if err != nil {
			v.t.Fatal(err)
		}
		if v.c.most = n; n == 0 {
			v.c.most = -1
		}
	default:
		v.t.Fatalf("nobody knows how to %s", text)
	}
}

// turn has a turn of the engine.
func (c *testConn) turn(f func(*Server)) {
	c.h.Lock()
	defer c.h.Unlock()
	f(c.s)
}

// flush tells what has happened since the last line.
func (v *talk) flush() {
	for n := range v.xs {
		v.told(n + 1)
	}
	out := strings.ReplaceAll(string(v.c.out), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "")
	v.c.out = v.c.out[:0]
	out = strings.ReplaceAll(out, "HTTP/1.1 ", "\x00HTTP/1.1 ") // each response on a line of its own
	for line := range strings.FieldsFuncSeq(strings.ReplaceAll(out, "\r\n", "\r\n\x00"), func(c rune) bool { return c == 0 }) {
		if line != "" {
			quoted := strconv.Quote(line)
			v.log = append(v.log, "< "+strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`))
		}
	}
	if v.isGone {
		return
	}
	v.c.h.Lock()
	reads := v.c.s.NextRead()
	writes, _ := v.c.s.NextWrite()
	v.c.h.Unlock()
	if reads == engine.Upgrade && writes == engine.Upgrade {
		v.isGone = true
		rest, _ := v.c.leave()
		v.line("leaves HTTP, with %q", rest)
		return
	}
	state := map[engine.Op]string{engine.Read: "reads", engine.Yield: "pauses", engine.Close: "reads no more"}[reads]
	switch {
	case reads == engine.Close && writes == engine.Close:
		state = "closed"
	case writes == engine.Close:
		state += ", writes no more"
	}
	if state != v.state {
		v.state = state
		v.line("%s", state)
	}
}
