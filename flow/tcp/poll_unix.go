//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package tcp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/internal/socket"
)

// Poll is a TCP connection whose operations don't block.
type Poll struct {
	socket.Socket
	peer netip.AddrPort
}

var (
	_ flow.Poll      = (*Poll)(nil)
	_ flow.Described = (*Poll)(nil)
	_ flow.Addressed = (*Poll)(nil)
	_ flow.Resetter  = (*Poll)(nil)
	_ flow.Blockable = (*Poll)(nil)
)

// Peer implements flow.Addressed.
func (f *Poll) Peer() netip.AddrPort { return f.peer }

// Block implements flow.Blockable, with a *Flow.
func (f *Poll) Block() (flow.Flow, error) {
	c, err := f.Conn()
	if err != nil {
		return nil, err
	}
	return New(c.(*net.TCPConn)), nil
}

// newPoll makes a Poll that owns fd.
func newPoll(fd int, peer netip.AddrPort) *Poll {
	f := &Poll{peer: peer}
	f.Init(fd)
	// A connection works without TCP_NODELAY, and one that broke before it
	// was accepted says so when it is read.
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	return f
}

// DialPoll begins to open a connection. It resolves the host, which may
// block, then returns before the connection is open: until then the Poll
// would block. If it can't be opened, reading and writing fail.
func DialPoll(address string) (flow.Poll, error) {
	a, err := resolve(address)
	if err != nil {
		return nil, fmt.Errorf("flow: dialing %s: %w", address, err)
	}
	if a.Addr().IsUnspecified() || !a.Addr().IsValid() {
		a = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port())
	}
	fd, err := socket.Open(family(a.Addr()))
	if err != nil {
		return nil, err
	}
	if err := unix.Connect(fd, sockaddr(a)); err != nil && err != unix.EINPROGRESS {
		unix.Close(fd)
		return nil, fmt.Errorf("flow: dialing %s: %w", address, err)
	}
	return newPoll(fd, a), nil
}

// PollListener gives a Poll for each connection.
type PollListener struct {
	socket  socket.Socket
	address netip.AddrPort
}

var (
	_ flow.PollListener = (*PollListener)(nil)
	_ flow.Described    = (*PollListener)(nil)
)

// ListenPoll listens. The error matches syscall.EADDRINUSE where the address
// is in use.
func ListenPoll(address string) (flow.PollListener, error) {
	l, err := listenPoll(address, false)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// listenPoll is ListenPoll, of an address that is shared with others or isn't.
func listenPoll(address string, isShared bool) (*PollListener, error) {
	a, err := resolve(address)
	if err != nil {
		return nil, fmt.Errorf("flow: listening on %s: %w", address, err)
	}
	var fd int
	if a.Addr().IsValid() {
		fd, err = listen(a, isShared)
	} else {
		fd, err = listenAll(a.Port(), isShared)
	}
	if err != nil {
		return nil, fmt.Errorf("flow: listening on %s: %w", address, err)
	}
	l, err := newPollListener(fd)
	if err != nil {
		return nil, fmt.Errorf("flow: listening on %s: %w", address, err)
	}
	return l, nil
}

// newPollListener makes a PollListener that owns fd, also if it fails.
func newPollListener(fd int) (*PollListener, error) {
	l := &PollListener{}
	l.socket.Init(fd)
	bound, err := unix.Getsockname(fd)
	if err != nil {
		l.Close()
		return nil, err
	}
	switch s := bound.(type) {
	case *unix.SockaddrInet4:
		l.address = netip.AddrPortFrom(netip.AddrFrom4(s.Addr), uint16(s.Port))
	case *unix.SockaddrInet6:
		l.address = netip.AddrPortFrom(netip.AddrFrom16(s.Addr), uint16(s.Port))
	default:
		l.Close()
		return nil, errors.New("the socket isn't one of TCP")
	}
	return l, nil
}

// listenAll listens on all addresses: over IPv6 and IPv4, as far as the system has
// them and one socket takes both.
func listenAll(port uint16, isShared bool) (int, error) {
	if socket.IsDual {
		fd, err := listen(netip.AddrPortFrom(netip.IPv6Unspecified(), port), isShared)
		if !errors.Is(err, unix.EAFNOSUPPORT) && !errors.Is(err, unix.EADDRNOTAVAIL) {
			return fd, err
		}
	}
	return listen(netip.AddrPortFrom(netip.IPv4Unspecified(), port), isShared)
}

// listen makes a listening socket. The unspecified IPv6 address takes IPv4
// too.
func listen(a netip.AddrPort, isShared bool) (int, error) {
	fd, err := socket.Open(family(a.Addr()))
	if err != nil {
		return -1, err
	}
	err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err == nil && socket.IsDual && a.Addr() == netip.IPv6Unspecified() {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0)
	}
	if err == nil && isShared {
		err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, socket.Sharing, 1)
	}
	if err == nil {
		err = unix.Bind(fd, sockaddr(a))
	}
	if err == nil {
		err = unix.Listen(fd, socket.Backlog)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// TryAccept implements flow.PollListener.
func (l *PollListener) TryAccept() (flow.Poll, error) {
	fd, peer, err := l.socket.TryAccept()
	if err != nil {
		return nil, err
	}
	return newPoll(fd, peer), nil
}

// Descriptor implements flow.Described.
func (l *PollListener) Descriptor() int { return l.socket.Descriptor() }

// Close implements flow.PollListener.
func (l *PollListener) Close() error { return l.socket.Close() }

// Addr implements flow.PollListener.
func (l *PollListener) Addr() string { return l.address.String() }

// resolve turns host:port into an address. An empty host gives one that is
// not valid.
func resolve(address string) (netip.AddrPort, error) {
	a, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	p := a.AddrPort()
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port()), nil
}

// family is the address family of a.
func family(a netip.Addr) int {
	if a.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// sockaddr is a as the system takes it.
func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16(), ZoneId: zone(a.Addr().Zone())}
}

// zone is the index of an interface, by number or by name; 0 for none.
func zone(name string) uint32 {
	if name == "" {
		return 0
	}
	if n, err := strconv.ParseUint(name, 10, 32); err == nil {
		return uint32(n)
	}
	if i, err := net.InterfaceByName(name); err == nil {
		return uint32(i.Index)
	}
	return 0
}
