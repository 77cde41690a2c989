package h2

import "testing"

// messageRules are RFC 9113, Section 8.1 and 8.5.
var messageRules = []rule{
	{cites: "8.1/1", in: "head", on: "interim head", want: "same", mustCost: BudgetEmptyCredit},
	{cites: "8.1", in: "head", on: "final head", want: "content"},
	{cites: "8.1.1/3", in: "head", on: "content, empty content, trailers, section without end, end", want: "stream PROTOCOL_ERROR", mustCost: BudgetResetCredit},
	{cites: "8.1", in: "content", on: "content", want: "same", mustCost: BudgetStreamWindow | BudgetConnectionWindow},
	{cites: "10.5/2", in: "content, tunnel", on: "empty content", want: "same", mustCost: BudgetEmptyCredit},
	{cites: "8.1", in: "content", on: "trailers, end", want: "done"},
	{cites: "8.1/5", in: "content", on: "section without end", want: "stream PROTOCOL_ERROR"},
	{cites: "8.1.1/3", in: "content", on: "interim head, final head", want: "stream PROTOCOL_ERROR"},
	{cites: "8.5", in: "content", on: "connected", want: "tunnel"},
	{cites: "8.5", in: "tunnel", on: "content", want: "same"},
	{cites: "8.5", in: "tunnel", on: "end", want: "done"},
	{cites: "8.5/2", in: "tunnel", on: "interim head, final head, trailers, section without end", want: "stream PROTOCOL_ERROR"},
	{cites: "8.1.1/3", in: "done", on: "interim head, final head, content, empty content, trailers, section without end, end", want: "stream PROTOCOL_ERROR"},
	{cites: "8.5", in: "done", on: "connected", want: "same"},
	{cites: "8.5", in: "head, tunnel", on: "connected", want: "misuse"},
}

func TestMessages(t *testing.T) {
	checkRules(t, messageRules, names[HTTP2Message](len(http2MessageCells)), names[HTTP2MessageEvent](len(http2MessageCells[0])),
		func(state, event int) (string, string, Budget, string) {
			s := HTTP2Message(state)
			a := s.On(HTTP2MessageEvent(event))
			return answerText(s.String(), a.Next.String(), a.Scope, a.Code, a.Ignore), a.Action.String(), a.Pays, a.Rule
		})
}

func TestContentLengthMatch(t *testing.T) {
	for d := LengthDeclaredAbsent; d <= LengthDeclaredPresent; d++ {
		for n := LengthArrivedLess; n <= LengthArrivedMore; n++ {
			for at := LengthAtContent; at <= LengthAtEnd; at++ {
				want := ContentLengthMatchOk
				switch {
				case d == LengthDeclaredNoContent && n == LengthArrivedMore:
					want = ContentLengthMatchContentWhereThereIsNone
				case d == LengthDeclaredPresent && n == LengthArrivedMore:
					want = ContentLengthMatchMoreContentThanDeclared
				case d == LengthDeclaredPresent && n == LengthArrivedLess && at == LengthAtEnd:
					want = ContentLengthMatchLessContentThanDeclared
				}
				if got := DecideContentLengthMatch(d, n, at); got != want {
					t.Errorf("declared %v, arrived %v, at %v: %v, want %v", d, n, at, got, want)
				}
			}
		}
	}
}
