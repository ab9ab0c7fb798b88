package check

import "time"

// maxBins bounds the curve: enough for a chart as wide as a page.
const maxBins = 156

// bins samples the run in at most maxBins stretches of whole seconds.
func (l *ledger) bins() (time.Duration, []Bin) {
	end := max(l.length, l.run.end, time.Second)
	width := ceil(ceil(end, time.Second), maxBins) * time.Second
	bins := make([]Bin, ceil(end, width))
	at := func(t time.Duration) *Bin {
		return &bins[min(max(0, int(t/width)), len(bins)-1)]
	}
	for i := range bins {
		bins[i].T = time.Duration(i) * width
	}
	l.eachAccepted(func(li int32, _ *letter, _ int32, p *pair) {
		at(p.taken).Accepted++
		if p.own.all > 0 {
			at(p.out).Delivered++
		}
		if p.spare.all > 0 && l.mustHaveSpare(p) {
			at(p.copied).Spare++
		}
		l.wait(li, p, at)
	})
	for second, n := range l.run.failures {
		if n > 0 {
			at(time.Duration(second) * time.Second).Failed += n
		}
	}
	for i := 1; i < len(bins); i++ {
		bins[i].Backlog += bins[i-1].Backlog
		bins[i].Affected += bins[i-1].Affected
	}
	return width, bins
}

// ceil divides and rounds up.
func ceil(a, b time.Duration) time.Duration { return (a + b - 1) / b }

// wait enters a pair as the changes it makes to the backlog: up where it was
// taken, down where it left.
func (l *ledger) wait(li int32, p *pair, at func(time.Duration) *Bin) {
	from, until, ok := l.waited(li, p)
	if !ok {
		return
	}
	at(from).Backlog++
	c := l.cohortOf(p.rcpt)
	affected := c != nil && c.affected
	if affected {
		at(from).Affected++
	}
	if until == forever {
		return
	}
	at(until).Backlog--
	if affected {
		at(until).Affected--
	}
}

// waited is the time that an accepted pair spent in the relay's queue; forever
// where it never left. Lost pairs are in nobody's queue.
func (l *ledger) waited(li int32, p *pair) (from, until time.Duration, ok bool) {
	switch l.fate(li, p) {
	case Delivered:
		// A fake may have taken it before the sender read the relay's reply.
		return p.taken, max(p.taken, p.out), true
	case Bounced:
		return p.taken, max(p.taken, p.failed), true
	case Lost:
		return 0, 0, false
	default:
		return p.taken, forever, true
	}
}
