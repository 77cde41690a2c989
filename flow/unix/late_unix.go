//go:build unix

package unix

import (
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/internal/late"
)

type lateReader = late.Reader

var _ flow.LateReader = (*Flow)(nil)

// ReadLate implements flow.LateReader.
func (f *Flow) ReadLate(l flow.Lender) (int, error) { return f.late.Read(f.UnixConn, l) }
