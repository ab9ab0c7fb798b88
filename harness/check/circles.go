package check

import (
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// envelope is a sender and a recipient, as addresses.
type envelope struct{ from, to int32 }

// circles keeps the envelopes with a sender that somebody refused for good. Most
// are what was handed in; the others are the relay's own. A relay that answers
// its own bounces sends such mail round and round, and as long as it is refused
// at either end none of it ever arrives anywhere.
type circles map[envelope]refusal

// refusal is the first one of an envelope, and how many there were.
type refusal struct {
	at    time.Duration
	times int
}

// see takes in an attempt at one recipient. Addresses of nobody in the scenario
// are left out: a relay may rewrite senders to its own.
func (u circles) see(l *ledger, from, to int32, e *evidence.Event) {
	if from < 0 || e.Code < 500 || e.Endpoint == endpointSubmission ||
		l.cohortOf(from) == nil || l.cohortOf(to) == nil {
		return
	}
	r, known := u[envelope{from, to}]
	if !known {
		r.at = e.T
	}
	r.times++
	u[envelope{from, to}] = r
}

// circling turns what nobody handed in into mail that nobody may send. Its sender
// must have been named in some submission: then it is no other way of writing one.
func (l *ledger) circling() {
	if len(l.circles) == 0 {
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
				delete(l.circles, envelope{m.from, p.rcpt})
			}
		}
	}
	for e, r := range l.circles {
		if known[e.from] {
			l.strays = append(l.strays, stray{
				to: l.addresses[e.to].text,
				what: "mail from <" + l.addresses[e.from].text + "> that nobody handed in, refused " +
					many(r.times, "time") + ", first at " + l.clock(r.at),
			})
		}
	}
}
