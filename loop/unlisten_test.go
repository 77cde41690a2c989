package loop_test

import (
	"testing"

	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/loop"
)

// One listener of a Loop ends: what has been connected is accepted, connections
// go on, and so does the other listener.
func TestUnlisten(t *testing.T) {
	l := newQueueLoop(t, loop.Options{})
	first, second := mem.ListenPoll(mem.Options{}), mem.ListenPoll(mem.Options{})
	for _, pl := range []*mem.PollListener{first, second} {
		if err := l.Listen(pl, lineEngines(nil)); err != nil {
			t.Fatal(err)
		}
	}
	var clients []*mem.Flow
	for range 100 { // more than are accepted at once
		c, err := first.Dial()
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, c)
	}
	ended := make(chan error, 1)
	go func() { ended <- l.Run() }()
	l.Unlisten(first)
	if _, err := first.Dial(); err == nil {
		t.Error("the listener isn't closed")
	}
	c, err := second.Dial()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range append(clients, c) {
		send(t, c, "hello\n")
		want(t, c, "hello\n")
		c.Close()
	}
	l.Unlisten(first) // again: nothing happens
	if err := l.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	l.Unlisten(second) // that has ended with the Loop
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// The address is free when Unlisten returns, and a Loop that is asked for its
// end meanwhile tells who waits.
func TestUnlistenFreesTheAddress(t *testing.T) {
	l, err := loop.New(loop.Options{})
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	pl, err := tcp.ListenPoll("127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	if err := l.Listen(pl, lineEngines(nil)); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- l.Run() }()
	at := pl.Addr()
	l.Unlisten(pl)
	again, err := tcp.ListenPoll(at)
	if err != nil {
		t.Fatalf("listening again: %v", err)
	}
	if err := l.Listen(again, lineEngines(nil)); err != nil {
		t.Fatal(err)
	}
	unlistened := make(chan struct{})
	go func() {
		defer close(unlistened)
		l.Unlisten(again)
	}()
	l.Close()
	<-unlistened
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
