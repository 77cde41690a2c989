package message_test

import (
	"testing"

	"github.com/specht-http/specht/message"
)

// Elements are found over lines, between empty elements and whatever white space,
// in any case, and never as part of another.
func TestHasElement(t *testing.T) {
	const arena = "upgrade, HTTP2-Settings ,,\t x"
	f := message.NewFields([]byte(arena), []message.FieldLine{
		{NameID: message.FieldNameVia, Value: message.Span{Start: 0, End: 29}},
		{NameID: message.FieldNameConnection, Value: message.Span{Start: 0, End: 7}},
		{NameID: message.FieldNameConnection, Value: message.Span{Start: 7, End: 29}},
	})
	for element, want := range map[string]bool{
		"Upgrade": true, "http2-settings": true, "X": true, "http2": false, "settings": false, "": false, "upgrade, http2-settings": false,
	} {
		if got := f.HasElement(message.FieldNameConnection, element); got != want {
			t.Errorf("HasElement(Connection, %q) is %v", element, got)
		}
	}
	if f.HasElement(message.FieldNameUpgrade, "upgrade") {
		t.Error("an element of another field")
	}
}
