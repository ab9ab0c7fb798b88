package check

import "time"

// figures counts everything that reports tell.
func (l *ledger) figures() Figures {
	f := Figures{
		Start: l.start.UTC(), Zone: l.s.Zone, Length: l.length,
		End: l.run.end, Ended: string(l.run.ended),
		Attempts: l.run.attempts, FailedAttempts: l.run.failed,
		Backlog: l.backlog(),
	}
	if l.outage != forever {
		f.Outage, f.Heal = l.outage, l.heal
	}
	l.countMessages(&f)
	l.eachAccepted(func(li int32, _ *letter, _ int32, p *pair) { l.countPair(&f, li, p) })
	l.each(func(_ int32, _ *letter, _ int32, p *pair) {
		own, spare := l.repeats(p)
		f.Duplicates += own + spare
		f.Explained += max(0, int(p.own.all)-1) + max(0, int(p.spare.all)-1) - own - spare
	})
	f.Bin, f.Bins = l.bins()
	f.Phases = l.phases()
	return f
}

func (l *ledger) countMessages(f *Figures) {
	for i := range l.letters {
		m := &l.letters[i]
		switch {
		case !m.submitted:
			continue
		case m.dirty:
			f.Dirty++
			continue
		case m.accepted > 0:
			f.Accepted++
		case m.refused > 0:
			f.Refused++
		case m.unknown > 0:
			f.Unknown++
		}
		f.Offered++
	}
}

func (l *ledger) countPair(f *Figures, li int32, p *pair) {
	f.Pairs++
	switch l.fate(li, p) {
	case Delivered:
		f.Delivered++
	case Bounced:
		f.Bounced++
	case Queued:
		f.Queued++
	case Lost:
		f.Lost++
	case Unaccounted:
		f.Unaccounted++
	}
	if l.mustHaveSpare(p) {
		f.SpareDue++
		if p.spare.all > 0 {
			f.Spare++
		}
	}
	if l.inBacklog(p) {
		f.Drain.Pairs++
		switch {
		case p.own.all > 0:
			f.Drain.Took = max(f.Drain.Took, p.out-l.heal)
		case !p.bounced:
			f.Drain.Left++
		}
	}
}

// phases are the figures of each phase that the run reached.
func (l *ledger) phases() []Phase {
	edges := []time.Duration{0, l.outage, l.heal, l.drained, forever}
	end := max(l.length, l.run.end)
	var phases []Phase
	for i, name := range phaseNames {
		ph := Phase{Name: name, From: edges[i], Until: min(edges[i+1], end)}
		if ph.From >= ph.Until {
			continue
		}
		l.measure(&ph, i)
		phases = append(phases, ph)
	}
	return phases
}

func (l *ledger) measure(ph *Phase, phase int) {
	var accepted, delivered, copied latencies
	for i := range l.letters {
		m := &l.letters[i]
		if !m.submitted || m.dirty || l.phase(m.due) != phase {
			continue
		}
		ph.Offered++
		if m.whole {
			ph.First++
			accepted.add(m.answered - m.due)
		}
	}
	l.eachAccepted(func(_ int32, m *letter, _ int32, p *pair) {
		if l.phase(m.due) != phase {
			return
		}
		if p.own.all > 0 {
			delivered.add(p.out - p.taken)
		}
		if p.spare.all > 0 && l.mustHaveSpare(p) {
			copied.add(p.copied - p.taken)
		}
	})
	ph.Acceptance = accepted.summary()
	ph.Delivery, ph.Spare = delivered.summary(), copied.summary()
}
