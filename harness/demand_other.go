//go:build !unix

package harness

import "errors"

// ownDemand is unknown here, so the clock keeps to its slower rate.
type ownDemand struct{}

// Demand refuses.
func (d *ownDemand) Demand() (float64, error) {
	return 0, errors.New("this system does not tell what a process uses")
}
