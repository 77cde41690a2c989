package h2

import (
	"testing"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// testConns are both ends of a connection, with the limits that engines have.
func testConns() (client, server *Conn) {
	o := &NewService(Options{Handler: message.Inline(message.HandlerFunc(func(message.Exchange) {}))}).conn
	return NewClientConn(o), NewServerConn(o)
}

// receiveAll has c read everything in b, and gives f what it finds.
func receiveAll(c *Conn, b []byte, f func(Event)) {
	for {
		n, event := c.Receive(b)
		b = b[n:]
		f(event)
		if event == EventMore && (n == 0 || len(b) == 0) {
			return
		}
	}
}

// A response that can't be sent any more leaves the table of fields as it is: the
// ones behind it arrive as they were meant.
func TestUnsentBlocks(t *testing.T) {
	client, server := testConns()
	out := client.AppendPending(nil)
	for range 2 {
		out, _, _ = client.AppendRequest(out, &message.RequestHead{Authority: "a"}, "http", true)
	}
	var streams []*Stream
	receiveAll(server, out, func(e Event) {
		if e == EventHead {
			streams = append(streams, server.Stream)
		}
	})
	if len(streams) != 2 {
		t.Fatalf("%d requests", len(streams))
	}
	server.Reset(streams[0], frames.CodeCancel)
	head := func(value string) *ReplyHead {
		return &ReplyHead{Status: 200, Fields: []message.Field{{Name: "Server", Value: value}}, ContentLength: -1}
	}
	out = server.AppendPending(nil)
	if b, err := server.AppendResponse(nil, streams[0], head("lost"), true); err == nil || len(b) > 0 {
		t.Fatalf("a response on a stream that was reset: %x, %v", b, err)
	}
	if b, err := server.AppendResponse(nil, streams[1], &ReplyHead{Status: 200, Fields: []message.Field{{Name: "Server", Value: "lost"}, {Name: "Connection", Value: "a"}}}, true); err == nil || len(b) > 0 {
		t.Fatalf("a response that can't be sent: %x, %v", b, err)
	}
	out, err := server.AppendResponse(out, streams[1], head("sent"), true)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	receiveAll(client, out, func(e Event) {
		switch e {
		case EventHead:
			got += lines(client.Section)
		case EventFailed:
			t.Errorf("the client refuses it: %v", client.Fault)
		}
	})
	if got != "server: sent\n" {
		t.Errorf("the client finds %q", got)
	}
	if n := len(server.encoder.owned.entries); n != 1 {
		t.Errorf("%d fields are in the table, but one was sent", n)
	}
}

// A block that can't be decoded ends the connection.
func TestUndecodableBlock(t *testing.T) {
	client, server := testConns()
	out := client.AppendPending(nil)
	out = frames.AppendHeader(out, frames.Header{Length: 1, Type: frames.TypeHeaders, Flags: frames.FlagEndHeaders | frames.FlagEndStream, StreamID: 1})
	var fault *Error
	receiveAll(server, append(out, 0xbe), func(e Event) {
		if e == EventFailed {
			fault = server.Fault
		}
	})
	if fault == nil || fault.Code != frames.CodeCompressionError {
		t.Errorf("the fault is %v, want COMPRESSION_ERROR", fault)
	}
}
