package h2

import (
	"strings"
	"testing"
)

const (
	onConnection = "settings ack, ping, ping ack, connection window update, priority update, unknown"
	onStreams    = "data, headers, priority, RST stream, push promise, window update"
	anyFragment  = "continuation, empty continuation, continuation elsewhere"
)

// inputRules are RFC 9113, Sections 3.4, 4.3, 5.5 and 6.
var inputRules = []rule{
	{cites: "3.4", in: "preface", on: "preface", want: "first settings"},
	{cites: "3.4/4", in: "preface", on: "no preface", want: "connection PROTOCOL_ERROR"},
	{cites: "3.4/1, 3.4/2", in: "first settings", on: "settings", want: "frames", mustDo: "apply settings"},
	{cites: "3.4/4", in: "first settings", on: onConnection + ", " + onStreams + ", " + anyFragment, want: "connection PROTOCOL_ERROR"},
	{cites: "a peer may say why it goes", in: "first settings", on: "go away", want: "same", mustDo: "refuse streams"},
	{cites: "6.5.3/4", in: "frames", on: "settings", want: "same", mustDo: "apply settings", mustCost: BudgetSettingsCredit},
	{cites: "6.7/2", in: "frames", on: "ping", want: "same", mustDo: "answer ping", mustCost: BudgetPingCredit},
	{cites: "6.7/5", in: "frames", on: "ping ack", want: "same", mustDo: "note pong", mustCost: BudgetPingCredit},
	{cites: "4.1", in: "frames", on: "data, priority, RST stream, window update, settings ack, go away", want: "same"},
	{cites: "6.9", in: "frames", on: "connection window update", want: "same", mustDo: "widen connection", mustCost: BudgetWindowUpdateCredit},
	{cites: "RFC 9218, Section 7.1", in: "frames", on: "priority update", want: "same", mustCost: BudgetPriorityCredit},
	{cites: "4.1/2, 5.5/2", in: "frames", on: "unknown", want: "ignore", mustCost: BudgetUnknownCredit},
	{cites: "6.2/3, 6.6/4", in: "frames", on: "headers, push promise", want: "field block"},
	{cites: "6.10/5, 6.10/6", in: "frames", on: anyFragment, want: "connection PROTOCOL_ERROR"},
	{cites: "6.10", in: "field block", on: "continuation", want: "same", mustCost: BudgetFieldBlock},
	{cites: "6.10", in: "field block", on: "empty continuation", want: "same", mustCost: BudgetEmptyCredit},
	{cites: "6.10/2", in: "field block", on: "continuation elsewhere", want: "connection PROTOCOL_ERROR"},
	{cites: "4.3", in: "field block", on: "end headers", want: "frames"},
	{cites: "6.2/4, 6.6/5, 5.5/3", in: "field block", on: "settings, go away, " + onConnection + ", " + onStreams, want: "connection PROTOCOL_ERROR"},
	{cites: "3.4", in: "preface", on: "settings, go away, " + onConnection + ", " + onStreams + ", " + anyFragment, want: "misuse"},
	{cites: "4.3", in: "preface, first settings, frames", on: "end headers", want: "misuse"},
	{cites: "3.4", in: "first settings, frames, field block", on: "preface, no preface", want: "misuse"},
}

func TestConnectionInput(t *testing.T) {
	checkRules(t, inputRules, names[ConnectionInput](len(connectionInputCells)), names[ConnectionInputEvent](len(connectionInputCells[0])),
		func(state, event int) (string, string, Budget, string) {
			s := ConnectionInput(state)
			a := s.On(ConnectionInputEvent(event))
			return answerText(s.String(), a.Next.String(), a.Scope, a.Code, a.Ignore), a.Action.String(), a.Pays, a.Rule
		})
}

func TestSettingsState(t *testing.T) {
	rules := []rule{
		{cites: "6.5/1", in: "none, agreed", on: "sent settings", want: "sent"},
		{cites: "6.5.3/4", in: "sent", on: "received ack", want: "agreed"},
		{cites: "6.5.3/5", in: "sent", on: "timeout", want: "connection SETTINGS_TIMEOUT"},
		{cites: "6.5.3", in: "agreed", on: "timeout", want: "ignore"},
		{cites: "one at a time", in: "sent", on: "sent settings", want: "misuse"},
		{cites: "nothing was sent", in: "none, agreed", on: "received ack", want: "connection PROTOCOL_ERROR"},
		{cites: "nothing was sent", in: "none", on: "timeout", want: "misuse"},
	}
	checkRules(t, rules, names[SettingsState](len(settingsStateCells)), names[SettingsStateEvent](len(settingsStateCells[0])),
		func(state, event int) (string, string, Budget, string) {
			s := SettingsState(state)
			a := s.On(SettingsStateEvent(event))
			return answerText(s.String(), a.Next.String(), a.Scope, a.Code, a.Ignore), "", 0, a.Rule
		})
}

func TestGoaways(t *testing.T) {
	checkRules(t, []rule{
		{cites: "6.8/7", in: "running", on: "announce", want: "announced"},
		{cites: "6.8/8", in: "running, announced", on: "final", want: "final"},
		{cites: "6.8/6", in: "announced, final, failed", on: "announce", want: "ignore"},
		{cites: "6.8/6", in: "final, failed", on: "final", want: "ignore"},
		{cites: "5.4.1/1, 5.4/3", in: "running, announced, final", on: "failure", want: "failed"},
		{cites: "5.4/2", in: "failed", on: "failure", want: "ignore"},
	}, names[GoawaySent](len(goawaySentCells)), names[GoawaySentEvent](len(goawaySentCells[0])),
		func(state, event int) (string, string, Budget, string) {
			s := GoawaySent(state)
			a := s.On(GoawaySentEvent(event))
			return answerText(s.String(), a.Next.String(), a.Scope, a.Code, a.Ignore), "", 0, a.Rule
		})
	checkRules(t, []rule{
		{cites: "6.8/1, 6.8/7", in: "running", on: "announcement", want: "announced"},
		{cites: "6.8/1", in: "running, announced", on: "go away", want: "told", mustDo: "refuse streams"},
		{cites: "6.8/5", in: "announced", on: "announcement", want: "ignore", mustCost: BudgetEmptyCredit},
		{cites: "6.8/5", in: "told", on: "go away", want: "same", mustDo: "refuse streams", mustCost: BudgetEmptyCredit},
		{cites: "6.8/6", in: "told", on: "announcement, higher go away", want: "connection PROTOCOL_ERROR"},
		{cites: "6.8/6", in: "running, announced", on: "higher go away", want: "misuse"},
	}, names[GoawayReceived](len(goawayReceivedCells)), names[GoawayReceivedEvent](len(goawayReceivedCells[0])),
		func(state, event int) (string, string, Budget, string) {
			s := GoawayReceived(state)
			a := s.On(GoawayReceivedEvent(event))
			return answerText(s.String(), a.Next.String(), a.Scope, a.Code, a.Ignore), a.Action.String(), a.Pays, a.Rule
		})
}

// TestRepetition is RFC 9113, Section 8.7, and RFC 9110, Section 9.2.2.
func TestRepetition(t *testing.T) {
	for lost := StreamLostAboveTheLast; lost <= StreamLostConnectionLost; lost++ {
		for _, m := range []MethodLost{MethodLostIdempotent, MethodLostOther} {
			isUnprocessed := lost == StreamLostAboveTheLast || lost == StreamLostRefused
			want := RepetitionGiveUp
			if isUnprocessed || lost == StreamLostConnectionLost && m == MethodLostIdempotent {
				want = RepetitionRepeat
			}
			if got := DecideRepetition(lost, m, ResponseLostNone); got != want {
				t.Errorf("%v, %v: %v, want %v", lost, m, got, want)
			}
			if got := DecideRepetition(lost, m, ResponseLostBegun); got != RepetitionGiveUp {
				t.Errorf("%v, %v, with a response that has begun: %v", lost, m, got)
			}
		}
	}
}

// TestBudgets holds that each budget has one limit, and a union of them none.
func TestBudgets(t *testing.T) {
	all, n := Budget(0), 0
	for b := BudgetConcurrentStreams; b <= BudgetAllowedContent; b <<= 1 {
		if b.Limit() == "" || strings.ContainsAny(b.Limit(), " ") {
			t.Errorf("the budget %b has the limit %q", b, b.Limit())
		}
		all |= b
		n++
	}
	if n != 15 || all.Limit() != "" || !all.Has(BudgetResetCredit) || BudgetResetCredit.Has(all) || Budget(0).Has(BudgetResetCredit) {
		t.Errorf("%d budgets, together %b", n, all)
	}
}
