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
	var m letter
	for li := range int32(l.letters.n) {
		l.letters.read(li, &m)
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

// phases are the figures of each phase that the run reached. One kind of latency
// is collected at a time: ten million of them are much.
func (l *ledger) phases() []Phase {
	edges := []time.Duration{0, l.outage, l.heal, l.drained, forever}
	end := max(l.length, l.run.end)
	var all [len(phaseNames)]Phase
	for i, name := range phaseNames {
		all[i] = Phase{Name: name, From: edges[i], Until: min(edges[i+1], end)}
	}
	l.measureAcceptance(&all)
	l.measurePairs(func(p *pair) (time.Duration, bool) {
		return p.out - p.taken, p.own.all > 0
	}, func(i int, sum Latency) { all[i].Delivery = sum })
	l.measurePairs(func(p *pair) (time.Duration, bool) {
		return p.copied - p.taken, p.spare.all > 0 && l.mustHaveSpare(p)
	}, func(i int, sum Latency) { all[i].Spare = sum })
	var reached []Phase
	for _, ph := range all {
		if ph.From < ph.Until {
			reached = append(reached, ph)
		}
	}
	return reached
}

func (l *ledger) measureAcceptance(all *[len(phaseNames)]Phase) {
	var accepted [len(phaseNames)]latencies
	var m letter
	for li := range int32(l.letters.n) {
		l.letters.read(li, &m)
		if !m.submitted || m.dirty {
			continue
		}
		i := l.phase(m.due)
		all[i].Offered++
		if m.whole {
			all[i].First++
			accepted[i].add(m.answered - m.due)
		}
	}
	for i := range all {
		all[i].Acceptance = accepted[i].summary()
	}
}

// measurePairs sums up one latency of the accepted pairs of each phase.
func (l *ledger) measurePairs(
	took func(*pair) (time.Duration, bool), tell func(phase int, sum Latency),
) {
	var all [len(phaseNames)]latencies
	l.eachAccepted(func(_ int32, m *letter, _ int32, p *pair) {
		if d, ok := took(p); ok {
			all[l.phase(m.due)].add(d)
		}
	})
	for i := range all {
		tell(i, all[i].summary())
	}
}
