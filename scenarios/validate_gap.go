package scenarios

import "time"

// gaps checks what is left out: only waiting may be.
func (v *validator) gaps() {
	if v.broken("from", "until", "outage", "faults", "links", "relay", "expect.drain", "gaps") {
		return
	}
	busy := v.s.Unsteady()
	last := v.s.From.Time
	for i, c := range v.s.Gaps {
		path := item("gaps", i)
		from, until := c.From.Time, c.Until.Time
		switch {
		case !until.After(from):
			v.say(path, "let until come after from", "a gap ends before it begins")
			continue
		case from.Before(last) || !until.Before(v.s.Until.Time):
			v.say(path, "sort the gaps, and keep them within from and until",
				"the gap from %s does not lie behind the one before, within the scenario", c.From)
			continue
		}
		last = until
		part := Stretch{from.Sub(v.s.From.Time), until.Sub(v.s.From.Time)}
		for _, b := range busy {
			if b.From < part.Until && b.Until > part.From {
				v.say(path, "leave out what lies between two events, never across one",
					"between %s and %s something happens: %s", c.From, c.Until, v.clocks(b))
				break
			}
		}
		for _, period := range v.s.WavesIn(part) {
			if (until.Sub(from))%period != 0 {
				v.say(path, "leave out a multiple of the period", "the gap breaks a wave of %s", Span(period))
			}
		}
	}
}

// clocks are the times of a stretch for a message.
func (v *validator) clocks(b Stretch) string {
	clock := func(d time.Duration) string { return v.s.From.Time.Add(d).Format("2006-01-02 15:04") }
	if b.From == b.Until {
		return "at " + clock(b.From)
	}
	return "from " + clock(b.From) + " to " + clock(b.Until)
}
