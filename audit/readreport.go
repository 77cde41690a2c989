package audit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *Verdict) UnmarshalText(text []byte) error {
	i := slices.Index(verdictWords[:], string(text))
	if i < 0 {
		return fmt.Errorf("audit: %q is no verdict: expected one of %s", text, strings.Join(verdictWords[:], ", "))
	}
	*v = Verdict(i)
	return nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Claim) UnmarshalJSON(text []byte) error {
	var in struct {
		Name        string   `json:"claim"`
		Verdict     Verdict  `json:"verdict"`
		Evidence    string   `json:"evidence"`
		Witness     string   `json:"witness"`
		Octets      []byte   `json:"octets"`
		At          string   `json:"at"`
		Section     string   `json:"section"`
		Requirement string   `json:"requirement"`
		Assumes     []string `json:"assumes"`
		Reason      string   `json:"reason"`
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*c = Claim{Name: in.Name, Verdict: in.Verdict, Evidence: in.Evidence, Witness: in.Octets, Section: in.Section, Requirement: in.Requirement, Assumes: in.Assumes, Reason: in.Reason}
	if in.Witness != "" && in.Octets == nil {
		c.Witness = []byte{} // the empty input
	}
	parts := strings.Split(strings.TrimPrefix(in.At, "spec/"), ":")
	for i, to := range []*int{&c.At.Line, &c.At.Column} {
		if len(parts) > i+1 {
			n, err := strconv.Atoi(parts[i+1])
			if err != nil {
				return fmt.Errorf("audit: %q is no place in a specification: expected spec/NOUN.md:LINE", in.At)
			}
			*to = n
		}
	}
	if in.At != "" {
		c.At.File = parts[0]
	}
	return nil
}
