package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// alarms is what the evidence says of the operator's own alarm: who was there to
// raise it, and what reached the webhook.
type alarms struct {
	watched bool // somebody looked after the relay
	who     string
	ended   *ending // the watch ended before the run did
	raised  []raised
}

type raised struct {
	t    time.Duration
	name string
}

// ending is when and how a monitor ended by itself.
type ending struct {
	t   time.Duration
	how string
}

// see takes in one event. What could not be read was an alarm all the same:
// whoever sends it wants to be heard.
func (a *alarms) see(e *evidence.Event) {
	switch {
	case e.Kind == evidence.KindWatch && e.Outcome == evidence.Cut:
		a.ended = &ending{t: e.T, how: e.Note}
	case e.Kind == evidence.KindWatch:
		a.watched, a.who = true, e.Name
	case e.Kind == evidence.KindAlarm && e.Action != "resolved":
		a.raised = append(a.raised, raised{t: e.T, name: e.Name})
	}
}

// alarm: the operator's alarm came in time, and before the provider's own page
// showed the outage; in a quiet incident it did not come at all.
func (l *ledger) alarm() finding {
	want := l.s.Expect.Alarm
	switch {
	case !l.alarms.watched:
		return finding{waived: true, figure: "not tested", reason: "nobody was there to raise an " +
			"alarm: this relay raises none; bring the operator's own monitor with --watch COMMAND"}
	case want.Quiet:
		return l.staysQuiet()
	case l.outage == forever:
		return finding{reason: "the scenario has no outage that begins"}
	}
	return l.raisedInTime(time.Duration(want.Within))
}

// staysQuiet: no alarm in the whole run.
func (l *ledger) staysQuiet() finding {
	f := finding{outcome: Pass, figure: many(len(l.alarms.raised), "alarm")}
	w := witnesses{l: l}
	for _, r := range l.alarms.raised {
		w.call(-1, -1, func() string { return l.alarmInWords(r) + ", although mail was not hit" })
	}
	f.witnesses = w.list()
	switch end := l.alarms.ended; {
	case w.all > 0:
		f.outcome, f.reason = Fail, "an alarm was raised without a cause"
	case end != nil:
		f.outcome, f.reason = Inconclusive, "its silence says nothing: "+l.endInWords(end)
	}
	return f
}

// raisedInTime: none before anything was disturbed, and the first one since the
// outage's start within the limit and before the page.
func (l *ledger) raisedInTime(within time.Duration) finding {
	w := witnesses{l: l}
	for _, r := range l.alarms.raised {
		if r.t < l.unhurt() {
			w.call(-1, -1, func() string {
				return l.alarmInWords(r) + ", before anything was disturbed"
			})
		}
	}
	shown := l.pageShows()
	first, found := l.firstAlarm()
	if !found {
		return l.neverRaised(w, within, shown)
	}
	after := first.t - l.outage
	f := finding{outcome: Pass, figure: fmt.Sprintf("raised %s; limit %s",
		l.sinceStart(first.t, shown), span(within))}
	late, beaten := after > within, first.t >= shown
	limit := l.timeForAlarm(within, shown)
	excused := (late || beaten) && l.blameless(l.outage, first.t, limit)
	if late || beaten {
		w.call(-1, -1, func() string { return l.alarmInWords(first) + ", too late" })
	}
	f.witnesses = w.list()
	switch {
	case l.falseAlarms() > 0:
		f.outcome, f.reason = Fail, "an alarm was raised before anything was disturbed"
	case excused:
		f.outcome, f.reason = Inconclusive, "the alarm came too late, "+l.stoodThen()
	case (late || beaten) && l.waitedThen(l.outage+limit) < noticeable:
		f.outcome, f.reason = Inconclusive, l.tooLittle(l.outage+limit)
	case late:
		f.outcome, f.reason = Fail, "the alarm came later than the limit"
	case beaten:
		f.outcome, f.reason = Fail, "the provider's page showed the outage first"
	}
	return f
}

// timeForAlarm is until how long after the start an alarm is in time: within the
// limit, and sooner than the page.
func (l *ledger) timeForAlarm(within, shown time.Duration) time.Duration {
	if shown == forever {
		return within
	}
	return min(within, shown-l.outage-1)
}

// neverRaised judges a run in which no alarm came since the first disturbance.
func (l *ledger) neverRaised(w witnesses, within, shown time.Duration) finding {
	f := finding{outcome: Fail, figure: "no alarm; limit " + span(within)}
	if shown != forever {
		f.figure = fmt.Sprintf("no alarm, the page showed the outage %s after the start; limit %s",
			span(shown-l.outage), span(within))
	}
	limit := l.timeForAlarm(within, shown)
	switch {
	case w.all > 0:
		f.reason = "the only alarm was raised before anything was disturbed"
	case l.run.end-l.outage < limit:
		f.outcome = Inconclusive
		f.reason = "the run ended before the time for the alarm was over"
	case l.blameless(l.outage, l.run.end, limit):
		f.outcome, f.reason = Inconclusive, "no alarm was raised, "+l.stoodThen()
	case l.waitedThen(l.outage+limit) < noticeable && l.waitedThen(l.run.end) < noticeable:
		f.outcome, f.reason = Inconclusive, l.tooLittle(l.outage+limit)
	default:
		f.reason = "nobody raised an alarm"
		who := l.alarms.who
		if end := l.alarms.ended; end != nil {
			f.reason = join(f.reason, l.endInWords(end))
		}
		w.call(-1, -1, func() string {
			return fmt.Sprintf("%s, which watched from the start, said nothing until %s", who,
				l.clock(l.run.end))
		})
	}
	f.witnesses = w.list()
	return f
}

// noticeable is how many pairs must wait for the affected cohorts before it says
// anything of a monitor that it was silent: with a few, nobody can tell an outage
// from a slow destination.
const noticeable = 5

// waitedThen is how many pairs of the affected cohorts waited at that moment.
func (l *ledger) waitedThen(t time.Duration) (n int) {
	l.eachAccepted(func(li int32, _ *letter, _ int32, p *pair) {
		c := l.cohortOf(p.rcpt)
		if c == nil || !c.affected {
			return
		}
		if from, until, ok := l.waited(li, p); ok && from <= t && t < until {
			n++
		}
	})
	return n
}

func (l *ledger) tooLittle(t time.Duration) string {
	return fmt.Sprintf("%s waited when the time was over: too little to notice an outage by "+
		"(%d needed)", many(l.waitedThen(t), "pair"), noticeable)
}

// firstAlarm is the first since the first disturbance.
func (l *ledger) firstAlarm() (first raised, found bool) {
	for _, r := range l.alarms.raised {
		if r.t >= l.unhurt() && (!found || r.t < first.t) {
			first, found = r, true
		}
	}
	return first, found
}

// falseAlarms is how many came before the first disturbance.
func (l *ledger) falseAlarms() (n int) {
	for _, r := range l.alarms.raised {
		if r.t < l.unhurt() {
			n++
		}
	}
	return n
}

// unhurt is until when mail flows undisturbed: a service beside it that is down
// is no cause for an alarm about mail.
func (l *ledger) unhurt() time.Duration {
	t := min(l.outage, l.length)
	for _, f := range l.s.Faults {
		if !f.Where.Web() && f.Where.At != scenarios.AtSubmission {
			t = min(t, l.offset(f.From))
		}
	}
	for _, link := range l.s.Links {
		t = min(t, l.offset(link.From))
	}
	for _, r := range l.s.Relay {
		t = min(t, l.offset(r.At))
	}
	return max(t, 0)
}

// pageShows is when the provider's page first shows an issue after the outage
// began; forever if it never does. What it shows already then is another matter.
func (l *ledger) pageShows() time.Duration {
	shown := forever
	for _, h := range l.s.Health {
		if t := l.offset(h.Visible); t > l.outage {
			shown = min(shown, t)
		}
	}
	return shown
}

// sinceStart says how an alarm lies to the outage's start and to the page.
func (l *ledger) sinceStart(t, shown time.Duration) string {
	words := span(t-l.outage) + " after the start"
	if t < l.outage {
		words = span(l.outage-t) + " before the start"
	}
	switch {
	case shown == forever:
		return words
	case t < shown:
		return words + ", " + span(shown-t) + " before the page"
	case t == shown:
		return words + ", together with the page"
	}
	return words + ", " + span(t-shown) + " after the page"
}

func (l *ledger) alarmInWords(r raised) string {
	return fmt.Sprintf("alarm %q at %s", r.name, l.clock(r.t))
}

// stoodThen is stoodStill of the one thing that came too late.
func (l *ledger) stoodThen() string { return strings.TrimPrefix(l.stoodStill(), "each ") }

func (l *ledger) endInWords(e *ending) string {
	return fmt.Sprintf("%s ended at %s: %s", l.alarms.who, l.clock(e.t), e.how)
}
