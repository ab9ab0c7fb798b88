package scenarios

// retryManners checks the limits on how a relay treats who is down.
func (v *validator) retryManners(e Expect) {
	m := e.RetryManners
	if m == nil {
		return
	}
	path := "expect.retry-manners"
	limits := []struct {
		name  string
		value int
	}{{"per_minute", m.PerMinute}, {"in_total", m.InTotal}, {"connections", m.Connections}}
	asked := false
	for _, limit := range limits {
		asked = asked || limit.value > 0
		if limit.value < 0 {
			v.say(join(path, limit.name), "write 1 or more, or leave it out",
				"the limit is %d", limit.value)
		}
	}
	if !asked {
		v.say(path, `add "per_minute: 60" or "connections: 50"`, "retry-manners limits nothing")
	}
	if v.broken("from", "until", "outage", "faults", "routes", "cohorts") || v.faultInOutage() {
		return
	}
	v.say(path, "add a fault during the outage, on the way of a route",
		"nothing can test retry-manners: no destination is down during the outage")
}

// footprint checks the limits on what a relay uses.
func (v *validator) footprint(e Expect) {
	f := e.Footprint
	if f == nil {
		return
	}
	path := "expect.footprint"
	limits := []struct {
		name  string
		value int64
	}{
		{"memory", f.Memory}, {"disk", f.Disk}, {"disk_files", f.DiskFiles},
		{"open_files", f.OpenFiles}, {"processes", f.Processes},
	}
	for _, limit := range limits {
		if limit.value < 0 {
			v.say(join(path, limit.name), "write 1 or more, or leave it out",
				"the limit is %d", limit.value)
		}
	}
	if !(f.Ratio >= 1) {
		v.say(join(path, "ratio"), "write 1 or more: how many times the baseline may be left",
			"the ratio is %g", f.Ratio)
	}
}
