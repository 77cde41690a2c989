//go:build openssl && cgo

package main

// #include <stdlib.h>
// #include "glue.h"
import "C"

import (
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/secure"
)

// session is a secure.Session. Nothing of OpenSSL waits, and the lock isn't held
// while the net.Conn does.
type session struct {
	context *context
	conn    net.Conn

	mu       sync.Mutex
	ssl      *C.SSL // nil once it is free
	err      error  // why nothing is encrypted any more
	security flow.Security
	isEnded  bool // CloseWrite has been called

	sending sync.Mutex // held while octets go to the net.Conn; before mu
}

var (
	_ secure.Session = (*session)(nil)
	_ secure.Freer   = (*session)(nil)
)

// sessions is how many there are that aren't free.
var sessions atomic.Int64

var errFreed = fmt.Errorf("openssl: use of a closed session: %w", net.ErrClosed)

// buffers hold what goes between the net.Conn and OpenSSL.
var buffers = sync.Pool{New: func() any { return new([17 << 10]byte) }}

func newSession(c *context, below net.Conn) *session {
	s := &session{context: c, conn: below}
	name := C.CString(c.name)
	defer C.free(unsafe.Pointer(name))
	if s.ssl = C.new_session(c.ctx, truth(c.isClient), name); s.ssl == nil {
		s.err = errors.New("openssl: a session can't be made: there is no memory, or the name of the server is none")
		return s
	}
	sessions.Add(1)
	return s
}

// Free implements secure.Freer.
func (s *session) Free() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ssl != nil {
		C.SSL_free(s.ssl)
		s.ssl = nil
		sessions.Add(-1)
	}
	runtime.KeepAlive(s.context)
}

// do is an operation of OpenSSL, which is why it fails if it does. Whatever it
// has to send is left for flush.
func (s *session) do(f func(ssl *C.SSL, text *C.char) C.int) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil && s.ssl == nil:
		return 0, s.err
	case s.ssl == nil:
		return 0, errFreed
	}
	var text [C.TEXT]C.char
	switch n := f(s.ssl, &text[0]); n {
	case C.AGAIN:
		return 0, flow.ErrWouldBlock
	case C.ENDED:
		return 0, io.EOF
	case C.FAILED:
		return 0, fmt.Errorf("openssl: %w", failure(&text))
	default:
		return int(n), nil
	}
}

// flush sends what OpenSSL has to send. If another goroutine is at it, that
// sends this too: to wait for it could mean that nobody reads.
func (s *session) flush() (err error) {
	for err == nil && s.pending() > 0 {
		if !s.sending.TryLock() {
			return nil
		}
		err = s.send()
		s.sending.Unlock()
	}
	return err
}

// send sends what OpenSSL has to send. The lock of sending is held.
func (s *session) send() error {
	b := buffers.Get().(*[17 << 10]byte)
	defer buffers.Put(b)
	for {
		n, err := s.drain(b[:])
		if n == 0 {
			return err
		}
		if _, err := s.conn.Write(b[:n]); err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.err = err // a part of a record may have left
			return err
		}
	}
}

// drain moves octets to p that are to be sent.
func (s *session) drain(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil:
		return 0, s.err
	case s.ssl == nil:
		return 0, errFreed
	}
	return int(C.drain(s.ssl, unsafe.Pointer(&p[0]), C.int(len(p)))), nil
}

func (s *session) pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ssl == nil || s.err != nil {
		return 0
	}
	return int(C.pending(s.ssl))
}

// fill reads from the net.Conn for OpenSSL. The end of it is no end of TLS.
func (s *session) fill() error {
	b := buffers.Get().(*[17 << 10]byte)
	defer buffers.Put(b)
	n, err := s.conn.Read(b[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ssl == nil:
		return errFreed
	case n > 0:
		C.feed(s.ssl, unsafe.Pointer(&b[0]), C.int(n))
		return nil // what else there is comes again
	case err == io.EOF:
		return io.ErrUnexpectedEOF
	}
	return err
}

// Handshake implements secure.Session.
func (s *session) Handshake() error {
	for {
		_, err := s.do(func(ssl *C.SSL, text *C.char) C.int { return C.handshake(ssl, text) })
		sent := s.flush()
		switch {
		case err == nil && sent == nil:
			s.agree()
			return nil
		case err != nil && err != flow.ErrWouldBlock:
			return err
		case sent != nil:
			return sent
		}
		if err := s.fill(); err != nil {
			return fmt.Errorf("openssl: in the handshake: %w", err)
		}
	}
}

// Read implements secure.Session.
func (s *session) Read(p []byte) (int, error) {
	for {
		n, err := s.do(func(ssl *C.SSL, text *C.char) C.int {
			return C.decrypt(ssl, unsafe.Pointer(&p[0]), C.int(min(len(p), 1<<30)), text)
		})
		_ = s.flush() // what reading makes it say; if that fails, so does writing
		if err != flow.ErrWouldBlock {
			return n, err
		}
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
}

// recordOctets is the most that is encrypted before it is sent.
const recordOctets = 16 << 10

// Write implements secure.Session.
func (s *session) Write(p []byte) (n int, err error) {
	s.sending.Lock()
	for n < len(p) && err == nil {
		var k int
		if k, err = s.encrypt(p[n:min(n+recordOctets, len(p))]); err == nil {
			err = s.send()
		}
		if err == nil {
			n += k
		}
	}
	s.sending.Unlock()
	return n, errors.Join(err, s.flush()) // what a reader has left meanwhile
}

func (s *session) encrypt(p []byte) (int, error) {
	if err := s.writable(); err != nil {
		return 0, err
	}
	return s.do(func(ssl *C.SSL, text *C.char) C.int {
		return C.encrypt(ssl, unsafe.Pointer(&p[0]), C.int(len(p)), text)
	})
}

// writable says why nothing is written any more.
func (s *session) writable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isEnded {
		return errors.New("openssl: writing behind the end (CloseWrite)")
	}
	return s.err
}

// CloseWrite implements secure.Session.
func (s *session) CloseWrite() error {
	s.sending.Lock()
	defer s.sending.Unlock()
	return s.closeWrite()
}

// closeWrite is CloseWrite. The lock of sending is held.
func (s *session) closeWrite() error {
	_, err := s.do(func(ssl *C.SSL, _ *C.char) C.int {
		if !s.isEnded {
			s.isEnded = true
			C.SSL_shutdown(ssl)
			C.ERR_clear_error() // one that has failed has nothing to say any more
		}
		return 1
	})
	return errors.Join(err, s.send())
}

// Close implements secure.Session.
func (s *session) Close() error {
	if s.sending.TryLock() { // else somebody writes, and is to stop
		_ = s.conn.SetWriteDeadline(time.Now().Add(5 * time.Second)) // see secure.Session
		_ = s.closeWrite()                                           // the peer may have gone
		s.sending.Unlock()
	}
	return s.conn.Close()
}

// Security implements secure.Session.
func (s *session) Security() flow.Security {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.security
}

// agree notes what has been agreed on.
func (s *session) agree() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ssl == nil || s.security.Version != "" {
		return
	}
	var protocol *C.uchar
	var n C.uint
	C.SSL_get0_alpn_selected(s.ssl, &protocol, &n)
	s.security = flow.Security{
		Version:     strings.Replace(C.GoString(C.SSL_get_version(s.ssl)), "TLSv", "TLS ", 1),
		CipherSuite: C.GoString(C.SSL_CIPHER_standard_name(C.SSL_get_current_cipher(s.ssl))),
		ServerName:  C.GoString(C.SSL_get_servername(s.ssl, C.TLSEXT_NAMETYPE_host_name)),
		ALPN:        C.GoStringN((*C.char)(unsafe.Pointer(protocol)), C.int(n)),
		IsResumed:   C.SSL_session_reused(s.ssl) == 1,
	}
	for nth := C.int(0); ; nth++ {
		var der *C.uchar
		n := C.peer_certificate(s.ssl, truth(s.context.isClient), nth, &der)
		if n <= 0 {
			return
		}
		s.security.PeerCertificates = append(s.security.PeerCertificates, C.GoBytes(unsafe.Pointer(der), n))
		C.free_der(der)
	}
}
