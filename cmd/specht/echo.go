package main

import "github.com/specht-http/specht/message"

// echoOctets is how much content echo reads before it answers. What is shorter
// is sent back whole, to clients too that send everything before they read. The
// rest of what is longer is sent while it arrives, so that content of any
// length needs no more memory than this: a client that doesn't read what comes
// back is not read from, either.
const echoOctets = 64 << 10

// echo sends the content back. It is never more than octets to a browser, so
// that nobody is made to run what they post.
func echo(d *demo, x message.Exchange, _ input) error {
	buffer := d.pool.Get(echoOctets)[:echoOctets]
	defer d.pool.Put(buffer)
	n, err := readFull(x, buffer)
	switch err {
	case message.ErrEnd:
		return x.Respond(message.StatusOK, octetStream, buffer[:n])
	case nil:
	default:
		return err
	}
	if err := x.Start(message.StatusOK, octetStream, x.ContentLength()); err != nil {
		return err
	}
	for err == nil {
		if _, err := x.Write(buffer[:n]); err != nil {
			return err
		}
		n, err = x.Read(buffer)
	}
	if err != message.ErrEnd {
		return err
	}
	return x.End()
}

// readFull reads until p is full, or to the end of the content.
func readFull(x message.Exchange, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var k int
		k, err = x.Read(p[n:])
		n += k
	}
	return n, err
}
