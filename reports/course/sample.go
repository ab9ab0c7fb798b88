package course

import (
	"cmp"
	"slices"
	"time"
)

// closeUpBins is how many bins the drain's close-up has.
const closeUpBins = 120

// course makes the picture of what was kept.
func (l *look) course() *Course {
	f := l.plan.Figures
	c := &Course{Cut: l.cut, Acceptance: l.accepted}
	c.Delivery = make([]Spread, len(f.Phases))
	c.Spare = make([]Spread, len(f.Phases))
	for i := range l.pairs {
		p := &l.pairs[i]
		m := &l.letters[p.letter]
		phase := l.phase(m.due)
		if m.dirty || p.taken < 0 || phase < 0 {
			continue
		}
		if p.out >= 0 {
			c.Delivery[phase].add(max(0, p.out-p.taken))
		}
		if p.copied >= 0 && p.cohort >= 0 && l.cohorts[p.cohort].Spare {
			c.Spare[phase].add(max(0, p.copied-p.taken))
		}
	}
	if f.Bin > 0 {
		c.Whole = l.span(0, f.Bin, len(f.Bins))
	}
	if f.Heal > f.Outage && f.Drain.Pairs > 0 && f.Bin > 0 {
		length := f.Drain.Took + f.Drain.Took/8
		if f.Drain.Left > 0 {
			length = l.end - f.Heal
		}
		length = max(length, 10*time.Minute)
		bin := (length + closeUpBins*time.Second - 1) / (closeUpBins * time.Second) * time.Second
		lead := length / 16 / bin * bin
		c.Drain = l.span(f.Heal-lead, bin, int((length+lead+bin-1)/bin))
	}
	for _, r := range l.replies {
		c.Replies = append(c.Replies, *r)
	}
	slices.SortFunc(c.Replies, func(a, b Reply) int {
		return cmp.Or(cmp.Compare(a.By, b.By), cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Fault, b.Fault))
	})
	for _, f := range l.fronts {
		c.FrontEnds = append(c.FrontEnds, *f)
	}
	slices.SortFunc(c.FrontEnds, func(a, b FrontEnd) int {
		return cmp.Or(cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Address, b.Address))
	})
	return c
}

// span samples one stretch.
func (l *look) span(from, bin time.Duration, n int) Span {
	f := l.plan.Figures
	s := Span{From: from, Bin: bin, Dead: make([]int, n), Other: make([]int, n),
		lost: f.Lost > 0 && f.Queued+f.Unaccounted == 0}
	for _, c := range l.cohorts {
		s.Cohorts = append(s.Cohorts, Cohort{
			Name: c.Name, Affected: c.affected, Control: c.Control,
			Accepted: make([]int, n), Delivered: make([]int, n), Spare: make([]int, n),
			Backlog: make([]int, n), Oldest: make([]time.Duration, n),
		})
	}
	l.flow(&s)
	l.oldest(&s)
	for second, count := range l.dead {
		s.enter(s.Dead, time.Duration(second)*time.Second, int(count))
	}
	for second, count := range l.other {
		s.enter(s.Other, time.Duration(second)*time.Second, int(count))
	}
	s.Rate = l.rates(s)
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

// flow counts pairs as they come, go and wait.
func (l *look) flow(s *Span) {
	n := s.Bins()
	for i := range l.pairs {
		p := &l.pairs[i]
		if p.taken < 0 || p.cohort < 0 || l.letters[p.letter].dirty {
			continue
		}
		c := &s.Cohorts[p.cohort]
		s.enter(c.Accepted, p.taken, 1)
		if p.out >= 0 {
			s.enter(c.Delivered, p.out, 1)
		}
		if p.copied >= 0 && l.cohorts[p.cohort].Spare {
			s.enter(c.Spare, p.copied, 1)
		}
		in, out, waits := s.waited(p)
		if waits {
			c.Backlog[in]++
			if out < n {
				c.Backlog[out]--
			}
		}
	}
	for i := range s.Cohorts {
		b := s.Cohorts[i].Backlog
		for j := 1; j < n; j++ {
			b[j] += b[j-1]
		}
	}
}

// waited are the bins at whose end a pair waits: from in up to before out.
func (s *Span) waited(p *pair) (in, out int, waits bool) {
	left := p.out
	if left < 0 || p.up >= 0 && p.up < left {
		left = p.up
	}
	if left < 0 && s.lost {
		return 0, 0, false
	}
	in, out = max(0, int((p.taken-s.From)/s.Bin)), s.Bins()
	if p.taken < s.From {
		in = 0
	}
	if left >= 0 {
		if left < s.From {
			return 0, 0, false
		}
		out = min(out, int((max(left, p.taken)-s.From)/s.Bin))
	}
	return in, out, in < out
}

// oldest finds for each bin the pair that has waited longest at its end: pairs
// in the order of their coming, each takes the bins that nobody older has.
func (l *look) oldest(s *Span) {
	n := s.Bins()
	order := make([]int32, 0, len(l.pairs))
	for i := range l.pairs {
		p := &l.pairs[i]
		if p.taken >= 0 && p.cohort >= 0 && !l.letters[p.letter].dirty {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Compare(l.pairs[a].taken, l.pairs[b].taken)
	})
	free := make([][]int, len(s.Cohorts)) // next bin not taken yet, from each
	for i := range free {
		free[i] = make([]int, n+1)
		for j := range free[i] {
			free[i][j] = j
		}
	}
	for _, i := range order {
		p := &l.pairs[i]
		in, out, waits := s.waited(p)
		if !waits {
			continue
		}
		next, c := free[p.cohort], &s.Cohorts[p.cohort]
		for b := find(next, in); b < out; b = find(next, b) {
			c.Oldest[b] = s.At(b+1) - p.taken
			next[b] = b + 1
		}
	}
}

// find follows the chain to the next free bin, and shortens it.
func find(next []int, b int) int {
	for next[b] != b {
		next[b] = next[next[b]]
		b = next[b]
	}
	return b
}

// rates is how fast the clock ran, from what scenario and wall time events bear.
func (l *look) rates(s Span) []float64 {
	rates := make([]float64, s.Bins())
	if len(l.marks) == 0 {
		return rates
	}
	slices.SortStableFunc(l.marks, func(a, b mark) int { return cmp.Compare(a.t, b.t) })
	for i := range rates {
		a, b := l.wall(s.At(i)), l.wall(s.At(i+1))
		if b > a {
			rates[i] = float64(s.Bin) / float64(b-a)
		} else if i > 0 {
			rates[i] = rates[i-1]
		}
	}
	return rates
}

// wall is the wall time at a scenario time, between the two nearest marks.
func (l *look) wall(t time.Duration) time.Duration {
	i, _ := slices.BinarySearchFunc(l.marks, t, func(m mark, t time.Duration) int {
		return cmp.Compare(m.t, t)
	})
	if i == 0 {
		return l.marks[0].at
	}
	if i == len(l.marks) {
		return l.marks[i-1].at
	}
	a, b := l.marks[i-1], l.marks[i]
	return a.at + time.Duration(float64(b.at-a.at)*float64(t-a.t)/float64(b.t-a.t))
}
