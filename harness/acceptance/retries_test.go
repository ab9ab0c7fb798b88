package acceptance

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/exim"
	"github.com/hansei-mail/hansei/harness/relay/opensmtpd"
	"github.com/hansei-mail/hansei/harness/relay/postfix"
	"github.com/hansei-mail/hansei/scenarios"
)

// deferring is a scenario in which one forest defers every message at its end,
// for that long, while mail comes at a steady rate.
func deferring(outage time.Duration, perHour int) *scenarios.Scenario {
	GinkgoHelper()
	start := time.Date(2027, 5, 4, 10, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return start.Add(d).Format("15:04:05") }
	text := fmt.Sprintf(`
name: deferring
title: One forest defers all mail
zone: UTC
from: "2027-05-04 10:00:00"
until: "%[2]s"
outage: {from: "10:00:02", heal: "%[1]s"}
cohorts:
  - {name: ours, at: office365, region: eur, forest: eurprd02, domains: [linde.example], mailboxes: 400}
  - {name: internet, at: internet, domains: [harbour.example], mailboxes: 400}
routes:
  - {name: in, from: internet, to: ours, peak: %[3]d, goes: inbound}
faults:
  - {name: busy, where: {forests: [eurprd02]}, stage: eod, do: reply, from: "10:00:02", heal: "%[1]s",
     reply: "451 4.7.500 Server busy. Please try again later"}
expect: {no-loss: {}}
`, at(outage), at(outage+8*time.Second), perHour)
	s, err := scenarios.Read("deferring.yaml", []byte(text))
	Expect(err).NotTo(HaveOccurred())
	return s
}

// intervals are the times between the passes of each message at the forest that
// defers, by the forest's own account and in seconds of scenario time: what the
// relay says of itself is not asked. Tries of several front ends, one straight
// after the other (less than half of the shortest rest), are one pass; sender and
// recipient are enough to know a message by where both have hundreds of mailboxes.
//
// Of each message only what happens within the window after its first pass counts,
// and only messages whose window ends before the heal: so it does not matter how
// long the outage is, nor how dense the mail.
func intervals(dir string, shortest float64, window, heal time.Duration) []float64 {
	GinkgoHelper()
	first, last := map[string]time.Duration{}, map[string]time.Duration{}
	var all []float64
	for e, err := range evidence.Read(filepath.Join(dir, evidence.File)) {
		Expect(err).NotTo(HaveOccurred())
		if e.Actor != evidence.Fake || e.Outcome != evidence.Deferred || len(e.To) == 0 {
			continue
		}
		key := e.From + " " + e.To[0]
		before, again := last[key]
		if last[key] = e.T; !again {
			first[key] = e.T
			continue
		}
		rested := (e.Began - before).Seconds()
		if rested > shortest/2 && e.T <= first[key]+window && first[key]+window <= heal {
			all = append(all, rested)
		}
	}
	slices.Sort(all)
	return all
}

// below is the share of sorted values that are at most x.
func below(sorted []float64, x float64) float64 {
	n, _ := slices.BinarySearchFunc(sorted, x, func(v, x float64) int {
		if v <= x {
			return -1
		}
		return 1
	})
	return float64(n) / float64(len(sorted))
}

// distance is the two-sample statistic of Kolmogorov and Smirnov, the greatest
// difference of two distributions, where values within tolerance of each other
// count as the same: stamps are no finer than the wall's milliseconds times the
// clock's rate, and Postfix's intervals are steps of its queue scan.
func distance(a, b []float64, tolerance float64) float64 {
	most := 0.0
	for _, x := range a {
		most = max(most, below(a, x)-below(b, x+tolerance))
	}
	for _, x := range b {
		most = max(most, below(b, x)-below(a, x+tolerance))
	}
	return most
}

// bound is what the distance of two samples of one distribution does not exceed
// but once in a thousand times: sqrt(-ln(0.001/2)/2) = 1.95, times the square root
// of (n+m)/nm (Smirnov's limit). A message's intervals are not independent of each
// other, so only one in five counts.
func bound(n, m int) float64 {
	a, b := float64(n)/5, float64(m)/5
	return 1.95 * math.Sqrt((a+b)/(a*b))
}

// backoff is a relay whose retry times are short enough to be lived through.
type backoff struct {
	driver relay.Driver
	// config are the relay's own settings; other are some that it must be told
	// from, empty: it is not tried.
	config, other string
	// real and fast are the outages and the mail an hour of the two runs, and fast's
	// speed: what is short at real time can be long on the accelerated clock. The
	// other settings are tried with fast's mail, unless theirs is given.
	real, fast, others deferral
	speed              float64
	// window is how long each message is looked at, least and most bound an interval
	// by the rule of the settings, in seconds. The relay reckons in whole seconds, by
	// which it may be this much earlier.
	window             time.Duration
	least, most, whole float64
}

// deferral is how long mail is deferred, and how much comes.
type deferral struct {
	outage  time.Duration
	perHour int
}

// fewOff is the share of intervals that may be off the rule: on a slow machine two
// tries of one pass may look like two passes, and a process may have to wait.
const fewOff = 0.02

// tolerance is in seconds of scenario time: waits are looked at every 20 ms on the
// wall, and an attempt takes some more.
func (b backoff) tolerance() float64 { return max(0.5, b.speed*0.06) }

// play is a run at so many times real time: its intervals, again where the machine
// put the first in doubt. Intervals longer than most are a doubt too, since a machine
// can make any relay late, though not three times in a row; it can make none early.
func (b backoff) play(
	ctx context.Context, d deferral, config string, speed, most float64,
) []float64 {
	GinkgoHelper()
	s := deferring(d.outage, d.perHour)
	for try := 1; ; try++ {
		dir, err := planAndRun(ctx, s, b.driver, harness.Config{Overlay: config, Speed: speed})
		Expect(err).NotTo(HaveOccurred())
		j := check.Judge(s, evidence.Read(filepath.Join(dir, evidence.File)))
		doubt := ""
		for _, p := range j.Premises {
			if p.Name == "retries-true" || p.Name == "retries-on-time" {
				GinkgoWriter.Printf("%gx %s: %s\n", speed, p.Name, p.Figure)
				if speed == 1 {
					continue // there is no clock but the kernel's that could be wrong
				}
			}
			if !p.Held && (p.Weight == check.Trust || p.Name == "load-on-schedule") {
				doubt += fmt.Sprintf("%s: %s (%s) ", p.Name, p.Reason, p.Figure)
			}
		}
		all := intervals(dir, b.least-b.whole, b.window, d.outage)
		Expect(len(all)).To(BeNumerically(">=", 30), "too few intervals to compare")
		late := 1 - below(all, most+b.tolerance())
		if try == 3 || doubt == "" && late <= fewOff {
			Expect(doubt).To(BeEmpty())
			return all
		}
		GinkgoWriter.Printf("made again: %s%.1f %% of intervals late\n", doubt, 100*late)
	}
}

// agrees holds an accelerated run against one at real time, and both against the
// rule; and sees that the comparison can tell other settings from these.
func (b backoff) agrees(ctx context.Context) {
	GinkgoHelper()
	tolerance := b.tolerance()
	real := b.play(ctx, b.real, b.config, 1, b.most)
	fast := b.play(ctx, b.fast, b.config, b.speed, b.most)
	GinkgoWriter.Printf("%s: %d intervals at 1x, %d at %gx\n", b.driver.Name(), len(real), len(fast),
		b.speed)
	for _, q := range []float64{0, 0.1, 0.25, 0.5, 0.75, 0.9, 1} {
		at := func(v []float64) float64 { return v[int(q*float64(len(v)-1))] }
		GinkgoWriter.Printf("  %3.0f %%: %6.2f s %6.2f s\n", q*100, at(real), at(fast))
	}
	d, limit := distance(real, fast, tolerance), bound(len(real), len(fast))
	GinkgoWriter.Printf("  distance %.3f, bound %.3f, tolerance %.1f s\n", d, limit, tolerance)
	Expect(d).To(BeNumerically("<=", limit), "the accelerated relay does not keep its own times")
	for _, sample := range [][]float64{real, fast} {
		early := below(sample, b.least-b.whole-tolerance)
		Expect(early).To(BeNumerically("<=", fewOff), "earlier than the rule")
		late := 1 - below(sample, b.most+tolerance)
		Expect(late).To(BeNumerically("<=", fewOff), "later than the rule")
	}
	if b.other == "" {
		return
	}
	if b.others == (deferral{}) {
		b.others = b.fast
	}
	others := b.play(ctx, b.others, b.other, b.speed, math.Inf(1))
	d, limit = distance(real, others, tolerance), bound(len(real), len(others))
	GinkgoWriter.Printf("  with other settings: distance %.3f, bound %.3f, %d intervals\n", d, limit,
		len(others))
	Expect(d).To(BeNumerically(">", limit), "the comparison cannot tell other settings from these")
}

// The settings of Postfix: it rests for a message's age, within the two, and then
// until the next scan (postconf(5)). A pass is one session, so that what comes soon
// after a try can be nothing but an early pass.
func postfixTimes(least, most, scan int) string {
	return fmt.Sprintf("minimal_backoff_time = %ds\nmaximal_backoff_time = %ds\n"+
		"queue_run_delay = %ds\nsmtp_mx_session_limit = 1\n", least, most, scan)
}

const (
	// postfixWhole: a message's time is the whole second of its last try and the rest,
	// and a scan takes up what is due within the next second (qmgr_active.c: what has
	// st_mtime > time()+1 is skipped). So a rest is never more than two seconds shorter.
	postfixWhole = 2
	// eximRun is how long a run of the queue takes up, one message after the other with
	// a process for each. So the accelerated queue is kept short.
	eximRun = 2
	// eximWhole: a retry time is the whole second of the failure and the rest, and
	// is over in that second (retry.c).
	eximWhole = 1
)

var _ = Describe("retry times under acceleration", Label("retries"), Serial, func() {
	It("are Postfix's own, in half a minute", Label("postfix"), func(ctx SpecContext) {
		need("postfix", postfix.Driver{}.Ready(ctx))
		backoff{
			driver: postfix.Driver{}, config: postfixTimes(5, 10, 1), least: 5, most: 10 + 1,
			whole: postfixWhole,
			real:  deferral{18 * time.Second, 36000}, fast: deferral{time.Minute, 8000},
			speed: 10, window: 11 * time.Second,
		}.agrees(ctx)
	})

	It("are Postfix's own, in two minutes", Label("postfix"), func(ctx SpecContext) {
		takesLong()
		need("postfix", postfix.Driver{}.Ready(ctx))
		backoff{
			driver: postfix.Driver{}, config: postfixTimes(10, 40, 10), other: postfixTimes(20, 60, 10),
			real: deferral{2 * time.Minute, 6000}, fast: deferral{10 * time.Minute, 2000},
			speed: 30, window: time.Minute, least: 10, most: 40 + 10,
			whole: postfixWhole,
		}.agrees(ctx)
	})

	// A message that was deferred at its end waits by a retry time of its own for
	// that host (specification, section 32.2), reckoned by the same rule.
	It("are Exim's own, in two minutes", Label("exim"), func(ctx SpecContext) {
		takesLong()
		need("exim", exim.Driver{}.Ready(ctx))
		backoff{
			driver: exim.Driver{}, config: "QUEUEINTERVAL = 4s\nbegin retry\n* * F,4d,10s\n",
			other: "QUEUEINTERVAL = 4s\nbegin retry\n* * F,4d,20s\n",
			real:  deferral{2 * time.Minute, 2400}, fast: deferral{400 * time.Second, 200},
			others: deferral{3 * time.Minute, 1200}, // longer waits, so there are fewer
			speed:  4, window: time.Minute, least: 10, most: 10 + 4 + eximRun,
			whole: eximWhole,
		}.agrees(ctx)
	})

	// Its first wait is compiled in: 400 s (scheduler_ramqueue.c, BACKOFF_TRANSFER),
	// and no setting makes it shorter. So its real time takes long.
	It("are OpenSMTPD's own, in a quarter of an hour", Label("opensmtpd"), func(ctx SpecContext) {
		takesLong()
		need("opensmtpd", opensmtpd.Driver{}.Ready(ctx))
		backoff{
			driver: opensmtpd.Driver{}, least: 400 - 2, most: 400 + 60,
			real: deferral{14 * time.Minute, 1200}, fast: deferral{28 * time.Minute, 900},
			speed: 60, window: 7 * time.Minute,
		}.agrees(ctx)
	})
})

var _ = Describe("the comparison of intervals", func() {
	ramp := func(from, to float64, n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = from + (to-from)*float64(i)/float64(n-1)
		}
		return v
	}
	It("takes what differs by less than the tolerance for the same", func() {
		steps := slices.Concat(ramp(10, 10, 50), ramp(20, 20, 50))
		shifted := slices.Concat(ramp(10.9, 10.9, 50), ramp(20.9, 20.9, 50))
		Expect(distance(steps, shifted, 1)).To(BeNumerically("~", 0, 1e-9))
		Expect(distance(shifted, steps, 1)).To(BeNumerically("~", 0, 1e-9))
		Expect(distance(steps, shifted, 0.5)).To(BeNumerically("~", 0.5, 1e-9)) // at either step
	})
	It("sees a share that is elsewhere", func() {
		a := slices.Concat(ramp(10, 10, 80), ramp(20, 20, 20))
		b := slices.Concat(ramp(10, 10, 50), ramp(20, 20, 50))
		Expect(distance(a, b, 1)).To(BeNumerically("~", 0.3, 1e-9))
		Expect(distance(b, a, 1)).To(BeNumerically("~", 0.3, 1e-9))
		Expect(distance(ramp(0, 10, 100), ramp(0, 20, 100), 0)).To(BeNumerically("~", 0.5, 0.02))
		Expect(bound(100, 100)).To(BeNumerically("~", 0.617, 0.001))
	})
})
