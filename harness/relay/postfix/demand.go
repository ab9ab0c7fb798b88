package postfix

import (
	"errors"

	"github.com/hansei-mail/hansei/harness/relay/process"
)

// Demand is how busy the busiest of Postfix's processes is: in an outage the
// queue manager, of which there is one. Elsewhere than on this machine it is
// unknown.
func (in *instance) Demand() (float64, error) {
	t, ours := in.running().(*process.Tree)
	if !ours {
		return 0, errors.New("how busy a Postfix in a container is, is not known")
	}
	return in.demand.Look(t)
}
