package audit

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/audit/compose"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// randomText is up to n octets at random, many of which mean something to a reader.
func randomText(r *rand.Rand, n int) string {
	const octets = "aZ09 \t:;,\"\r\n\x00\x7f\xe4chunked"
	b := make([]byte, r.IntN(n+1))
	for i := range b {
		b[i] = octets[r.IntN(len(octets))]
	}
	return string(b)
}

func randomFields(r *rand.Rand) (fields []message.Field) {
	for range r.IntN(4) {
		name := []string{"A", "Content-Type", "X-" + randomText(r, 3), randomText(r, 8)}[r.IntN(4)]
		fields = append(fields, message.Field{Name: name, Value: randomText(r, 12)})
	}
	return fields
}

// randomMessage has a writer say a head, content in pieces, and trailers. What it
// refuses to write isn't written.
func randomMessage(r *rand.Rand, length int64, head func(length int64) ([]byte, error), more func(dst, p []byte) ([]byte, error), end func(dst []byte, trailers ...message.Field) ([]byte, error)) []byte {
	out, err := head(length)
	if err != nil {
		return nil
	}
	for left := length; left != 0; {
		p := []byte(randomText(r, 20))
		if length >= 0 && int64(len(p)) > left {
			p = p[:left]
		}
		if out, err = more(out, p); err != nil {
			return nil
		}
		if left -= int64(len(p)); length < 0 {
			left = int64(r.IntN(3))
		}
	}
	var trailers []message.Field
	if length < 0 {
		trailers = randomFields(r)
	}
	if whole, err := end(slices.Clone(out), trailers...); err == nil {
		return whole
	}
	if out, err = end(out); err != nil {
		return nil
	}
	return out
}

// TestWrittenIsDescribed has our writers say whatever they let themselves be told, and
// reads it by the model of what they emit: each message ends where its octets do.
func TestWrittenIsDescribed(t *testing.T) {
	t.Parallel()
	s := open(t, Written)
	r := rand.New(rand.NewPCG(3, 4))
	written := map[string]int{}
	chunked := 0
	for range 4000 {
		length := []int64{-1, 0, int64(r.IntN(50))}[r.IntN(3)]
		client := h1.NewClientConn(nil)
		limits := h1.DefaultRequestMessageLimits()
		server := h1.NewServerConn(&limits)
		for _, m := range []struct {
			sequence string
			octets   []byte
		}{
			{"request-message", randomMessage(r, length, func(length int64) ([]byte, error) {
				return client.AppendHead(nil, &message.RequestHead{
					Method: []string{"", "POST", "PUT", randomText(r, 4)}[r.IntN(4)], Target: []string{"", "/" + randomText(r, 6)}[r.IntN(2)],
					Authority: "a.example", Fields: randomFields(r), ContentLength: length,
				})
			}, client.AppendContent, client.AppendEnd)},
			{"response-message", randomMessage(r, length, func(length int64) ([]byte, error) {
				server.Receive([]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
				return server.AppendHead(nil, &h1.ReplyHead{Status: message.Status(200 + r.IntN(300)), Fields: randomFields(r), ContentLength: length})
			}, server.AppendContent, server.AppendEnd)},
		} {
			if m.octets == nil {
				continue
			}
			written[m.sequence]++
			if strings.Contains(string(m.octets), "chunked\r\n") {
				chunked++
			}
			seq := s.sequence(m.sequence)
			given := map[string]string{"method-class": "other", "upgrade-offer": "none"}
			msg, ok := compose.Read(s.Model, seq, s.Machine(seq.Parts[0].Machine.Name), given, m.octets)
			if !ok || msg.Refused != "" || msg.End != len(m.octets) {
				t.Fatalf("%q is written, and by spec/output/specht.md it is %q, and ends at %d (%v)", m.octets, msg.Refused, msg.End, ok)
			}
		}
	}
	if written["request-message"] < 300 || written["response-message"] < 300 || chunked < 100 {
		t.Errorf("only %v were written, %d of them chunked", written, chunked)
	}
}

// TestOutput asks what our writers emit beside our own readers and some peers: specht
// audit output asks all.
func TestOutput(t *testing.T) {
	t.Parallel()
	readers := []*Subject{open(t, Default), open(t, "peer:go122"), open(t, "peer:vanilla")}
	r, err := Output(open(t, Written), readers)
	if got := failing(t, r, err); got != "" {
		t.Error(got)
	}
	if r.Count(Says) == 0 || r.Count(Holds) < 14 {
		t.Errorf("%d hold, %d say", r.Count(Holds), r.Count(Says))
	}
	if !slices.ContainsFunc(r.Claims, func(c Claim) bool { return c.Name == "a request over HTTP/2 is one over HTTP/1.1" }) {
		t.Error("nothing is said of what HTTP/2 lets in")
	}
	if testing.Short() {
		return
	}
	// A writer that emits what the lenient read is read differently by peers.
	r, err = Output(open(t, "peer:gunicorn21"), []*Subject{open(t, "peer:waitress131")})
	if got := failing(t, r, err); !strings.Contains(got, "that we write and it accepts") {
		t.Error(got)
	}
}

// TestOutputWithoutTranslation has no property of messages that go from HTTP/2 to
// HTTP/1.1: the report says that nothing was asked of them.
func TestOutputWithoutTranslation(t *testing.T) {
	t.Parallel()
	reader := openAlone(t, Default)
	reader.Model.Inclusions, reader.Model.Properties = nil, nil
	r, err := Output(open(t, Written), []*Subject{reader})
	if got := failing(t, r, err); got != "" {
		t.Error(got)
	}
	if r.Verdict() != Undecided {
		t.Errorf("it %s", r.Verdict())
	}
}
