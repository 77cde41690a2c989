package pump

import "github.com/specht-http/specht/flow"

// opener is a Poll over a flow.Opener.
type opener struct{ p *Poll }

// Open implements flow.Opener.
func (o opener) Open() error {
	p := o.p
	p.mu.Lock()
	defer p.mu.Unlock()
	p.beginIn()
	switch {
	case p.in.isOpen:
		return nil
	case p.in.state == intakeOver:
		return p.in.err
	case p.isClosed:
		return errClosed
	}
	return flow.ErrWouldBlock
}

// dressed is p with the optional interfaces that its flow has, and no others:
// that a flow is flow.Secured says something, whatever it answers.
func (p *Poll) dressed() flow.Poll {
	_, opens := p.flow.(flow.Opener)
	n, negotiates := p.flow.(flow.Negotiated)
	s, secures := p.flow.(flow.Secured)
	o := opener{p}
	switch {
	case opens && negotiates && secures:
		return struct {
			*Poll
			opener
			flow.Negotiated
			flow.Secured
		}{p, o, n, s}
	case opens && negotiates:
		return struct {
			*Poll
			opener
			flow.Negotiated
		}{p, o, n}
	case opens && secures:
		return struct {
			*Poll
			opener
			flow.Secured
		}{p, o, s}
	case negotiates && secures:
		return struct {
			*Poll
			flow.Negotiated
			flow.Secured
		}{p, n, s}
	case opens:
		return struct {
			*Poll
			opener
		}{p, o}
	case negotiates:
		return struct {
			*Poll
			flow.Negotiated
		}{p, n}
	case secures:
		return struct {
			*Poll
			flow.Secured
		}{p, s}
	}
	return p
}
