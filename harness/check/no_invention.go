package check

import "fmt"

// noInvention: nothing arrives that was not submitted and accepted, and
// nothing at a place that is not the recipient's; and no notification comes with
// a sender, to whom it would bounce, nor goes round and round. Dirty mail has spare-clean.
func (l *ledger) noInvention() finding {
	w := witnesses{l: l}
	for _, s := range l.strays {
		w.call(-1, -1, func() string { return s.what + ", to " + s.to })
	}
	for _, m := range l.misplaced {
		if l.letter(m.letter).dirty {
			continue
		}
		w.call(m.letter, m.rcpt, func() string { return m.what + " at " + l.clock(m.t) })
	}
	arrivals := 0
	var m letter
	var p pair
	for li := range int32(l.letters.n) {
		l.letters.read(li, &m)
		if m.dirty {
			continue
		}
		for pi := m.pairs; pi != 0; pi = p.next {
			l.pairs.read(pi, &m, &p)
			n := int(p.own.all) + int(p.spare.all)
			arrivals += n
			if why := invented(&m, &p); n > 0 && why != "" {
				w.call(li, p.rcpt, func() string { return why })
			}
		}
	}
	f := finding{
		figure:    fmt.Sprintf("%s invented of %s arrivals", count(w.all), count(arrivals)),
		witnesses: w.list(),
	}
	switch {
	case w.all > 0:
		f.outcome = Fail
		f.reason = "mail arrived that was not submitted, not accepted, or not meant for the place"
	case arrivals == 0:
		f.reason = "nothing arrived"
	default:
		f.outcome = Pass
	}
	return f
}

// invented says why a pair should not have arrived anywhere, if so.
func invented(m *letter, p *pair) string {
	switch {
	case !m.submitted:
		return "arrived, but no such message was submitted"
	case !p.named:
		return "arrived, but the message did not have this recipient"
	case p.accepted == 0 && p.unknown == 0:
		return "arrived, although the relay never accepted it"
	}
	return ""
}
