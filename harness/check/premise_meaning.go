package check

import (
	"fmt"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// faultsFelt: each planned fault happened to at least one session, but for those
// that a client of good manners avoids.
func (l *ledger) faultsFelt() (figure, reason string) {
	unfelt, avoided, times := "", "", 0
	for _, f := range l.s.Faults {
		times += l.run.felt[f.Name]
		switch {
		case l.run.felt[f.Name] > 0:
		case f.Avoidable:
			avoided += "; " + f.Name + " was given no cause"
		default:
			unfelt = join(unfelt, "nobody felt the fault "+f.Name+l.unasked(f))
		}
	}
	if times == 0 && avoided != "" {
		unfelt = join(unfelt, "nobody felt any fault")
	}
	return fmt.Sprintf("%s, felt %s%s", many(len(l.s.Faults), "fault"), many(times, "time"), avoided),
		unfelt
}

// unasked says why nobody could feel a fault of a service beside the mail: it
// was asked for nothing, or not meanwhile.
func (l *ledger) unasked(f scenarios.Fault) string {
	if !f.Where.Web() {
		return ""
	}
	if n := l.run.asked[f.Where.At]; n > 0 {
		return fmt.Sprintf(" (the service at %s was asked %s, but not meanwhile)", f.Where.At,
			many(n, "time"))
	}
	return fmt.Sprintf(" (nobody asked the service at %s for anything: bring a monitor that does, "+
		"with --watch)", f.Where.At)
}

// planDone: every link was impaired and all was done to the relay, as planned;
// these leave no trace in sessions by which they could be felt.
func (l *ledger) planDone() (figure, reason string) {
	planned, undone := 0, ""
	want := func(verb, name string) {
		planned++
		if !l.run.steps[verb+" "+name] {
			undone = join(undone, "the step "+verb+" "+name+" was not done")
		}
	}
	for _, link := range l.s.Links {
		want("impair", link.Name)
	}
	for _, r := range l.s.Relay {
		begin, heal := relayVerbs(r)
		want(begin, r.Name)
		if !r.Permanent {
			want(heal, r.Name)
		}
	}
	return many(planned, "step") + " with links and the relay planned", undone
}

// relayVerbs are the steps that begin and heal what is done to the relay, as
// the evidence names them. What the relay itself was seen to do counts ("done"),
// but for a kill, after which there is nobody to say so; one that waits for its
// moment is told by the sender that brought it.
func relayVerbs(r scenarios.RelayStep) (begin, heal string) {
	switch r.Do {
	case scenarios.Pause:
		return "pause done", "resume done"
	case scenarios.Restart:
		return "stop done", "start done"
	case scenarios.DiskFull:
		return "fill-disk done", "free-disk done"
	case scenarios.SlowDisk:
		return "slow-disk done", "quick-disk done"
	case scenarios.ClockStep:
		return "step-clock done", "step-back done"
	}
	if r.When != "" {
		return killDone, "restart"
	}
	return "kill", "restart"
}

// mailInFlight: mail for the affected cohorts was accepted during the outage.
func (l *ledger) mailInFlight() (figure, reason string) {
	if l.outage == forever {
		return "no outage planned", ""
	}
	n := 0
	l.eachAccepted(func(_ int32, m *letter, _ int32, p *pair) {
		if c := l.cohortOf(p.rcpt); c != nil && c.affected && l.phase(m.due) == outage {
			n++
		}
	})
	figure = many(n, "pair") + " for affected cohorts accepted during the outage"
	if n == 0 {
		reason = "no mail for the affected cohorts was in flight during the outage"
	}
	return figure, reason
}

// enoughOffered: every route offered something, so that every cohort the
// scenario speaks of took part.
func (l *ledger) enoughOffered() (figure, reason string) {
	offered := 0
	for _, r := range l.s.Routes {
		n := l.run.routes[r.Name]
		offered += n
		if n == 0 && r.Peak > 0 {
			reason = join(reason, "route "+r.Name+" offered no message")
		}
	}
	if offered == 0 && reason == "" {
		reason = "no message was offered"
	}
	return fmt.Sprintf("%s on %s", many(offered, "message"), many(len(l.s.Routes), "route")), reason
}

// lateLimit is by how much of scenario time the load may come late, which blurs
// no phase. It does not grow with the clock's rate: where the machine's own
// pauses are more than this, the rate was too high for the machine.
const lateLimit = time.Minute

// loadOnSchedule: 99 % of the first attempts began when they were due.
func (l *ledger) loadOnSchedule() (figure, reason string) {
	var late latencies
	var m letter
	for li := range int32(l.letters.n) {
		if l.letters.read(li, &m); m.submitted {
			late.add(m.began - m.due)
		}
	}
	p99 := late.summary().P99
	figure = fmt.Sprintf("99 %% of the first attempts within %s of their schedule (limit %s)",
		span(p99), span(lateLimit))
	if p99 > lateLimit {
		reason = "the load did not keep its schedule"
	}
	return figure, reason
}

// The baseline must have delivered that share of what was due that long before
// the first disturbance; what the relay lost or bounced by itself is judged by
// the promises on that.
const (
	baselineShare = 0.99
	baselineRest  = 15 * time.Minute
)

// baselineHeld: before anything was disturbed, mail arrived.
func (l *ledger) baselineHeld() (figure, reason string) {
	if l.calm <= 0 {
		return "no baseline planned", ""
	}
	until := l.calm - min(baselineRest, l.calm/3)
	due, delivered := 0, 0
	l.eachAccepted(func(li int32, m *letter, _ int32, p *pair) {
		if m.due > until || l.claimed(li, p) != "" {
			return
		}
		due++
		if p.own.all > 0 && p.out <= l.calm {
			delivered++
		}
	})
	figure = fmt.Sprintf("%s of %s due until %s delivered before the first disturbance",
		percent(delivered, due), many(due, "pair"), l.clock(until))
	switch {
	case due == 0:
		reason = "no mail was accepted before the first disturbance"
	case float64(delivered) < baselineShare*float64(due):
		reason = "mail did not flow even before the first disturbance"
	}
	return figure, reason
}

// settled: the run went on until nothing waited any more.
func (l *ledger) settled() (figure, reason string) {
	figure = "ended at " + l.clock(l.run.end) + ": " + string(l.run.ended)
	if l.run.ended != evidence.Settled {
		reason = "the run ended before the mail had settled"
	}
	return figure, reason
}

// needSettling are the promises that only a settled run can show kept: where
// the queue can be read, what waits in it is not lost.
func (l *ledger) needSettling() []string {
	if l.listing.read {
		return []string{"drain"}
	}
	return []string{"no-loss", "drain"}
}
