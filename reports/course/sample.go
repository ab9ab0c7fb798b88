package course

import (
	"cmp"
	"slices"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
)

// closeUpBins is how many bins the drain's close-up has.
const closeUpBins = 120

// Course makes the picture of what was seen and of what the ledger holds. The
// figures give the bins and the phases.
func (w *Watcher) Course(ledger *check.Ledger, f check.Figures) *Course {
	c := &Course{Cut: ledger.Cut()}
	c.Acceptance = make([]Spread, len(f.Phases))
	c.Delivery = make([]Spread, len(f.Phases))
	c.Spare = make([]Spread, len(f.Phases))
	ledger.Acceptances(func(due, took time.Duration) {
		if phase := phaseOf(f.Phases, due); phase >= 0 {
			c.Acceptance[phase].add(took)
		}
	})
	if f.Bin > 0 {
		c.Whole = w.span(0, f.Bin, len(f.Bins))
	}
	if f.Heal > f.Outage && f.Drain.Pairs > 0 && f.Bin > 0 {
		length := f.Drain.Took + f.Drain.Took/8
		if f.Drain.Left > 0 {
			length = w.end - f.Heal
		}
		length = max(length, 10*time.Minute)
		bin := (length + closeUpBins*time.Second - 1) / (closeUpBins * time.Second) * time.Second
		lead := length / 16 / bin * bin
		c.Drain = w.span(f.Heal-lead, bin, int((length+lead+bin-1)/bin))
	}
	w.fill(c, ledger, f.Phases)
	c.Replies, c.FrontEnds = w.answers(), w.frontEnds()
	return c
}

// fill takes in every pair of the ledger.
func (w *Watcher) fill(c *Course, ledger *check.Ledger, phases []check.Phase) {
	spans := []*Span{&c.Whole, &c.Drain}
	var oldest [2][]*longest
	for i, s := range spans {
		for range s.Cohorts {
			oldest[i] = append(oldest[i], newLongest(s.Bins()))
		}
	}
	ledger.Pairs(func(p check.Pair) {
		spare := p.Cohort >= 0 && w.cohorts[p.Cohort].Spare
		if phase := phaseOf(phases, p.Due); phase >= 0 {
			if p.Out >= 0 {
				c.Delivery[phase].add(max(0, p.Out-p.Taken))
			}
			if p.Copied >= 0 && spare {
				c.Spare[phase].add(max(0, p.Copied-p.Taken))
			}
		}
		for i, s := range spans {
			if p.Cohort >= 0 && s.Bins() > 0 {
				s.flow(&p, spare, oldest[i][p.Cohort])
			}
		}
	})
	for i, s := range spans {
		for j := range s.Cohorts {
			b := s.Cohorts[j].Backlog
			for bin := 1; bin < len(b); bin++ {
				b[bin] += b[bin-1]
			}
			s.tellOldest(s.Cohorts[j].Oldest, oldest[i][j])
		}
	}
}

// answers are the replies in an order that is always the same.
func (w *Watcher) answers() (all []Reply) {
	for _, r := range w.replies {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b Reply) int {
		return cmp.Or(cmp.Compare(a.By, b.By), cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Fault, b.Fault))
	})
	return all
}

// frontEnds are all front ends in the order of their addresses.
func (w *Watcher) frontEnds() (all []FrontEnd) {
	for _, f := range w.fronts {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b FrontEnd) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Address, b.Address))
	})
	return all
}

// phaseOf is the index of the phase in which a message was due, or -1.
func phaseOf(phases []check.Phase, due time.Duration) int {
	for i, p := range phases {
		if due < p.Until || i == len(phases)-1 {
			return i
		}
	}
	return -1
}

// span is one stretch, with what was seen beside the mail.
func (w *Watcher) span(from, bin time.Duration, n int) Span {
	s := Span{From: from, Bin: bin, Dead: make([]int, n), Other: make([]int, n)}
	for _, c := range w.cohorts {
		s.Cohorts = append(s.Cohorts, Cohort{
			Name: c.Name, Affected: c.affected, Control: c.Control,
			Accepted: make([]int, n), Delivered: make([]int, n), Spare: make([]int, n),
			Backlog: make([]int, n), Oldest: make([]time.Duration, n),
		})
	}
	for second, count := range w.dead {
		s.enter(s.Dead, time.Duration(second)*time.Second, int(count))
	}
	for second, count := range w.other {
		s.enter(s.Other, time.Duration(second)*time.Second, int(count))
	}
	s.Rate = w.rates(s)
	return s
}

// enter counts something that happened within the span.
func (s *Span) enter(bins []int, t time.Duration, n int) {
	if t < s.From && s.From > 0 {
		return // a close-up; the whole run takes in what came before its start
	}
	if i := int((t - s.From) / s.Bin); i < len(bins) {
		bins[max(0, i)] += n
	} else if s.From == 0 {
		bins[len(bins)-1] += n
	}
}

// flow counts a pair as it comes, goes and waits.
func (s *Span) flow(p *check.Pair, spare bool, oldest *longest) {
	c := &s.Cohorts[p.Cohort]
	s.enter(c.Accepted, p.Taken, 1)
	if p.Out >= 0 {
		s.enter(c.Delivered, p.Out, 1)
	}
	if p.Copied >= 0 && spare {
		s.enter(c.Spare, p.Copied, 1)
	}
	in, out, waits := s.waited(p)
	if !waits {
		return
	}
	c.Backlog[in]++
	if out < s.Bins() {
		c.Backlog[out]--
	}
	oldest.wait(in, out, p.Taken)
}

// waited are the bins at whose end a pair waits: from in up to before out.
func (s *Span) waited(p *check.Pair) (in, out int, waits bool) {
	left := p.Out
	if left < 0 || p.Failed >= 0 && p.Failed < left {
		left = p.Failed
	}
	if left < 0 && p.Fate == check.Lost {
		return 0, 0, false
	}
	in, out = max(0, int((p.Taken-s.From)/s.Bin)), s.Bins()
	if p.Taken < s.From {
		in = 0
	}
	if left >= 0 {
		if left < s.From {
			return 0, 0, false
		}
		out = min(out, int((max(left, p.Taken)-s.From)/s.Bin))
	}
	return in, out, in < out
}

// tellOldest says for each bin how long the oldest has waited at its end.
func (s *Span) tellOldest(ages []time.Duration, oldest *longest) {
	for bin, since := range oldest.since() {
		if since != nobody {
			ages[bin] = s.At(bin+1) - since
		}
	}
}

// rates is how fast the clock ran, from what scenario and wall time events bear.
func (w *Watcher) rates(s Span) []float64 {
	rates := make([]float64, s.Bins())
	if len(w.marks) == 0 {
		return rates
	}
	slices.SortStableFunc(w.marks, func(a, b mark) int { return cmp.Compare(a.t, b.t) })
	for i := range rates {
		a, b := w.wall(s.At(i)), w.wall(s.At(i+1))
		if b > a {
			rates[i] = float64(s.Bin) / float64(b-a)
		} else if i > 0 {
			rates[i] = rates[i-1]
		}
	}
	return rates
}

// wall is the wall time at a scenario time, between the two nearest marks.
func (w *Watcher) wall(t time.Duration) time.Duration {
	i, _ := slices.BinarySearchFunc(w.marks, t, func(m mark, t time.Duration) int {
		return cmp.Compare(m.t, t)
	})
	if i == 0 {
		return w.marks[0].at
	}
	if i == len(w.marks) {
		return w.marks[i-1].at
	}
	a, b := w.marks[i-1], w.marks[i]
	return a.at + time.Duration(float64(b.at-a.at)*float64(t-a.t)/float64(b.t-a.t))
}
