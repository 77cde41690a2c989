package main

import (
	"strconv"

	"github.com/specht-http/specht/message"
)

// trailers reads the content, shows the trailer section that came behind it, a
// line for each field line, and sends one: how many octets there were, and how
// many field lines. HTTP/1.0 has none. The head says whether the client has said
// that it wants them; they are sent anyway.
func trailers(d *demo, x message.Exchange, _ input) error {
	octets, err := readAway(d, x)
	if err != nil {
		return err
	}
	fields := append(plainText[:1:1], message.Field{Name: "Trailer", Value: "Received-Octets, Received-Trailers"})
	wanted := message.Field{Name: "Trailers-Wanted", Value: "unknown"}
	if x.WantsTrailers() {
		wanted.Value = "yes"
	}
	if err := x.Start(message.StatusOK, append(fields, wanted), -1); err != nil {
		return err
	}
	var out []byte
	for name, value := range x.Trailers().All() {
		out = append(append(append(append(out, name...), ": "...), value...), '\n')
	}
	if _, err := x.Write(out); err != nil {
		return err
	}
	err = x.End(
		message.Field{Name: "Received-Octets", Value: strconv.FormatInt(octets, 10)},
		message.Field{Name: "Received-Trailers", Value: strconv.Itoa(x.Trailers().Len())},
	)
	if err == message.ErrNoTrailers {
		return x.End()
	}
	return err
}

// readAway reads the content to its end, and says how many octets it had.
func readAway(d *demo, x message.Exchange) (octets int64, err error) {
	scratch := d.pool.Get(4 << 10)[:4<<10]
	defer d.pool.Put(scratch)
	for {
		n, err := x.Read(scratch)
		octets += int64(n)
		if err == message.ErrEnd {
			return octets, nil
		}
		if err != nil {
			return octets, err
		}
	}
}
