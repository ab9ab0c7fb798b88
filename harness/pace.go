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
	// idleInProcess lets thirteen hours pass in three quarters of a minute on any
	// machine, topInProcess in ten seconds on one that has nothing else to do.
	idleInProcess, topInProcess = 1300, 5000
	// drainInProcess leaves the backlog time to drain as fast as it can: what
	// the relay does then costs CPU, not waiting.
	drainInProcess, topDrainInProcess = 120, 1300
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
	// nimble is how much more of them it bears while it rests in between.
	nimble = 3
)

// pace sets the clock's rate by what the plan says is going on: fast while
// there is only waiting, slow while the backlog drains, slowest while a relay
// starts; between two rates of each as the relay rests or is busy (see eager.go);
// and below that as the machine bears it (see govern).
type pace struct {
	*recorder
	warp        *clock.Warp
	idle, drain span
	eager       float64   // 0 to 1: where between slow and fast
	wary        time.Time // no haste until then
	caution     time.Duration
	delivered   int64 // until the last look
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
	p := &pace{
		recorder: r.recorder, warp: r.warp, idle: constant(1), drain: constant(1),
		inProcess: r.traits.InProcess,
	}
	if !r.traits.SharesClock || r.cfg.Speed == 1 {
		return p
	}
	p.governed = true
	load := float64(loadInProcess)
	p.idle, p.drain = span{idleInProcess, topInProcess}, span{drainInProcess, topDrainInProcess}
	if t := r.traits; !t.InProcess {
		p.idle, p.drain, load = constant(idleShared), constant(drainShared), loadShared
		if t.MaxRate > 0 {
			p.idle = span{min(idleShared, t.MaxRate), max(t.MaxRate, t.TopRate)}
		}
		if t.DrainRate > 0 {
			p.drain = span{t.DrainRate, max(t.DrainRate, t.TopDrain)}
		}
	}
	if r.cfg.Speed > 0 {
		p.idle = constant(r.cfg.Speed)
	} else if busiest := busiestRate(r); busiest > 0 {
		p.idle = p.idle.atMost(max(1, load/busiest), max(1, nimble*load/busiest))
	}
	p.drain = p.drain.atMost(p.idle.slow, p.idle.fast)
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
	p.draining, p.eager = phase == phaseDrain, 0
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
	p.held = min(rate, p.idle.slow)
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
	rate := p.idle.at(p.eager)
	switch {
	case p.held > 0:
		rate = p.held
	case p.draining:
		rate = p.drain.at(p.eager)
	}
	rate = bearable(rate, p.lag)
	if p.paused {
		rate = min(rate, p.standing())
	}
	was := p.warp.Rate()
	if was == rate || was > 0 && math.Abs(rate-was)/was < fine && rate != p.idle.slow {
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
