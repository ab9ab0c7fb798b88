package check

import (
	"slices"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// submission takes in one attempt of a sender. A pair is accepted when an
// accepted attempt named it and did not refuse it; a retry of the same message
// adds to what may explain a second delivery.
func (l *ledger) submission(e *evidence.Event) {
	li := l.letterOf(e.Msg)
	m := l.letter(li)
	m.size, m.from = e.Size, l.addressOf(e.From)
	m.dirty = m.dirty || e.Dirt != ""
	m.elsewhere = m.elsewhere || e.Goes == string(scenarios.Elsewhere)
	l.content(li, m.submitted, digestOf(e.Digest))
	var known []pair // as they were before the letter's first attempt is another
	if !m.submitted || uint16(e.Attempt) < m.first {
		known = l.pairsOf(&m)
		m.first, m.due, m.began, m.answered = uint16(e.Attempt), e.Due, e.Began, e.T
		m.code = uint16(e.Code)
		m.whole = e.Outcome == evidence.Accepted && len(e.Refused) == 0
		m.dropped = e.Outcome == evidence.Unknown || e.Outcome == evidence.Broken
	}
	m.submitted = true
	switch e.Outcome {
	case evidence.Accepted:
		bump(&m.accepted)
		l.reading.addTokens(li, e.Reply)
	case evidence.Unknown:
		bump(&m.unknown)
	case evidence.Refused:
		bump(&m.refused)
	}
	l.letters.write(li, &m)
	pi := m.pairs
	for i := range known {
		l.pairs.write(pi, &m, &known[i])
		pi = known[i].next
	}
	for _, to := range e.To {
		l.named(li, to, e)
	}
}

// pairsOf are all pairs of a letter, in their order.
func (l *ledger) pairsOf(m *letter) (all []pair) {
	var p pair
	for pi := m.pairs; pi != 0; pi = p.next {
		l.pairs.read(pi, m, &p)
		all = append(all, p)
	}
	return all
}

// named takes in one recipient of an attempt.
func (l *ledger) named(li int32, to string, e *evidence.Event) {
	l.alter(li, l.pairOf(li, l.addressOf(to)), func(p *pair) {
		p.named = true
		if slices.Contains(e.Refused, to) {
			return
		}
		switch e.Outcome {
		case evidence.Accepted:
			if p.accepted == 0 || e.T < p.taken {
				p.taken, p.handed = e.T, e.T
				if e.Began > 0 {
					p.handed = e.Began
				}
			}
			bump(&p.accepted)
		case evidence.Unknown:
			bump(&p.unknown)
		}
	})
}

// content notes the digest of a submission, and compares the copies that were
// there before it.
func (l *ledger) content(li int32, submitted bool, digest uint64) {
	if submitted {
		if digest != l.reading.digest(li) && digest != 0 {
			l.redrawn[li] = append(l.redrawn[li], digest)
		}
		return
	}
	l.reading.setDigest(li, digest)
	for _, c := range l.early[li] {
		l.compare(c)
	}
	delete(l.early, li)
}

// compare holds a copy's content against the submission's. A digest that is
// missing on either side was not looked at, and says nothing.
func (l *ledger) compare(c copyOf) {
	want := l.reading.digest(c.letter)
	if want != 0 && c.digest != 0 {
		l.compared++
	}
	if c.dkim || want != 0 && c.digest != 0 && c.digest != want {
		l.altered = append(l.altered, c)
	}
}

// delivery takes in a message that a fake took, for each of its recipients.
func (l *ledger) delivery(e *evidence.Event) {
	li := l.letterOf(e.Msg)
	c := copyOf{
		letter: li, rcpt: -1, digest: digestOf(e.Digest), t: e.T,
		endpoint: e.Endpoint, dkim: e.DKIM == "fail", clues: e.Clues,
	}
	for _, to := range e.To {
		rcpt := l.addressOf(to)
		spare := false
		if e.Endpoint == endpointSpare {
			if owner := l.addresses[rcpt].owner; owner >= 0 {
				rcpt, spare = owner, true
			}
		}
		if c.rcpt < 0 {
			c.rcpt = rcpt
		}
		l.place(li, rcpt, spare, e)
		l.detour(li, rcpt, e)
		if e.Endpoint == endpointSpare && !spare {
			continue // neither a delivery nor a spare copy of anybody's
		}
		l.arrived(li, l.pairOf(li, rcpt), spare, e)
	}
	switch {
	case l.letter(li).submitted:
		l.compare(c)
	default:
		l.early[li] = append(l.early[li], c)
	}
}

// arrived counts one copy for one recipient.
func (l *ledger) arrived(li, pi int32, spare bool, e *evidence.Event) {
	l.hungUp(li, pi, spare, e)
	if !spare {
		l.alter(li, pi, func(p *pair) { p.delivered(e) })
		return
	}
	l.alter(li, pi, func(p *pair) {
		if p.spare.all == 0 || e.At < p.copiedAt {
			p.copied, p.copiedAt = e.T, e.At
			delete(l.blurred, pi)
			if e.Blur > 0 {
				l.blurred[pi] = e.Blur
			}
		}
		p.spare.count(e.Withheld, false)
	})
}

// delivered counts one copy at a tenant or inbox.
func (p *pair) delivered(e *evidence.Event) {
	if p.own.all == 0 || e.At < p.outAt {
		p.out, p.outAt = e.T, e.At
	}
	told := p.own.all > p.own.withheld
	late := told && e.Withheld && e.Began > p.told+replyPatience
	if !e.Withheld && (!told || e.T < p.told) {
		p.told = e.T
	}
	p.own.count(e.Withheld, late)
}

func (c *copies) count(withheld, late bool) {
	bump(&c.all)
	if withheld {
		bump(&c.withheld)
	}
	if late {
		bump(&c.late)
	}
}

// trial is a session at a tenant that named a recipient and brought no message.
type trial struct {
	rcpt         int32
	from         int32 // -1: not known
	began, t, at time.Duration
}

// attempt keeps what may be the first delivery attempt of a pair that must have
// its spare copy before that ends.
func (l *ledger) attempt(e *evidence.Event) {
	if e.Endpoint == endpointSpare {
		return
	}
	from := int32(-1)
	if e.From != "" {
		from = l.addressOf(e.From)
	}
	for _, to := range e.To {
		rcpt := l.addressOf(to)
		if c := l.cohortOf(rcpt); c != nil && c.spare {
			l.trials = append(l.trials,
				trial{rcpt: rcpt, from: from, began: e.Began, t: e.T, at: e.At})
		}
	}
}

// notice is a DSN that says failed and cannot be entered with a pair at once:
// it is about a spare copy, or names nobody.
type notice struct {
	letter, rcpt int32
	t            time.Duration
}

// dsn takes in a notification; only "failed" ends a pair (RFC 3464 section
// 2.3.3), all other actions are news. One that names no recipient is about all;
// one that names no message may be about any of its recipient's.
func (l *ledger) dsn(e *evidence.Event) {
	if e.From != "" {
		l.strays = append(l.strays, bouncing(e))
	}
	if e.Action != "failed" {
		return
	}
	if e.Msg == "" {
		l.nameless++
		for _, final := range e.Final {
			l.given[l.addressOf(finalRecipient(final))] = true
		}
		return
	}
	li := l.letterOf(e.Msg)
	if len(e.Final) == 0 {
		l.vague = append(l.vague, notice{letter: li, t: e.T})
	}
	for _, final := range e.Final {
		text := finalRecipient(final)
		if original, ok := fromSpare(text); ok {
			rcpt := l.addressOf(original)
			l.spareDSN = append(l.spareDSN, notice{letter: li, rcpt: rcpt, t: e.T})
			continue
		}
		l.bounce(li, l.pairOf(li, l.addressOf(text)), e.T)
	}
}

func (l *ledger) bounce(li, pi int32, t time.Duration) {
	l.alter(li, pi, func(p *pair) { p.bounce(t) })
}

func (p *pair) bounce(t time.Duration) {
	if !p.bounced || t < p.failed {
		p.failed = t
	}
	p.bounced = true
}
