package h2

import (
	"testing"

	"github.com/specht-http/specht/frames"
)

const (
	closedStates = "closed by end, closed by sent reset, closed by received reset, closed unused, closed by goaway, forgotten"
	liveStates   = "reserved local, reserved remote, open, half-closed local, half-closed remote"
	anyHeaders   = "received headers, received unexpected headers"
)

// streamRules are RFC 9113, Section 5.1, and the sections on frames, as far as
// they speak of states.
var streamRules = []rule{
	{cites: "5.1/1", in: "idle", on: "received data, received end, received reset, received window update, received push promise", want: "connection PROTOCOL_ERROR"},
	{cites: "5.1/2", in: "idle", on: "received unexpected headers", want: "connection PROTOCOL_ERROR"},
	{cites: "5.1", in: "idle", on: "received headers", want: "open", mustDo: "open", mustCost: BudgetConcurrentStreams},
	{cites: "5.1.2/1", in: "idle", on: "sent headers", want: "open", mustCost: BudgetAllowedStreams},
	{cites: "5.1.2/1", in: "reserved local", on: "sent headers", want: "half-closed remote", mustCost: BudgetAllowedStreams},
	{cites: "5.1", in: "idle", on: "sent promised", want: "reserved local", mustDo: "begin", mustCost: BudgetAllowedStreams | BudgetPushedResponses},
	{cites: "10.5/1", in: "idle", on: "received promised", want: "reserved remote", mustDo: "reserve", mustCost: BudgetConcurrentStreams},
	{cites: "5.1/3", in: "reserved local", on: "sent data, sent end, sent window update, sent push promise", want: "misuse"},
	{cites: "5.1/4", in: "reserved local", on: "received priority", want: "ignore"},
	{cites: "5.1/4", in: "reserved local", on: "received window update", want: "same", mustDo: "widen"},
	{cites: "5.1/5", in: "reserved local", on: anyHeaders + ", received data, received end, received push promise", want: "connection PROTOCOL_ERROR"},
	{cites: "5.1/6", in: "reserved remote", on: "sent headers, sent data, sent end, sent push promise", want: "misuse"},
	{cites: "5.1/6", in: "reserved remote", on: "sent window update, sent priority", want: "same"},
	{cites: "5.1/7", in: "reserved remote", on: "received data, received end, received window update, received push promise", want: "connection PROTOCOL_ERROR"},
	{cites: "5.1", in: "reserved remote", on: anyHeaders, want: "half-closed local"},
	{cites: "5.1", in: "open", on: anyHeaders + ", received data, received window update, received push promise, sent headers, sent data, sent window update, sent push promise, sent priority", want: "same"},
	{cites: "5.1", in: "open", on: "sent end", want: "half-closed local"},
	{cites: "5.1", in: "open", on: "received end", want: "half-closed remote"},
	{cites: "5.1", in: liveStates, on: "sent reset", want: "closed by sent reset"},
	{cites: "5.1", in: liveStates, on: "received reset", want: "closed by received reset", mustDo: "cancel", mustCost: BudgetResetCredit},
	{cites: "5.1", in: "half-closed local", on: "sent headers, sent data, sent end, sent push promise", want: "misuse"},
	{cites: "5.1", in: "half-closed local", on: "sent window update, sent priority, " + anyHeaders + ", received data, received push promise", want: "same"},
	{cites: "5.1", in: "half-closed local", on: "received end", want: "closed by end"},
	{cites: "5.1/8", in: "half-closed remote", on: anyHeaders + ", received data, received end", want: "stream STREAM_CLOSED", mustCost: BudgetResetCredit},
	{cites: "5.1", in: "half-closed remote", on: "sent headers, sent data, sent window update, sent push promise, sent priority, received window update", want: "same"},
	{cites: "5.1", in: "half-closed remote", on: "sent end", want: "closed by end"},
	{cites: "5.1/9", in: closedStates, on: "sent headers, sent data, sent end, sent window update, sent push promise, sent promised", want: "misuse"},
	{cites: "5.1/9", in: closedStates, on: "sent priority", want: "same"},
	{cites: "5.1/10", in: "closed by end", on: anyHeaders + ", received data, received end", want: "connection STREAM_CLOSED"},
	{cites: "5.1/10", in: "closed unused", on: "received data, received end", want: "connection STREAM_CLOSED"},
	{cites: "5.1/11", in: "closed by sent reset", on: anyHeaders, want: "ignore", mustDo: "discard fields"},
	{cites: "5.1/11", in: "closed by sent reset, forgotten", on: "received data", want: "ignore", mustDo: "discard content", mustCost: BudgetConnectionWindow},
	{cites: "5.1/11", in: "closed by sent reset, forgotten", on: "received end", want: "ignore"},
	{cites: "5.1.1/1", in: "idle", on: "received unexpected headers", want: "connection PROTOCOL_ERROR"},
	{cites: "5.1.1/2", in: "closed unused", on: anyHeaders, want: "connection PROTOCOL_ERROR"},
	{cites: "5.1.1/2", in: liveStates + ", " + closedStates, on: "sent promised", want: "misuse"},
	{cites: "5.1.1/3", in: liveStates + ", " + closedStates, on: "received promised", want: "connection PROTOCOL_ERROR"},
	{cites: "5.1.1", in: "idle", on: "skipped", want: "closed unused"},
	{cites: "5.1.1", in: liveStates + ", " + closedStates, on: "skipped", want: "same"},
	{cites: "5.2.1/2", in: "open, half-closed remote", on: "sent data", want: "same", mustDo: "send content", mustCost: BudgetAllowedContent},
	{cites: "5.3.2", in: "idle, " + liveStates + ", " + closedStates, on: "received priority", want: "ignore", mustCost: BudgetPriorityCredit},
	{cites: "5.4.1/3", in: "closed by end", on: "received data", want: "connection STREAM_CLOSED"},
	{cites: "5.4.2/2", in: "closed by end, closed by sent reset, closed unused, closed by goaway", on: "sent reset", want: "misuse"},
	{cites: "5.4.2/3", in: "closed by received reset, forgotten", on: "sent reset", want: "closed by sent reset"},
	{cites: "5.4.2/3", in: "forgotten", on: anyHeaders, want: "stream STREAM_CLOSED", mustDo: "discard fields"},
	{cites: "5.4.2/4", in: "closed by end, closed by sent reset, closed by received reset, closed unused, closed by goaway, forgotten", on: "received reset", want: "ignore", mustCost: BudgetResetCredit},
	{cites: "6.1/6", in: "half-closed remote, closed by received reset", on: "received data", want: "stream STREAM_CLOSED", mustDo: "discard content", mustCost: BudgetConnectionWindow | BudgetResetCredit},
	{cites: "6.4/1", in: "closed by received reset", on: "sent headers, sent data, sent end, sent window update, sent push promise", want: "misuse"},
	{cites: "6.4/2", in: "closed by sent reset", on: anyHeaders + ", received data, received end, received push promise, received window update, received reset", want: "ignore"},
	{cites: "6.4/5", in: "idle", on: "sent reset", want: "misuse"},
	{cites: "6.4/6", in: "idle", on: "received reset", want: "connection PROTOCOL_ERROR"},
	{cites: "6.6/1", in: "idle", on: "sent promised", want: "reserved local"},
	{cites: "6.6/6, 8.4.1/6", in: "open, half-closed remote", on: "sent push promise", want: "same", mustCost: BudgetPushedResponses},
	{cites: "6.6/10", in: "idle, reserved local, reserved remote, half-closed local, " + closedStates, on: "sent push promise", want: "misuse"},
	{cites: "6.6/11", in: "idle, reserved local, reserved remote, half-closed remote, closed by end, closed by received reset, closed unused", on: "received push promise", want: "connection PROTOCOL_ERROR"},
	{cites: "6.6/12", in: "closed by sent reset", on: "received push promise", want: "ignore", mustDo: "discard fields"},
	{cites: "6.6/13", in: liveStates + ", " + closedStates, on: "received promised", want: "connection PROTOCOL_ERROR"},
	{cites: "6.8", in: "idle, " + liveStates, on: "refused", want: "closed by goaway"},
	{cites: "6.8/9", in: "closed by goaway", on: anyHeaders + ", received push promise", want: "ignore", mustDo: "discard fields"},
	{cites: "6.8/9", in: "closed by goaway", on: "received data", want: "ignore", mustDo: "discard content", mustCost: BudgetConnectionWindow},
	{cites: "6.8/9", in: "closed by goaway", on: "received end", want: "ignore"},
	{cites: "6.9/4", in: "half-closed remote", on: "received window update", want: "same"},
	{cites: "6.9/4", in: closedStates, on: "received window update", want: "ignore", mustCost: BudgetWindowUpdateCredit},
	{cites: "6.9/5", in: "open, half-closed local, half-closed remote, closed by sent reset, closed by received reset, closed by goaway, forgotten", on: "received data", want: "*", mustCost: BudgetConnectionWindow},
	{cites: "history is bounded", in: closedStates, on: "forgotten", want: "*"},
	{cites: "history is of what is over", in: "idle, " + liveStates, on: "forgotten", want: "misuse"},
}

func TestStreamStates(t *testing.T) {
	checkRules(t, streamRules, names[StreamState](len(streamStateCells)), names[StreamStateEvent](len(streamStateCells[0])),
		func(state, event int) (string, string, Budget, string) {
			s := StreamState(state)
			a := s.On(StreamStateEvent(event))
			return answerText(s.String(), a.Next.String(), a.Scope, a.Code, a.Ignore), a.Action.String(), a.Pays, a.Rule
		})
}

// TestStreamErrorsStay holds that an error, and what is ignored, changes nothing.
func TestStreamErrorsStay(t *testing.T) {
	for s := range streamStateCells {
		for e, a := range streamStateCells[s] {
			if (a.Scope != frames.ScopeNone || a.Ignore) && a.Next != StreamState(s) {
				t.Errorf("%v goes from %v to %v with an error, or ignored", StreamStateEvent(e), StreamState(s), a.Next)
			}
		}
	}
}
