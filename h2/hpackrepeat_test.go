package h2

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/message"
)

// TestRepeatedResponses encodes responses that come again and again, whose values
// stand in memory that is written over, while the table's size changes: each is
// decoded as it was meant.
func TestRepeatedResponses(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	buffer := make([]byte, 8)
	view := unsafe.String(&buffer[0], len(buffer))
	var e fieldEncoder
	e.init(4096)
	d := hpack.NewDecoder(4096, nil)
	repeated := 0
	for i := range 20000 {
		if random.IntN(200) == 0 {
			size := uint32(random.IntN(3) * 100)
			e.limit(size)
		}
		copy(buffer, fmt.Sprintf("value%03d", random.IntN(3)))
		status := message.Status(200 + random.IntN(2)*204)
		date := []string{"", "now", "then"}[random.IntN(3)]
		if random.IntN(4) > 0 { // as most do
			status, date = 200, "now"
			copy(buffer, "value000")
		}
		fields := []message.Field{{Name: "Content-Type", Value: view}, {Name: "server", Value: "a"}}[:random.IntN(3)]
		length := int64(random.IntN(3)) - 1
		if e.isRepeated(status, fields, date) {
			repeated++
		}
		b, err := e.appendResponse(nil, status, fields, ownFields{contentLength: length, date: date})
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		want = append(want, fmt.Sprintf(":status=%d", status))
		if date != "" {
			want = append(want, "date="+date)
		}
		for _, f := range fields {
			want = append(want, strings.ToLower(f.Name)+"="+f.Value)
		}
		if length >= 0 {
			want = append(want, fmt.Sprintf("content-length=%d", length))
		}
		d.SetEmitFunc(func(f hpack.HeaderField) { got = append(got, f.Name+"="+f.Value) })
		if _, err := d.Write(b); err != nil {
			t.Fatalf("response %d: %x: %v", i, b, err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, ";") != strings.Join(want, ";") {
			t.Fatalf("response %d is %q, want %q", i, got, want)
		}
	}
	if repeated < 1000 {
		t.Errorf("%d of the responses repeated the one before", repeated)
	}
}

// A repeated response costs no field its check: what can't be sent is refused as
// often as it is tried.
func TestRepeatedRefusals(t *testing.T) {
	var e fieldEncoder
	e.init(4096)
	good := []message.Field{{Name: "server", Value: "a"}}
	for range 3 {
		if _, err := e.appendResponse(nil, 200, good, ownFields{contentLength: -1}); err != nil {
			t.Fatal(err)
		}
		for _, f := range []message.Field{{Name: "server", Value: "a\r\nb: c"}, {Name: "Connection", Value: "close"}, {Name: ":status", Value: "200"}} {
			if _, err := e.appendResponse(nil, 200, []message.Field{f}, ownFields{contentLength: -1}); err == nil {
				t.Errorf("%v is sent", f)
			}
		}
	}
}
