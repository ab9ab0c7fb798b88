package harness

import (
	"context"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
)

const (
	// ease is the lag up to which the machine is taken to keep up.
	ease = 15 * time.Millisecond
	// crawl is the slowest that the governor goes: whatever hangs in scenario
	// time must end in wall time.
	crawl = 20.0
	// fine is the change of rate that is not worth making.
	fine = 0.15
	// stall is the scenario time that must pass unseen, because the machine did
	// not run us, before it is worth recording.
	stall = 15 * time.Second
	// glimpse is the wall time between two looks of the governor.
	glimpse = 5 * time.Millisecond
)

// bearable lowers a rate when the machine lags. A reply that takes a moment of
// the wall's takes rate times as long in the scenario; so the rate falls with
// the square of the lag, and however long a machine hangs, no more than
// 2 × rate × ease of scenario time passes until the rate is down to crawl.
func bearable(rate float64, lag time.Duration) float64 {
	if lag <= ease || rate <= crawl {
		return rate
	}
	share := float64(ease) / float64(lag)
	return max(crawl, rate*share*share)
}

// govern keeps the rate bearable until ctx ends: it looks at how far the load
// is behind, and at how late it looks itself, which tells of a machine whose
// processors are taken. It slows down at once and speeds up gradually.
func (p *pace) govern(ctx context.Context, behind func() time.Duration, delivered func() int64,
	of relay.DemandReader,
) {
	if !p.governed {
		return
	}
	tick := time.NewTicker(glimpse)
	defer tick.Stop()
	last, then := time.Now(), p.now()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		late, now := time.Since(last)-glimpse, p.now()
		if late > ease && now-then > stall {
			p.log.Append(evidence.Event{
				Kind: evidence.KindStall, Actor: evidence.Harness,
				Began: then, Value: late.Seconds(),
			})
		}
		last, then = time.Now(), now
		if n%glimpses == 0 {
			p.spur(of, delivered())
		}
		p.feel(late, p.machines(behind()))
	}
}

// feel takes one look's lag into account.
func (p *pace) feel(late, behind time.Duration) {
	// Of the lag felt before, at each look: a machine that has just been busy
	// will be so again in the next quarter of a second.
	const memory = 0.97
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lag = max(late, behind, time.Duration(memory*float64(p.lag)))
	p.sober(late, behind)
	p.apply()
}

// excuse says that attempts hang now because the relay was made to, and later
// that they do not. They end soon after, not at once.
func (p *pace) excuse(hangs bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.excused, p.pardon = hangs, time.Now()
}

// machines is the lag of the load as far as it is the machine's: none while the
// relay is made to hang, and after that no more than has passed since.
func (p *pace) machines(lag time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.excused:
		return 0
	case !p.pardon.IsZero():
		return min(lag, time.Since(p.pardon))
	}
	return lag
}
