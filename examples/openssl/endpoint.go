//go:build openssl && cgo

package main

// #cgo pkg-config: openssl
// #include <stdlib.h>
// #include "glue.h"
import "C"

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"unsafe"

	"github.com/specht-http/specht/flow/secure"
)

// context is an SSL_CTX, of one role.
type context struct {
	ctx      *C.SSL_CTX
	offer    *C.offer
	name     string // of the server, at a client
	isClient bool
}

// newServer is an endpoint for servers with a certificate and its key, in PEM.
// The first of the protocols that a client offers too is agreed on; a client that
// offers others only is refused.
func newServer(certificate, key []byte, protocols ...string) (*secure.Endpoint, error) {
	return newEndpoint(context{}, certificate, key, protocols)
}

// newClient is an endpoint for clients that trust one certificate, in PEM, if it
// is for name.
func newClient(name string, certificate []byte, protocols ...string) (*secure.Endpoint, error) {
	return newEndpoint(context{isClient: true, name: name}, certificate, nil, protocols)
}

func newEndpoint(role context, certificate, key []byte, protocols []string) (*secure.Endpoint, error) {
	c, err := newContext(role, certificate, key, protocols)
	if err != nil {
		return nil, err
	}
	return secure.New(secure.Options{
		IsClient:   c.isClient,
		NewSession: func(below net.Conn) secure.Session { return newSession(c, below) },
	}), nil
}

// newContext is freed when no endpoint and no session uses it any more.
func newContext(role context, certificate, key []byte, protocols []string) (*context, error) {
	c := &role
	c.offer = (*C.offer)(C.calloc(1, C.sizeof_offer))
	list := unsafe.Slice((*byte)(&c.offer.list[0]), len(c.offer.list))[:0]
	for _, p := range protocols {
		if len(p) == 0 || len(list)+1+len(p) > cap(list) {
			C.free(unsafe.Pointer(c.offer))
			return nil, fmt.Errorf("openssl: the protocol %q is empty, or doesn't fit into %d octets with the others", p, cap(list))
		}
		list = append(append(list, byte(len(p))), p...)
	}
	c.offer.n = C.uint(len(list))
	var text [C.TEXT]C.char
	c.ctx = C.new_context(truth(c.isClient), c.offer, pointer(certificate), C.int(len(certificate)), pointer(key), C.int(len(key)), &text[0])
	if c.ctx == nil {
		C.free(unsafe.Pointer(c.offer))
		return nil, fmt.Errorf("openssl: the certificate or its key: %w", failure(&text))
	}
	runtime.AddCleanup(c, func(old context) {
		C.SSL_CTX_free(old.ctx)
		C.free(unsafe.Pointer(old.offer))
	}, *c)
	return c, nil
}

// pointer is the first octet of b.
func pointer(b []byte) *C.char { return (*C.char)(unsafe.Pointer(unsafe.SliceData(b))) }

func truth(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// failure is what OpenSSL has said.
func failure(text *[C.TEXT]C.char) error { return errors.New(C.GoString(&text[0])) }
