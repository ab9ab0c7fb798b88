package check

import (
	"slices"
	"time"
)

// worst is the worst of what waited for the affected cohorts.
func (l *ledger) worst() Backlog {
	b := l.peak()
	l.oldest(&b)
	return b
}

// peak finds the most pairs that waited at a time. Of each it needs two moments
// only: when it came and when it left. What leaves at a moment leaves before what
// comes: a pair delivered as it is accepted does not wait.
func (l *ledger) peak() (b Backlog) {
	n := 0
	l.eachWaiting(func(int32, *letter, *pair, time.Duration, time.Duration) { n++ })
	came, left := make([]time.Duration, 0, n), make([]time.Duration, 0, n)
	l.eachWaiting(func(_ int32, _ *letter, _ *pair, from, until time.Duration) {
		came = append(came, from)
		if until != forever {
			left = append(left, until)
		}
	})
	slices.Sort(came)
	slices.Sort(left)
	waiting, gone := 0, 0
	for i, t := range came {
		for gone < len(left) && left[gone] <= t {
			gone++
			waiting--
		}
		if waiting++; (i+1 == len(came) || came[i+1] != t) && waiting > b.Peak {
			b.Peak, b.At = waiting, t
		}
	}
	if b.Peak > 0 {
		b.Bytes = l.bytesAt(b.At)
	}
	return b
}

// eachWaiting calls f for every clean pair of the affected cohorts that waited,
// if only for no time at all.
func (l *ledger) eachWaiting(
	f func(li int32, m *letter, p *pair, from, until time.Duration),
) {
	l.eachAccepted(func(li int32, m *letter, _ int32, p *pair) {
		if c := l.cohortOf(p.rcpt); c == nil || !c.affected {
			return
		}
		if from, until, ok := l.waited(li, p); ok {
			f(li, m, p, from, until)
		}
	})
}

// bytesAt is the size of the messages that waited just after a moment. Each
// counts once, from its first pair's coming to its last one's leaving.
func (l *ledger) bytesAt(t time.Duration) (bytes int64) {
	last, size := int32(-1), int64(0)
	first, until := forever, time.Duration(-1)
	count := func() {
		if first <= t && t < until {
			bytes += size
		}
	}
	l.eachWaiting(func(li int32, m *letter, _ *pair, from, left time.Duration) {
		if li != last {
			count()
			last, size, first, until = li, m.size, forever, -1
		}
		first, until = min(first, from), max(until, left)
	})
	count()
	return bytes
}

// oldest finds the pair that waited longest, of several the first.
func (l *ledger) oldest(b *Backlog) {
	li, rcpt := int32(-1), int32(-1)
	l.eachWaiting(func(i int32, _ *letter, p *pair, from, until time.Duration) {
		if age := min(until, l.run.end) - from; age > b.Oldest {
			b.Oldest, li, rcpt = age, i, p.rcpt
		}
	})
	if li >= 0 {
		b.Msg, b.Recipient = l.name(li), l.addresses[rcpt].text
	}
}
