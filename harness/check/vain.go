package check

import (
	"slices"
	"time"
)

// vain keeps the notifications that were refused for good: a sender was to be told,
// but in vain. A relay that may not deliver a message owes its sender a
// notification (RFC 5321 section 6.1); where the sender's own server refuses that
// for good too, there is nobody left to tell, and the relay lets go of both. No
// notification arrives then, and yet nothing was lost by the relay.
type vain struct {
	// notices are when, by their recipient: the sender of what they are about. Those
	// refused at MAIL, of which nobody knows whom they were for, are at -1.
	notices map[int32][]time.Duration
	// doubtful are the pairs of which one of the latter may tell, by letter and
	// recipient.
	doubtful map[[2]int32]bool
}

func newVain() vain {
	return vain{notices: map[int32][]time.Duration{}, doubtful: map[[2]int32]bool{}}
}

// take uses up the first notice to the recipient from t on: each tells of one
// message.
func (v *vain) take(rcpt int32, t time.Duration) (at time.Duration, ok bool) {
	all := v.notices[rcpt]
	i, _ := slices.BinarySearch(all, t)
	if i == len(all) {
		return 0, false
	}
	at = all[i]
	if i == 0 {
		v.notices[rcpt] = all[1:] // as it mostly is; the rest need not move
	} else {
		v.notices[rcpt] = slices.Delete(all, i, i+1)
	}
	return at, true
}

// inVain finds the pairs of which nothing is left, since their mail was refused
// and so was the notification. Where that names the sender, they are bounced;
// where it names nobody, it may be about any of them, and their fate is open.
func (l *ledger) inVain() {
	v := &l.vain
	if len(v.notices) == 0 {
		return
	}
	for _, all := range v.notices {
		slices.Sort(all) // sessions end in any order
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
		if p.accepted == 0 || p.own.all > 0 || p.bounced || p.queued || !l.refusals.of(m.from, &p) {
			continue
		}
		if !told && !maybe {
			if at, told = v.take(m.from, p.handed); !told {
				if _, maybe = v.take(-1, p.handed); !maybe {
					return
				}
			}
		}
		if told {
			l.bounce(li, pi, at)
		} else {
			v.doubtful[[2]int32{li, p.rcpt}] = true
		}
	}
}
