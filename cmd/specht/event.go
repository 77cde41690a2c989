package main

// event is one thing that octets were found to be. Offsets count from the first
// octet of the input; End is the first octet behind.
type event struct {
	Event string `json:"event"`
	ordinal
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Rule    string `json:"rule,omitempty"`
	Section string `json:"section,omitempty"`
	// Text is the octets, each of them visible; that of content is left out.
	Text string `json:"text,omitempty"`
	// ID is the known method, version or field name that it is.
	ID string `json:"id,omitempty"`
	// Name and Value are the parts of a field line.
	Name  *[2]int `json:"name,omitempty"`
	Value *[2]int `json:"value,omitempty"`
	// Size is what a chunk line announces.
	Size *uint64 `json:"size,omitempty"`

	// Of a decision: what was decided, by which row of which table, and why.
	Outcome     string `json:"outcome,omitempty"`
	Row         string `json:"row,omitempty"`
	Requirement string `json:"requirement,omitempty"`
	Spec        string `json:"spec,omitempty"`

	// What the request is for, as an application is told.
	Scheme    string `json:"scheme,omitempty"`
	Authority string `json:"authority,omitempty"`
}

// ordinal is which message of the input it is about, from 1: a request or a
// response.
type ordinal struct {
	Request  int `json:"request,omitempty"`
	Response int `json:"response,omitempty"`
}

func (n ordinal) number() int { return n.Request + n.Response }

// What an event can be.
const (
	eventEmptyLine = "empty line"
	eventHead      = "head"
	eventPart      = "part" // of the request-line
	eventField     = "field"
	eventOutcome   = "outcome" // of all values of a field
	eventDecision  = "decision"
	eventTarget    = "target"
	eventContent   = "content"
	eventChunkLine = "chunk line"
	eventChunkEnd  = "chunk end"
	eventTrailer   = "trailer"
	eventNote      = "note"
	eventEnd       = "end"
)

// problem is what is wrong with the input: one event more, the last one.
type problem struct {
	Event string `json:"event"` // error
	ordinal
	Name string `json:"name"`
	// Offset counts from the first octet of the input, OffsetInMessage from
	// that of the message. A refusal by a decision is at the name of the field
	// line that was fed last, as a server tells it too.
	Offset          int    `json:"offset"`
	OffsetInMessage int    `json:"offset_in_message"`
	Line            int    `json:"line"`
	Octet           string `json:"octet,omitempty"`    // as grammars name it
	OctetAt         int    `json:"octet_at,omitempty"` // where it is, if that isn't Offset
	Machine         string `json:"machine"`
	Rule            string `json:"rule,omitempty"`
	Section         string `json:"section,omitempty"`
	Expected        string `json:"expected,omitempty"`
	Limit           string `json:"limit,omitempty"`
	LimitValue      uint64 `json:"limit_value,omitempty"`
	// Status is what a server answers with, before it closes the connection; or
	// a gateway that asked for the response, to whoever asked it.
	Status       int           `json:"status"`
	Reason       string        `json:"reason,omitempty"`
	Requirement  string        `json:"requirement,omitempty"`
	Requirements []requirement `json:"requirements,omitempty"`
	Row          string        `json:"row,omitempty"`
	Spec         string        `json:"spec,omitempty"`
	Hint         string        `json:"hint,omitempty"`
	Unread       int           `json:"unread"` // octets behind it

	places []place // what it is about; Octet is the first octet of the last one
}
