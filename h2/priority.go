package h2

// Priority is what a peer asks for: RFC 9218, Section 4.
type Priority struct {
	Urgency       uint8 // 0 to 7, the most urgent first
	IsIncremental bool  // content is of use piece by piece
}

// DefaultPriority is that of who says nothing.
var DefaultPriority = wishes[PriorityWishUrgency3]

// wishes are what the table of priority.md comes to.
var wishes = [...]Priority{
	PriorityWishUrgency0: {0, false}, PriorityWishUrgency0Incremental: {0, true},
	PriorityWishUrgency1: {1, false}, PriorityWishUrgency1Incremental: {1, true},
	PriorityWishUrgency2: {2, false}, PriorityWishUrgency2Incremental: {2, true},
	PriorityWishUrgency3: {3, false}, PriorityWishUrgency3Incremental: {3, true},
	PriorityWishUrgency4: {4, false}, PriorityWishUrgency4Incremental: {4, true},
	PriorityWishUrgency5: {5, false}, PriorityWishUrgency5Incremental: {5, true},
	PriorityWishUrgency6: {6, false}, PriorityWishUrgency6Incremental: {6, true},
	PriorityWishUrgency7: {7, false}, PriorityWishUrgency7Incremental: {7, true},
	PriorityWishMalformed: {3, false},
}

// parsePriority reads the value of a field or frame. What can't be read says
// nothing (RFC 9218, Section 4).
func parsePriority(b []byte) Priority {
	var m PriorityValue
	m.Consume(b)
	return wishes[m.Outcome]
}
