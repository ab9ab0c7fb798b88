package check

import (
	"fmt"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// lateShare is the share of a relay's retries that may come late for reasons
// of its own (a full process table, a busy machine) before what took long is in
// doubt.
const lateShare = 0.03

// earlyShare is the share that may seem early: a queue manager that was not run
// for a moment reckons from before that moment, the log stamps what came after.
const earlyShare = 0.001

// evidenceWhole: the evidence was read from its first event to its last, and
// nobody ended the run half-way.
func (l *ledger) evidenceWhole() (figure, reason string) {
	figure = many(l.run.events, "event")
	switch {
	case l.run.cut != nil:
		return figure, "the evidence is cut: " + l.run.cut.Error()
	case !l.run.began:
		return figure, "the evidence has no beginning"
	case l.run.ended == "":
		return figure, "the evidence is cut: it has no last event"
	case l.run.ended != evidence.Settled && l.run.ended != evidence.Limit:
		return figure, "the run did not end by itself: " + string(l.run.ended)
	}
	return figure, ""
}

// noTrouble: neither the harness nor a fake failed by itself.
func (l *ledger) noTrouble() (figure, reason string) {
	figure = many(l.run.troubles, "failure") + " of the harness's own"
	if l.run.troubles > 0 {
		reason = "the harness itself failed: " + l.run.trouble
	}
	return figure, reason
}

// clockTrue: every clock that was looked at agreed with the scenario's.
func (l *ledger) clockTrue() (figure, reason string) {
	if l.run.canaries == 0 {
		return "no clock but the harness's own was looked at", ""
	}
	figure = fmt.Sprintf("%s at other clocks, the worst %.2f s off (limit %.2f s)",
		many(l.run.canaries, "look"), l.run.worst, l.run.worstLimit)
	if l.run.worst > l.run.worstLimit {
		reason = "the clock of " + l.run.untrue + " was off the scenario's"
	}
	return figure, reason
}

// retriesTrue: the relay did not retry before its time, by its own log. A clock
// that runs away from its processes shows in all its retries.
func (l *ledger) retriesTrue() (figure, reason string) {
	if l.run.retries == nil {
		return "the relay's log was not read for its retries", ""
	}
	all, early := l.run.retries["intervals"], l.run.retries["early"]
	figure = fmt.Sprintf("%.0f of %.0f retries early, by %.0f s at most",
		early, all, l.run.retries["worst_early_s"])
	if early > earlyShare*all {
		reason = fmt.Sprintf("more than %.1f %% of the relay's retries came earlier than its "+
			"configuration says: its clock is in doubt", 100*earlyShare)
	}
	return figure, reason
}

// retriesOnTime: nor much after it. Retries that come late for want of a
// processor say nothing of mail that is lost or altered; they do of how long
// things took.
func (l *ledger) retriesOnTime() (figure, reason string) {
	if l.run.retries == nil {
		return "the relay's log was not read for its retries", ""
	}
	all, late := l.run.retries["intervals"], l.run.retries["late"]
	figure = fmt.Sprintf("%.0f of %.0f retries late, by %.0f s at most",
		late, all, l.run.retries["worst_late_s"])
	if late > lateShare*all {
		reason = fmt.Sprintf("more than %.0f %% of the relay's retries came late: "+
			"the clock ran faster than the machine can follow", 100*lateShare)
	}
	return figure, reason
}
