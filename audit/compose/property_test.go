package compose

import "testing"

// TestNeverOfWhatAnotherHeadFollows has an outcome behind which comes another head, and
// one that ends the message: what comes to it is seen in both.
func TestNeverOfWhatAnotherHeadFollows(t *testing.T) {
	t.Parallel()
	m, err := New(model(t), "response-message", Options{Given: map[string]string{"method-class": "other", "upgrade-offer": "none"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, outcome := range []string{"interim", "none", "chunked"} {
		head, states, _, err := m.Never("Transfer-Encoding", outcome)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %q, %d states", outcome, head, states)
		if head == nil && outcome != "none" {
			t.Errorf("no head with Transfer-Encoding comes to %s", outcome)
		}
	}
}
