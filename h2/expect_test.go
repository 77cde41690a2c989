package h2

import (
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// Who waits for 100 (Continue) is told to send once the handler wants the content,
// and nobody else is (RFC 9110, Section 10.1.1).
func TestContinue(t *testing.T) {
	read := func(x message.Exchange) {
		_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
			if err == message.ErrEnd {
				_ = x.Respond(200, nil, nil)
			}
			return len(p)
		})
	}
	const answer = "HEADERS 1 END_STREAM :status=200 content-length=0"
	expecting := asking("POST", "/", "expect", "100-continue")
	for _, c := range []struct {
		name   string
		fields []string
		serve  func(message.Exchange)
		head   []string // what comes before the content is sent
		end    []string
	}{
		{"it is asked for", expecting, read, []string{"HEADERS 1 :status=100"}, []string{answer}},
		{"nobody waits", asking("POST", "/"), read, nil, []string{answer}},
		{"it is said by hand, and once", expecting, func(x message.Exchange) {
			_ = x.Interim(100, nil)
			_ = x.Interim(100, nil)
			read(x)
		}, []string{"HEADERS 1 :status=100"}, []string{answer}},
		{"the response has begun", expecting, func(x message.Exchange) {
			_ = x.Start(200, nil, -1)
			_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
				if err == message.ErrEnd {
					_ = x.End()
				}
				return len(p)
			})
		}, []string{"HEADERS 1 :status=200"}, []string{`DATA 1 END_STREAM ""`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := serve(t, inline(c.serve))
			var id uint32
			p.say(func(*http2.Framer) { id = p.write1(false, c.fields...) })
			p.want("the head", c.head...)
			p.say(func(fr *http2.Framer) { _ = fr.WriteData(id, true, []byte("content")) })
			p.want("the content", c.end...)
		})
	}
}
