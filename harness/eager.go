package harness

import (
	"math"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

const (
	// resting and busy are shares of the wall time in which the relay's busiest
	// process wants a processor: below the one the clock speeds up, above the
	// other it slows down.
	resting, busy = 0.35, 0.6
	// hasten and shrink are what one look changes of the way from the slow rate
	// to the fast one: up in a fifth of a second, down in less than half of that.
	hasten, shrink = 0.2, 0.5
	// bear is the scenario time that may pass unseen, for want of a processor,
	// without an end to the haste, and await that which a submission may take;
	// wariness is the wall time until the next try after the first such end. It
	// doubles with each: a machine that others use is soon left at the slow rate.
	bear     = 40 * time.Second
	await    = 100 * time.Second
	wariness = time.Second / 4
	// every so many glimpses the governor asks how busy the relay is.
	glimpses = 8
)

// span is the rates of one kind of phase: slow holds on any machine and while the
// relay is busy, fast while it rests.
type span struct{ slow, fast float64 }

// constant is a span of one rate.
func constant(rate float64) span { return span{rate, rate} }

// at is the rate the given share of the way from slow to fast, each step of which
// is the same factor.
func (s span) at(share float64) float64 {
	if s.fast <= s.slow {
		return s.slow
	}
	return s.slow * math.Pow(s.fast/s.slow, share)
}

// atMost bounds both.
func (s span) atMost(slow, fast float64) span {
	return span{min(s.slow, slow), max(min(s.fast, fast), min(s.slow, slow))}
}

// demand is who can tell how busy the relay is; nil where nobody can. Over a
// network in memory, time may be a bubble's, of which no processor knows, and
// what comes of a seed must not depend on one.
func (p *pace) demand(r relay.Relay, over relay.Network) relay.DemandReader {
	if _, inMemory := over.(*memory); inMemory ||
		p.idle.fast <= p.idle.slow && p.drain.fast <= p.drain.slow {
		return nil
	}
	if p.inProcess {
		return new(ownDemand)
	}
	reader, _ := r.(relay.DemandReader)
	return reader
}

// spur takes one look at the relay's business into account. A look that fails
// sees a busy one; and so does, while the backlog drains, one since which mail
// has gone out: that may wait for a disk, of which no processor knows.
func (p *pace) spur(from relay.DemandReader, delivered int64) {
	if from == nil {
		return
	}
	share, err := from.Demand()
	p.mu.Lock()
	defer p.mu.Unlock()
	moves := p.draining && delivered > p.delivered
	p.delivered = delivered
	switch {
	case err != nil || share > busy || moves:
		p.eager = max(0, p.eager-shrink)
	case share < resting && time.Now().After(p.wary):
		p.eager = min(1, p.eager+hasten)
	}
}

// sober ends all haste where too much scenario time passes while this process is
// late, or while a submission is behind; the caller holds the lock.
func (p *pace) sober(late, behind time.Duration) {
	rate := p.warp.Rate()
	if p.eager > 0 &&
		(late.Seconds()*rate > bear.Seconds() || behind.Seconds()*rate > await.Seconds()) {
		p.caution = max(wariness, 2*p.caution)
		p.eager, p.wary = 0, time.Now().Add(p.caution)
	}
}
