package specht

import (
	"errors"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/flow/unix"
	"github.com/specht-http/specht/loop"
)

// listening is what listens in one place: a listener that blocks; or one that
// doesn't, from which connections are dealt out; or one for each loop.
type listening struct {
	block flow.Listener
	poll  []flow.PollListener
}

// listen opens the place of v, for the loops if there are some.
func (v *Service) listen(loops *loop.Loops) (listening, error) {
	isUnix := v.Network == "unix"
	switch {
	case v.Listener != nil:
		return listening{block: v.Listener}, nil
	case v.PollListener != nil && loops == nil:
		return listening{}, errors.New("specht: Service.PollListener is for DriverPoll, which this server hasn't: give a Listener")
	case v.PollListener != nil:
		return polling(v.PollListener, nil)
	case v.Shared && loops == nil:
		return listening{}, errors.New("specht: Service.Shared is for DriverPoll, which this server hasn't")
	case v.Shared:
		pls, err := tcp.ListenPollShared(v.Address, loops.Len())
		return listening{poll: pls}, err
	case isUnix && loops != nil:
		return polling(unix.ListenPoll(v.Address))
	case loops != nil:
		return polling(tcp.ListenPoll(v.Address))
	case isUnix:
		l, err := unix.Listen(v.Address)
		return blocking(l, err)
	}
	l, err := tcp.Listen(v.Address)
	return blocking(l, err)
}

// polling is listening by pl.
func polling(pl flow.PollListener, err error) (listening, error) {
	return listening{poll: []flow.PollListener{pl}}, err
}

// blocking is listening by fl.
func blocking(fl flow.Listener, err error) (listening, error) { return listening{block: fl}, err }

// encrypted is l with flows that are encrypted by e, unless that is nil.
func (l listening) encrypted(e *secure.Endpoint) listening {
	if e == nil {
		return l
	}
	if l.block != nil {
		return listening{block: e.Listen(l.block)}
	}
	over := make([]flow.PollListener, len(l.poll))
	for i, pl := range l.poll {
		over[i] = e.ListenPoll(pl)
	}
	return listening{poll: over}
}

// address is where peers reach it.
func (l *listening) address() string {
	if l.block != nil {
		return l.block.Addr()
	}
	return l.poll[0].Addr()
}

// close closes what no driver has.
func (l *listening) close() {
	for _, pl := range l.poll {
		_ = pl.Close() // nobody is left to be told
	}
	if l.block != nil {
		_ = l.block.Close()
	}
}
