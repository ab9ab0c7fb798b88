package check

// circling turns what nobody handed in into mail that nobody may send. A relay that
// answers its own bounces sends such mail round and round, and as long as it is
// refused at either end none of it ever arrives anywhere. Its sender must have been
// named in some submission: then it is no other way of writing one. Addresses of
// nobody in the scenario are left out: a relay may rewrite senders to its own.
func (l *ledger) circling() {
	if len(l.refusals) == 0 {
		return
	}
	known := map[int32]bool{}
	var m letter
	var p pair
	for li := range int32(l.letters.n) {
		if l.letters.read(li, &m); !m.submitted {
			continue
		}
		known[m.from] = true
		for pi := m.pairs; pi != 0; pi = p.next {
			if l.pairs.read(pi, &m, &p); p.named {
				known[p.rcpt] = true
				delete(l.refusals, envelope{m.from, p.rcpt})
			}
		}
	}
	for e, r := range l.refusals {
		if known[e.from] && e.to >= 0 && l.cohortOf(e.from) != nil && l.cohortOf(e.to) != nil {
			l.strays = append(l.strays, stray{
				to: l.addresses[e.to].text,
				what: "mail from <" + l.addresses[e.from].text + "> that nobody handed in, refused " +
					many(r.times, "time") + ", first at " + l.clock(r.first),
			})
		}
	}
}
