package loop

import "github.com/specht-http/specht/engine"

// tell tells e that its flow is broken because of err, and says whether that has
// cut its output: then the flow is reset, for a plain end could look like that of
// a response. One whose output was taken completely is closed as ever, so that
// nothing of it is lost that is still on its way.
func tell(e engine.Engine, err error) (isCut bool) {
	before, _ := e.NextWrite()
	e.ReportError(err)
	after, _ := e.NextWrite()
	return before == engine.Write || before == engine.Abort || after == engine.Abort
}
