package check

import "time"

// overdue collects what broke a limit of time: what the relay has to answer
// for, and what is excused because the machine itself stood still meanwhile.
// Excused ones break no promise, but leave it open.
type overdue struct{ blamed, excused witnesses }

func newOverdue(l *ledger) overdue {
	return overdue{blamed: witnesses{l: l}, excused: witnesses{l: l}}
}

// call adds a witness on one side or the other.
func (o *overdue) call(excused bool, li, rcpt int32, what func() string) {
	if excused {
		o.excused.call(li, rcpt, what)
		return
	}
	o.blamed.call(li, rcpt, what)
}

// all is how many broke the limit, whoever is to blame.
func (o *overdue) all() int { return o.blamed.all + o.excused.all }

// list is the witnesses against the relay, or else those that leave it open.
func (o *overdue) list() []Witness {
	if o.blamed.all > 0 {
		return o.blamed.list()
	}
	return o.excused.list()
}

// figure says how many are excused; empty if none is.
func (o *overdue) figure() string {
	if o.excused.all == 0 {
		return ""
	}
	return count(o.excused.all) + " excused by stalls of the machine"
}

// reason says why the promise is left open; empty if nothing is excused.
func (o *overdue) reason() string {
	if o.excused.all == 0 {
		return ""
	}
	return count(o.excused.all) + " took too long, " + o.blamed.l.stoodStill()
}

// mayStillCome says that a pair without delivery only lacked time: the relay
// holds it, or nobody has refused it yet.
func (l *ledger) mayStillCome(li int32, p *pair) bool {
	if p.accepted > 0 {
		fate := l.fate(li, p)
		return fate == Queued || fate == Unaccounted
	}
	m := l.letter(li)
	return m.accepted == 0 && m.refused == 0
}

// reached is when a pair was delivered, or when the run ended without that.
func (l *ledger) reached(p *pair) time.Duration {
	if p.own.all == 0 {
		return l.run.end
	}
	return p.out
}

// excusable says that a pair took longer than the limit, from a moment to its
// delivery or the end, for the machine's sake.
func (l *ledger) excusable(li int32, p *pair, from, limit time.Duration) bool {
	return (p.own.all > 0 || l.mayStillCome(li, p)) && l.blameless(from, l.reached(p), limit)
}
