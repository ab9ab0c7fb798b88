package timeline

import "time"

// Routes are the names of the scenario's routes, in its order.
func (t *Timeline) Routes() []string {
	names := make([]string, len(t.streams))
	for i, p := range t.streams {
		names[i] = p.route.Name
	}
	return names
}

// Offered is how many submissions a route asks for between two offsets: the mean
// over all seeds.
func (t *Timeline) Offered(route string, from, until time.Duration) float64 {
	for _, p := range t.streams {
		if p.route.Name == route {
			return t.offeredBefore(p.rate, until) - t.offeredBefore(p.rate, from)
		}
	}
	return 0
}

// offeredBefore leaves out what lies in the gaps.
func (t *Timeline) offeredBefore(r rate, played time.Duration) float64 {
	sum, at := 0.0, played
	for i, g := range t.gaps {
		if played < t.header.Gaps[i].At {
			break
		}
		at += g.Until - g.From
		sum -= r.before(g.Until.Seconds()) - r.before(g.From.Seconds())
	}
	return sum + r.before(at.Seconds())
}
