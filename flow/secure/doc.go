// Package secure is encrypted flows over any flows, with the TLS library left
// open: package flow/tls brings that of the standard library, and others are
// brought as easily.
//
// Nouns: a [Session] is what a library does, one end of a connection: it
// handshakes, decrypts and encrypts over a net.Conn. An [Endpoint] makes
// sessions for one role, and flows of them: a [Flow] blocks, a [Poll] doesn't.
//
// # A library that blocks, in a loop that doesn't
//
// Libraries read their handshake from a net.Conn that blocks. That of a Poll
// runs on a goroutine of its own, which begins with the peer's first octets and
// ends with the handshake: it computes on octets that the loop has read, and
// leaves its answers for the loop to write. Only a few handshakes of an Endpoint
// compute at a time (Options.Slots), so that a herd of them takes no processor
// from those who are served; one that waits, for octets or in a callback, isn't
// one of them.
//
// From then on there is no goroutine. Read is called when octets have come, and
// finds that there are no more of them by an error that libraries take for
// temporary; what they write goes into a buffer.
//
// # What is promised
//
// An octet counts as written when the flow below has taken the record that it
// is in. Small slices are encrypted together, in records of up to 16 KiB. The
// end of a flow that the peer has announced (close_notify) is io.EOF; where the
// connection just ends it is io.ErrUnexpectedEOF, for it may have been cut.
package secure
