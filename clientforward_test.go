package specht_test

import (
	"fmt"
	"testing"

	specht "github.com/specht-http/specht"
	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/message"
)

// marks answers with the fields that have come, and a ! behind those that are
// never indexed; / is what the request is directed at.
var marks = message.HandlerFunc(func(x message.Exchange) {
	text := "/"
	if x.Fields().IsTargetSensitive() {
		text += "!"
	}
	var fields []message.Field
	for i := range x.Fields().Len() {
		f := x.Fields().Field(i)
		if f.Name != "a" && f.Name != "b" {
			continue
		}
		if text += " " + f.Name; f.IsSensitive {
			text += "!"
		}
		fields = append(fields, message.Field{Name: "of-" + f.Name, Value: f.Value, IsSensitive: f.IsSensitive})
	}
	_ = x.Respond(200, fields, []byte(text))
})

// An intermediary passes on what was never indexed as what it is, both ways
// (RFC 7541, Section 7.1.3).
func TestForwardedNeverIndexed(t *testing.T) {
	origin := start(t, newServer(t, specht.ServerOptions{Handler: message.Inline(marks)}), specht.Service{}).URL()
	up := closed(t, &specht.Client{Version: alpn.WantHTTP2})
	proxy := message.HandlerFunc(func(x message.Exchange) {
		var fields []message.Field
		for i := range x.Fields().Len() {
			if x.Fields().ID(i) != message.FieldNameHost {
				fields = append(fields, x.Fields().Field(i))
			}
		}
		r, err := up.Do(t.Context(), &specht.Request{URL: origin + string(x.Target()), Fields: fields, IsSensitive: x.Fields().IsTargetSensitive()})
		if err != nil {
			t.Error(err)
			return
		}
		defer r.Close()
		fields = nil
		for i := range r.Fields.Len() {
			if r.Fields.ID(i) != message.FieldNameContentLength {
				fields = append(fields, r.Fields.Field(i))
			}
		}
		b := make([]byte, 100)
		n, _ := r.Read(b)
		_ = x.Respond(r.Status, fields, b[:n])
	})
	url := start(t, newServer(t, specht.ServerOptions{Handler: proxy}), specht.Service{}).URL()
	c := closed(t, &specht.Client{Version: alpn.WantHTTP2})
	for bits := range 8 {
		is := func(bit int) (bool, string) {
			if bits&bit != 0 {
				return true, "!"
			}
			return false, ""
		}
		isA, a := is(1)
		isB, b := is(2)
		isTarget, target := is(4)
		r := want(t, c, &specht.Request{URL: url + "/x", IsSensitive: isTarget, Fields: []message.Field{
			{Name: "a", Value: "1", IsSensitive: isA}, {Name: "b", Value: "2", IsSensitive: isB},
		}}, 200, fmt.Sprintf("/%s a%s b%s", target, a, b))
		for i := range r.Fields.Len() {
			f := r.Fields.Field(i)
			if f.Name == "of-a" && f.IsSensitive != isA || f.Name == "of-b" && f.IsSensitive != isB {
				t.Errorf("%d: the response has %+v", bits, f)
			}
		}
	}
}
