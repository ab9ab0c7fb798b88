package postfix

// Demand is how busy the busiest of Postfix's processes is: in an outage the
// queue manager, of which there is one.
func (in *instance) Demand() (float64, error) { return in.demand.Look(in.running()) }
