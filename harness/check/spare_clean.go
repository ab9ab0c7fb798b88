package check

import "fmt"

// spareClean: no message that the relay had to filter arrived anywhere, be it
// the spare, a tenant or an inbox, whatever the relay answered to its sender.
func (l *ledger) spareClean() finding {
	w := witnesses{l: l}
	dirty := 0
	var m letter
	var p pair
	for li := range int32(l.letters.n) {
		l.letters.read(li, &m)
		if !m.dirty {
			continue
		}
		dirty++
		for pi := m.pairs; pi != 0; pi = p.next {
			if l.pairs.read(pi, &m, &p); p.own.all+p.spare.all > 0 {
				w.call(li, p.rcpt, func() string {
					return fmt.Sprintf("had to be filtered: %s, %s",
						many(int(p.own.all), "delivery"), many(int(p.spare.all), "spare copy"))
				})
			}
		}
	}
	f := finding{
		figure: fmt.Sprintf("%s let through of %s that had to be filtered",
			many(w.all, "pair"), many(dirty, "message")),
		witnesses: w.list(),
	}
	switch {
	case w.all > 0:
		f.outcome = Fail
		f.reason = "mail that had to be filtered arrived"
	case dirty == 0:
		f.reason = "no mail that had to be filtered was offered"
	default:
		f.outcome = Pass
	}
	return f
}
