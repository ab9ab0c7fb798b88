package check

import (
	"cmp"
	"slices"
	"time"
)

// close ends the pass: it settles what could be told only from the whole.
func (l *ledger) close() {
	l.stalls.close()
	l.depart()
	for _, n := range l.vague {
		l.eachOf(n.letter, func(p *pair) { p.bounce(n.t) })
	}
	l.identify()
	l.inVain()
	l.attribute()
	l.circling()
	l.altered = slices.DeleteFunc(l.altered, func(c copyOf) bool {
		return !c.dkim && slices.Contains(l.redrawn[c.letter], c.digest)
	})
	l.reading = reading{}
}

// attribute finds the first delivery attempt of pairs that must have a spare
// copy. A session that brought no message does not say which one it was for, so
// it counts only where one pair alone can be meant: one pair of that recipient
// had been handed in and not yet delivered.
func (l *ledger) attribute() {
	if len(l.trials) == 0 {
		return
	}
	waiting := l.openByRecipient()
	slices.SortStableFunc(l.trials, func(a, b trial) int { return cmp.Compare(a.began, b.began) })
	for _, tr := range l.trials {
		list := waiting[tr.rcpt]
		for len(list) > 0 && list[0].until < tr.began {
			list = list[1:] // closed for all later trials too
		}
		waiting[tr.rcpt] = list
		pi := meant(list, tr)
		if first, ok := l.tried[pi]; pi != 0 && (!ok || tr.at < first) {
			l.tried[pi] = tr.at
		}
	}
	l.trials = nil
}

// meant is the one pair that the trial can be about, 0 if there is none or
// there are several.
func meant(list []open, tr trial) int32 {
	only := int32(0)
	for _, o := range list {
		if o.from > tr.t {
			break
		}
		if o.until < tr.began || tr.from >= 0 && o.sender != tr.from {
			continue
		}
		if only != 0 {
			return 0
		}
		only = o.pair
	}
	return only
}

// open is the time in which a session that names the recipient may be about
// the pair.
type open struct {
	pair, sender int32
	from, until  time.Duration
}

// openByRecipient lists the pairs of the recipients that trials name, ordered
// by the moment at which they were handed in.
func (l *ledger) openByRecipient() map[int32][]open {
	waiting := map[int32][]open{}
	for _, tr := range l.trials {
		waiting[tr.rcpt] = nil
	}
	var m letter
	var p pair
	for li := range int32(l.letters.n) {
		l.letters.read(li, &m)
		for pi := m.pairs; pi != 0; pi = p.next {
			l.pairs.read(pi, &m, &p)
			if _, ok := waiting[p.rcpt]; !ok {
				continue
			}
			o := open{pair: pi, sender: m.from, from: m.began, until: forever}
			if p.own.all > p.own.withheld && p.accepted <= 1 && p.unknown == 0 {
				o.until = p.told + replyPatience
			}
			waiting[p.rcpt] = append(waiting[p.rcpt], o)
		}
	}
	for _, list := range waiting {
		slices.SortStableFunc(list, func(a, b open) int { return cmp.Compare(a.from, b.from) })
	}
	return waiting
}
