package message

// Summary is what has become of an exchange, for logs and counters.
type Summary struct {
	// Status is that of the final response; 0 if there is none.
	Status Status
	// ContentOctets is how long the content of the response is, as far as it
	// was made: in octets, without framing.
	ContentOctets int64
	// DurationNs is from the end of the request's head to the end of the
	// exchange, in ns by the driver's clock: request and response are over,
	// though the peer may not have received everything yet. A loop looks at its
	// clock once for each batch of events, so what begins and ends in one of
	// them took 0.
	DurationNs int64
	// Err is why the response isn't complete, or why the engine has made it on
	// its own; nil if the application has answered.
	Err error
}
