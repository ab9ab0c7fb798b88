package harness

import (
	"math"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/evidence"
)

// The rates in scenario seconds a wall second, for drivers that name none.
const (
	// idleInProcess lets thirteen hours pass in three quarters of a minute.
	idleInProcess = 1300
	// drainInProcess leaves the backlog time to drain as fast as it can: what
	// the relay does then costs CPU, not waiting.
	drainInProcess = 120
	// idleShared and drainShared are measured for Postfix on two cores: at 600x
	// 2 % of its retries were later than one queue scan, at 1800x 17 %.
	idleShared  = 600
	drainShared = 120
	// restarting is the rate while a relay starts: its own start-up takes real
	// time, which must not become scenario hours.
	restarting = 1
	// down is the rate while a relay is dead.
	down = 60
	// loadInProcess and loadShared are submissions a wall second that the
	// machine surely bears beside everything else.
	loadInProcess = 150
	loadShared    = 60
)

// pace sets the clock's rate by what the plan says is going on: fast while
// there is only waiting, slow while the backlog drains, slowest while a relay
// starts; and below that as the machine bears it (see govern).
type pace struct {
	*recorder
	warp        *clock.Warp
	idle, drain float64
	governed    bool
	inProcess   bool

	mu       sync.Mutex
	draining bool
	held     float64       // > 0: a rate that overrides
	paused   bool          // overrides even that
	excused  bool          // what hangs is the relay's doing, not the machine's
	pardon   time.Time     // when that was last said
	lag      time.Duration // how far behind the machine is
	told     time.Time
	course   []RateStep
}

func newPace(r *run) *pace {
	p := &pace{recorder: r.recorder, warp: r.warp, idle: 1, drain: 1, inProcess: r.traits.InProcess}
	if !r.traits.SharesClock || r.cfg.Speed == 1 {
		return p
	}
	p.governed = true
	load := float64(loadInProcess)
	p.idle, p.drain = idleInProcess, drainInProcess
	if !r.traits.InProcess {
		p.idle, p.drain, load = idleShared, drainShared, loadShared
	}
	if r.traits.MaxRate > 0 {
		p.idle = min(p.idle, r.traits.MaxRate)
	}
	if r.traits.DrainRate > 0 {
		p.drain = r.traits.DrainRate
	}
	if r.cfg.Speed > 0 {
		p.idle = r.cfg.Speed
	} else if busiest := busiestRate(r); busiest > 0 {
		p.idle = max(1, min(p.idle, load/busiest))
	}
	p.drain = min(p.drain, p.idle)
	return p
}

// busiestRate is the most submissions a scenario second over any quarter hour.
func busiestRate(r *run) float64 {
	const window = 15 * time.Minute
	var best, n int
	var until time.Duration
	for step := range r.timeline.Steps() {
		if step.Submit == nil {
			continue
		}
		if step.At >= until {
			until, n = (step.At/window+1)*window, 0
		}
		n++
		best = max(best, n)
	}
	return float64(best) / window.Seconds()
}

// enter follows the plan into a phase.
func (p *pace) enter(phase string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draining = phase == phaseDrain
	p.apply()
}

// drained says that nothing is left to be slow for.
func (p *pace) drained() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draining = false
	p.apply()
}

// hold overrides the rate until release.
func (p *pace) hold(rate float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = min(rate, p.idle)
	p.apply()
}

func (p *pace) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = 0
	p.apply()
}

// apply sets the rate that the present asks for.
func (p *pace) apply() {
	rate := p.idle
	switch {
	case p.held > 0:
		rate = p.held
	case p.draining:
		rate = p.drain
	}
	rate = bearable(rate, p.lag)
	if p.paused {
		rate = min(rate, p.standing())
	}
	was := p.warp.Rate()
	if was == rate || was > 0 && math.Abs(rate-was)/was < fine && rate != p.idle {
		return
	}
	p.warp.SetRate(rate)
	p.tell(rate)
}

// tell records a change, but not each of the governor's small ones.
func (p *pace) tell(rate float64) {
	if n := len(p.course); n > 0 {
		last := p.course[n-1].Rate
		if last == rate || time.Since(p.told) < beat && rate < 2*last && last < 2*rate {
			return
		}
	}
	p.told = time.Now()
	p.course = append(p.course, RateStep{T: p.now(), Rate: rate})
	p.log.Append(evidence.Event{Kind: evidence.KindRate, Actor: evidence.Harness, Rate: rate})
}

// steps is the course so far.
func (p *pace) steps() []RateStep {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]RateStep(nil), p.course...)
}

func (p *pace) isDraining() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.draining && p.held == 0
}
