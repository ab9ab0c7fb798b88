package check

import (
	"slices"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// vain keeps what was refused for good, as far as it says that a sender was told,
// but in vain. A relay that may not deliver a message owes its sender a
// notification (RFC 5321 section 6.1); where the sender's own server refuses that
// for good too, there is nobody left to tell, and the relay lets go of both. No
// notification arrives then, and yet nothing was lost by the relay.
type vain struct {
	// mail is when an envelope was refused last. One refused at MAIL names nobody
	// and is kept for recipient -1.
	mail map[envelope]time.Duration
	// notices are the refused notifications of each sender, blind those refused at
	// MAIL, of which nobody knows for whom they were.
	notices map[int32][]time.Duration
	blind   []time.Duration
	// doubtful are the pairs of which a blind one may tell, by letter and
	// recipient.
	doubtful map[[2]int32]bool
}

func newVain() vain {
	return vain{mail: map[envelope]time.Duration{}, notices: map[int32][]time.Duration{},
		doubtful: map[[2]int32]bool{}}
}

// see takes in a session or transaction, also one that brought a message for
// others.
func (v *vain) see(l *ledger, e *evidence.Event) {
	refused, unnamed := refusedBy(e)
	if !unnamed && len(refused) == 0 || e.Endpoint == endpointSubmission {
		return
	}
	if e.From != "" {
		from := l.addressOf(e.From)
		if unnamed {
			v.mail[envelope{from, -1}] = e.T
		}
		for _, to := range refused {
			v.mail[envelope{from, l.addressOf(to)}] = e.T
		}
		return
	}
	if unnamed {
		v.blind = append(v.blind, e.T)
	}
	for _, to := range refused {
		rcpt := l.addressOf(to)
		v.notices[rcpt] = append(v.notices[rcpt], e.T)
	}
}

// refusedBy are the recipients that a transaction refused for good: those that it
// told so, and with the message all. One that was refused at MAIL named nobody.
func refusedBy(e *evidence.Event) (refused []string, unnamed bool) {
	refused = e.Refused
	if e.Kind != evidence.KindAttempt || e.Code < 500 {
		return refused, false
	}
	switch scenarios.Stage(e.Stage) {
	case scenarios.StageMail:
		return refused, len(e.To) == 0
	case scenarios.StageData, scenarios.StageBody, scenarios.StageEOD:
		return append(slices.Clip(refused), e.To...), false
	}
	return refused, false
}

// refused says that the pair itself was refused for good after it was handed in.
func (v *vain) refused(from int32, p *pair) bool {
	named, ok := v.mail[envelope{from, p.rcpt}]
	unnamed, also := v.mail[envelope{from, -1}]
	return ok && named >= p.handed || also && unnamed >= p.handed
}

// take uses up one of the notices that came after t: each tells of one message.
func take(notices *[]time.Duration, t time.Duration) (at time.Duration, ok bool) {
	for i, at := range *notices {
		if at >= t {
			*notices = append((*notices)[:i:i], (*notices)[i+1:]...)
			return at, true
		}
	}
	return 0, false
}

// inVain finds the pairs of which nothing is left, since their mail was refused
// and so was the notification. Where that names the sender, they are bounced;
// where it names nobody, it may be about any of them, and their fate is open.
func (l *ledger) inVain() {
	v := &l.vain
	if len(v.notices) == 0 && len(v.blind) == 0 {
		return
	}
	var m letter
	for li := range int32(l.letters.n) {
		if l.letters.read(li, &m); !m.submitted {
			continue
		}
		l.letterInVain(li, &m)
	}
}

func (l *ledger) letterInVain(li int32, m *letter) {
	v := &l.vain
	var at time.Duration
	told, maybe := false, false
	var p pair
	for pi := m.pairs; pi != 0; pi = p.next {
		l.pairs.read(pi, m, &p)
		if p.accepted == 0 || p.own.all > 0 || p.bounced || p.queued || !v.refused(m.from, &p) {
			continue
		}
		if !told && !maybe {
			notices := v.notices[m.from]
			if at, told = take(&notices, p.handed); told {
				v.notices[m.from] = notices
			} else if _, maybe = take(&v.blind, p.handed); !maybe {
				return
			}
		}
		if told {
			l.bounce(li, pi, at)
		} else {
			v.doubtful[[2]int32{li, p.rcpt}] = true
		}
	}
}
