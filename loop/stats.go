package loop

import "sync/atomic"

// Stats are a driver's counters since it was made.
type Stats struct {
	Connections  int64  // that are open now
	Accepted     uint64 // connections that listeners gave
	AcceptErrors uint64 // times that a listener failed to
	OpenErrors   uint64 // flows that couldn't be opened, such as for a TLS handshake that failed
	HeldOctets   int64  // of buffers that connections of a Loop hold now
	HeldBack     uint64 // times that a connection had to wait until others hold less
	Reads        uint64 // reads that gave octets
	Writes       uint64 // writes that took octets
	ReadsEmpty   uint64 // reads that would have blocked: octets were expected
	WritesFull   uint64 // writes that the flow didn't take completely
	Wakes        uint64 // turns after Host.Wake
	Expired      uint64 // deadlines that passed
}

// Add adds the counters of another driver.
func (s *Stats) Add(other Stats) {
	s.Connections += other.Connections
	s.Accepted += other.Accepted
	s.AcceptErrors += other.AcceptErrors
	s.OpenErrors += other.OpenErrors
	s.HeldOctets += other.HeldOctets
	s.HeldBack += other.HeldBack
	s.Reads += other.Reads
	s.Writes += other.Writes
	s.ReadsEmpty += other.ReadsEmpty
	s.WritesFull += other.WritesFull
	s.Wakes += other.Wakes
	s.Expired += other.Expired
}

// counters are Stats that are being counted.
type counters struct {
	connections                                  atomic.Int64
	accepted, acceptErrors, openErrors           atomic.Uint64
	reads, writes, readsEmpty, writesFull, wakes atomic.Uint64
	expired, heldBack                            atomic.Uint64
}

// stats is what the counters are now.
func (c *counters) stats() Stats {
	return Stats{
		Connections:  c.connections.Load(),
		Accepted:     c.accepted.Load(),
		AcceptErrors: c.acceptErrors.Load(),
		OpenErrors:   c.openErrors.Load(),
		HeldBack:     c.heldBack.Load(),
		Reads:        c.reads.Load(),
		Writes:       c.writes.Load(),
		ReadsEmpty:   c.readsEmpty.Load(),
		WritesFull:   c.writesFull.Load(),
		Wakes:        c.wakes.Load(),
		Expired:      c.expired.Load(),
	}
}
