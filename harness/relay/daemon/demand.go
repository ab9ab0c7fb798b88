package daemon

// Demand is how busy the server's busiest process is.
func (l *Life) Demand() (float64, error) { return l.demand.Look(l.Private.Tree()) }
