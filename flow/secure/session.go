package secure

import (
	"net"

	"github.com/specht-http/specht/flow"
)

// Session is one end of an encrypted connection, as a TLS library does it over
// the net.Conn that it was made with.
type Session interface {
	// Handshake reads and writes until the ends have agreed. The net.Conn
	// blocks meanwhile. Once it has returned it only repeats its result.
	Handshake() error
	// Read is what the peer has sent. It ends in io.EOF when the peer has said
	// so (close_notify), without having read the end of the net.Conn. An io.EOF
	// behind that of the net.Conn is taken for io.ErrUnexpectedEOF: crypto/tls
	// makes no difference between records. When the net.Conn's Read answers
	// [ErrWouldBlock], so does this one, or an error that wraps it, perhaps
	// after some octets; it can then be called again. That of a Flow answers so
	// only when what has come already is asked for. It is not called with fewer
	// than one octet.
	Read(p []byte) (n int, err error)
	// Write encrypts p and writes it: all of it, unless there is an error.
	Write(p []byte) (n int, err error)
	// CloseWrite tells the peer that nothing more will be written.
	CloseWrite() error
	// Close ends a session whose flow blocks, telling the peer so if that
	// takes no long time, and closes the net.Conn.
	Close() error
	// Security is what has been agreed on, once Handshake has succeeded.
	Security() flow.Security
}

// Interrupter is a Session whose handshake can be interrupted while it waits in a
// callback.
type Interrupter interface {
	// Interrupt makes Handshake end as soon as it can, now or when it is called:
	// its callbacks are told, by their context or however the library does
	// that. It doesn't wait. Any goroutine may call it, at any time; once the
	// handshake has ended it does nothing.
	Interrupt()
}

// Freer is a Session that holds what the garbage collector knows nothing of, as
// memory of a library in C.
type Freer interface {
	// Free lets it go. It is called once the flow has been closed or reset, and
	// once only. In a flow that blocks, other methods may be under way in other
	// goroutines, or come later: they answer an error. Security says what it
	// said before.
	Free()
}

// ErrWouldBlock is what the net.Conn of a Poll's session answers when nothing
// has arrived. It is a net.Error, and says that it is temporary and a timeout:
// crypto/tls and its relatives then let the session live. It wraps
// flow.ErrWouldBlock.
var ErrWouldBlock net.Error = wouldBlock{}

type wouldBlock struct{}

func (wouldBlock) Error() string   { return "secure: nothing has arrived" }
func (wouldBlock) Timeout() bool   { return true }
func (wouldBlock) Temporary() bool { return true }
func (wouldBlock) Unwrap() error   { return flow.ErrWouldBlock }
