package acceptance

import (
	"github.com/hansei-mail/hansei/harness/suitetest"
)

// Over real sockets, on the accelerated clock; once more where the machine puts
// a run in doubt.
var (
	_ = suitetest.Replay("ex196121", suitetest.Tries(2), suitetest.MustTell())
	_ = suitetest.Replay("ex196121/kill", suitetest.Tries(2), suitetest.MustTell())
	_ = suitetest.Replay("ex196121/slow-recovery", suitetest.Tries(2), suitetest.MustTell())
)
