package h2

// Priority is what a peer asks for: RFC 9218, Section 4.
type Priority struct {
	Urgency       uint8 // 0 to 7, the most urgent first
	IsIncremental bool  // content is of use piece by piece
}

// DefaultPriority is that of who says nothing.
var DefaultPriority = Priority{Urgency: 3}
