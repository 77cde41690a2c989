package h2

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/message"
)

// representations are the fields of a block, with a ! behind those that came as
// literals that are never indexed.
func representations(t *testing.T, d *hpack.Decoder, b []byte) (list string) {
	t.Helper()
	d.SetEmitFunc(func(f hpack.HeaderField) {
		list += f.Name + "=" + f.Value
		if f.Sensitive {
			list += "!"
		}
		list += " "
	})
	_, err := d.Write(b)
	if err == nil {
		err = d.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// sectionOf receives fields, of which those at the places that are named are
// never indexed, and is their section.
func sectionOf(t *testing.T, isServer bool, fields []string, sensitive ...int) *FieldSection {
	t.Helper()
	o := NewService(inline(hello)).conn
	c := newConn(&o, isServer, new(connWorkspace))
	p := &serverPeer{}
	p.enc = hpack.NewEncoder(&p.head)
	for i := 0; i < len(fields); i += 2 {
		f := hpack.HeaderField{Name: fields[i], Value: fields[i+1]}
		for _, at := range sensitive {
			f.Sensitive = f.Sensitive || at == i/2
		}
		_ = p.enc.WriteField(f)
	}
	c.beginBlock(nil, sectionResponse)
	if isServer {
		c.fieldBlock.kind = sectionRequest
	}
	c.beginSection()
	if err := c.decoder.decode(p.head.Bytes()); err != nil {
		t.Fatal(err)
	}
	if f := c.section.end(); f != nil {
		t.Fatal(f)
	}
	return &c.section
}

// What came as a literal that is never indexed leaves as one, if an intermediary
// passes on what message.Fields says of it (RFC 7541, Sections 6.2.3 and 7.1.3):
// regular fields, and, together, what a request is directed at.
func TestNeverIndexedIsPassedOn(t *testing.T) {
	request := asking("GET", "/secret", "accept", "text/html", "x-key", "1", "host", "a.example")
	tests := []struct {
		sensitive []int
		want      string
	}{
		{nil, ":method=GET :scheme=http :authority=a.example :path=/secret accept=text/html x-key=1 "},
		{[]int{4}, ":method=GET :scheme=http :authority=a.example :path=/secret accept=text/html! x-key=1 "},
		{[]int{5}, ":method=GET :scheme=http :authority=a.example :path=/secret accept=text/html x-key=1! "},
		{[]int{3}, ":method=GET! :scheme=http! :authority=a.example! :path=/secret! accept=text/html x-key=1 "},
		{[]int{2}, ":method=GET! :scheme=http! :authority=a.example! :path=/secret! accept=text/html x-key=1 "},
		{[]int{6}, ":method=GET! :scheme=http! :authority=a.example! :path=/secret! accept=text/html x-key=1 "},
		{[]int{0, 4}, ":method=GET! :scheme=http! :authority=a.example! :path=/secret! accept=text/html! x-key=1 "},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.sensitive), func(t *testing.T) {
			s := sectionOf(t, true, request, test.sensitive...)
			fields := message.NewFields(s.Arena, s.Lines)
			h := message.RequestHead{
				Method: string(s.Method.Of(s.Arena)), Target: string(s.Target.Of(s.Arena)), Authority: string(s.Authority.Of(s.Arena)),
				IsSensitive: fields.IsTargetSensitive(),
			}
			for i := range fields.Len() {
				if fields.ID(i) != message.FieldNameHost {
					h.Fields = append(h.Fields, fields.Field(i))
				}
			}
			var e fieldEncoder
			e.init(4096)
			d := hpack.NewDecoder(4096, nil)
			plain := message.RequestHead{Target: h.Target, Authority: h.Authority}
			for _, f := range h.Fields { // so that the table has them
				plain.Fields = append(plain.Fields, message.Field{Name: f.Name, Value: f.Value})
			}
			for _, h := range []*message.RequestHead{&plain, &plain, &h} {
				b, err := e.appendRequest(nil, h, "http", "")
				if err != nil {
					t.Fatal(err)
				}
				want := test.want
				if h == &plain {
					want = strings.ReplaceAll(want, "!", "")
				}
				if got := representations(t, d, b); got != want {
					t.Errorf("it leaves as\n%s, want\n%s", got, want)
				}
			}
		})
	}

	s := sectionOf(t, false, []string{":status", "200", "content-type", "text/html", "set-cookie", "a=b", "content-type", "b", "x-key", "1", "content-length", "3"}, 1, 4, 5)
	fields := message.NewFields(s.Arena, s.Lines)
	var sent []message.Field
	for i := range fields.Len() {
		if fields.ID(i) != message.FieldNameContentLength {
			sent = append(sent, fields.Field(i))
		}
	}
	var e fieldEncoder
	e.init(4096)
	d := hpack.NewDecoder(4096, nil)
	b, err := e.appendResponse(nil, s.Status, sent, ownFields{contentLength: s.ContentLength})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := representations(t, d, b), ":status=200 content-type=text/html! set-cookie=a=b! content-type=b x-key=1! content-length=3! "; got != want {
		t.Errorf("a response leaves as\n%s, want\n%s", got, want)
	}
	b, err = e.appendTrailers(nil, []message.Field{sent[3], {Name: "x-sum", Value: "1"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := representations(t, d, b), "x-key=1! x-sum=1 "; got != want {
		t.Errorf("trailers leave as\n%s, want\n%s", got, want)
	}
}

// Both engines tell of heads and trailers what they were received as.
func TestNeverIndexedIsTold(t *testing.T) {
	marks := func(fields message.Fields) (s string) {
		for i := range fields.Len() {
			s += fmt.Sprintf("%s %v ", fields.Name(i), fields.IsSensitive(i))
		}
		return s
	}
	mixed := func(enc *hpack.Encoder, fields ...string) {
		for i := 0; i < len(fields); i += 2 {
			_ = enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1], Sensitive: fields[i] == "secret"})
		}
	}
	var head, trailers string
	p := serve(t, inline(func(x message.Exchange) {
		head = marks(x.Fields())
		_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
			if err == message.ErrEnd {
				trailers = marks(x.Trailers())
				hello(x)
			}
			return len(p)
		})
	}))
	p.say(func(fr *http2.Framer) {
		p.head.Reset()
		mixed(p.enc, asking("POST", "/", "plain", "1", "secret", "2", "cookie", "a=b", "cookie", "c=d")...)
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.head.Bytes(), EndHeaders: true})
		p.head.Reset()
		mixed(p.enc, "secret", "3", "plain", "4")
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.head.Bytes(), EndHeaders: true, EndStream: true})
	})
	if want := "host false plain false secret true cookie false "; head != want {
		t.Errorf("the head is %s, want %s", head, want)
	}
	if want := "secret true plain false "; trailers != want {
		t.Errorf("the trailers are %s, want %s", trailers, want)
	}

	k := talk(t, ClientOptions{})
	var told []string
	k.turn(func() {
		x, err := k.c.BeginInTurn(&message.RequestHead{Authority: "a.example"})
		if err != nil {
			t.Fatal(err)
		}
		x.OnInterim(func(_ message.ClientExchange, _ message.Status, fields message.Fields) {
			told = append(told, marks(fields))
		})
		x.OnResponse(func(x message.ClientExchange, _ error) {
			told = append(told, marks(x.Fields()))
			_ = x.OnContent(func(x message.ClientExchange, p []byte, err error) int {
				if err == message.ErrEnd {
					told = append(told, marks(x.Trailers()))
				}
				return len(p)
			})
		})
	})
	k.peer(func(fr *http2.Framer) {
		for i, fields := range [][]string{{":status", "103", "secret", "1"}, {":status", "200", "plain", "1", "secret", "2"}, {"plain", "3", "secret", "4"}} {
			k.head.Reset()
			mixed(k.enc, fields...)
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: k.head.Bytes(), EndHeaders: true, EndStream: i == 2})
		}
	})
	if got, want := fmt.Sprint(told), "[secret true  plain false secret true  plain false secret true ]"; got != want {
		t.Errorf("a client was told %s, want %s", got, want)
	}
	k.sent.Reset()
}
