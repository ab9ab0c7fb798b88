package reference

import (
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// flaw is the flaw in force; empty: none.
type flaw string

// The planted flaws.
const (
	flawAckEarly      flaw = "ack-before-durable"
	flawDropOnRestart flaw = "drop-on-restart"
	flawLoseDeferred  flaw = "lose-deferred"
	flawDropWhenFull  flaw = "drop-when-full"
	flawDropOn421     flaw = "drop-on-421"
	flawDropInData    flaw = "drop-in-data"
	flawTrustSilence  flaw = "trust-silence"
	flawKeepFirst     flaw = "keep-first-recipient"
	flawDropRest      flaw = "drop-rest-of-mixed"
	flawTrustHalf     flaw = "trust-half-reply"

	flawAckFull flaw = "ack-on-full-disk"

	flawRewriteBody     flaw = "rewrite-body"
	flawTruncateSpare   flaw = "truncate-spare"
	flawTruncateRetried flaw = "truncate-retried"
	flawLoseDots        flaw = "lose-dots"
	flawBreakLines      flaw = "break-long-lines"
	flawStripEighth     flaw = "strip-8bit"
	flawTrimBlanks      flaw = "trim-blanks"
	flawUnfold          flaw = "unfold-headers"
	flawStripSignature  flaw = "strip-signature"
	flawTruncateFull    flaw = "truncate-on-full-disk"

	flawStrayCopy   flaw = "stray-copy"
	flawWrongTenant flaw = "copy-to-wrong-tenant"
	flawDSNSender   flaw = "bounce-can-bounce"
	flawBounceLoop  flaw = "bounce-loop"

	flawDeliverTwice   flaw = "deliver-twice"
	flawCopyTwice      flaw = "copy-twice"
	flawAgainAfterQuit flaw = "again-after-lost-quit"
	flawImpatient      flaw = "impatient"

	flawSkipSpare     flaw = "skip-spare"
	flawSkipSpareBusy flaw = "skip-spare-when-busy"
	flawSpareInOutage flaw = "spare-only-in-outage"
	flawSpareFirst    flaw = "spare-first-recipient"
	flawForgetCopy    flaw = "forget-copy-on-trouble"
	flawSpareAfter    flaw = "spare-after-delivery"
	flawSpareBatches  flaw = "spare-in-batches"

	flawPassDirt flaw = "pass-dirt"
	flawFailOpen flaw = "filter-fails-open"
	flawCopyDirt flaw = "copy-dirt"

	flawRefuseWhenDown flaw = "refuse-when-down"
	flawRefuseWhenFull flaw = "refuse-when-full"
	flawAcceptSlowly   flaw = "accept-slowly"

	flawHoldOwnSenders flaw = "hold-own-senders"
	flawOneForAll      flaw = "one-for-all"
	flawFewSlots       flaw = "few-slots"
	flawProviderSlots  flaw = "slots-per-provider"
	flawSharedBackoff  flaw = "shared-backoff"

	flawSlowDrain     flaw = "slow-drain"
	flawNeverAgain    flaw = "never-again"
	flawOneConnection flaw = "one-connection"
	flawForgetPaused  flaw = "forget-after-pause"
	flawKeepAnswer    flaw = "keep-dns-answer"

	flawNoBackoff flaw = "no-backoff"
	flawStorm     flaw = "storm"
	flawFlood     flaw = "flood-at-recovery"
	flawAnyMX     flaw = "ignore-mx-preference"

	flawBounceEarly   flaw = "bounce-after-2h"
	flawNoticeFails   flaw = "notice-says-failed"
	flawFinalReset    flaw = "reset-is-final"
	flawFinalTimeout  flaw = "timeout-is-final"
	flawFinalDeferral flaw = "deferral-is-final"
	flawFinalGreeting flaw = "greeting-is-final"
	flawTrustWall     flaw = "trust-wall-clock"

	flawKeepBodies flaw = "keep-bodies"
	flawLeakMemory flaw = "leak-memory"
	flawLeakConns  flaw = "leak-connections"
	flawLeaveFiles flaw = "leave-files"

	flawNeverAlarms     flaw = "never-alarms"
	flawAlarmAfterPage  flaw = "alarm-after-page"
	flawCryWolf         flaw = "alarm-without-cause"
	flawWatchNeedsToken flaw = "watch-needs-token"
)

const (
	ackEarlyDelay   = 2 * time.Minute
	acceptDelay     = 7 * time.Minute
	earlyLifetime   = 2 * time.Hour
	noBackoffRetry  = 30 * time.Second
	stormEvery      = 10 * time.Minute
	slowDrainRetry  = 4 * time.Hour
	neverRetry      = 1000 * time.Hour
	batchEvery      = 12 * time.Minute
	skipSpareEvery  = 50
	loseEvery       = 10
	strayEvery      = 50
	wrongEvery      = 20
	twiceEvery      = 40
	leakEvery       = 2
	leakedBuffer    = 64 << 10
	noLimit         = 10_000
	fewSlots        = 2
	impatience      = time.Minute
	keepAnswer      = 3 * time.Hour
	loopPause       = 10 * time.Minute
	longQueue       = 40
	overslept       = 2 * time.Minute
	strayMailbox    = "archive"
	refusedDown     = "destination is not available, try again later"
	refusedWhenFull = "insufficient system storage"
)

func (f flaw) is(one flaw) bool { return f == one }

// known says whether there is such a flaw, or none at all.
func (f flaw) known() bool {
	return f == "" || slices.ContainsFunc(flaws, func(p planted) bool { return p.name == f })
}

// what is the flaw in a sentence.
func (f flaw) what() string {
	for _, p := range flaws {
		if p.name == f {
			return p.what
		}
	}
	return ""
}

// settings are the operator's, as the flaw would have them.
func (f flaw) settings(s *Settings) {
	switch f {
	case flawBounceEarly:
		s.Lifetime = earlyLifetime
	case flawFewSlots:
		s.Total = fewSlots
	case flawOneConnection:
		s.PerDestination, s.PerHost = 1, 1
	case flawFlood:
		s.PerDestination, s.PerHost, s.Total, s.PerConnection = noLimit, noLimit, noLimit, 1
	case flawStorm:
		s.PerDestination, s.PerHost, s.Total = noLimit, noLimit, noLimit
	}
}

// retry replaces the wait after a failed attempt.
func (f flaw) retry(tries int, wait time.Duration, now time.Time) time.Duration {
	switch {
	case f.is(flawNoBackoff):
		return noBackoffRetry
	case f.is(flawStorm):
		return now.Truncate(stormEvery).Add(stormEvery).Sub(now)
	case f.is(flawNeverAgain):
		return neverRetry
	case f.is(flawSlowDrain) && tries >= 4:
		return slowDrainRetry
	}
	return wait
}

// rude flaws never leave anybody in peace.
func (f flaw) rude() bool { return f.is(flawNoBackoff) || f.is(flawStorm) }

// deaf flaws do not hear that a destination is back.
func (f flaw) deaf() bool { return f.is(flawSlowDrain) || f.is(flawNeverAgain) }

// crowded says that the queue is long, which some flaws cannot bear.
func (e *engine) crowded() bool { return e.queue.size.Load() > longQueue }

// blind says that the filter is off.
func (e *engine) blind() bool {
	return e.flaw.is(flawPassDirt) || e.flaw.is(flawFailOpen) && e.crowded()
}

// skipsCopy says that recipient i gets no spare copy, although the relay goes on
// as if it had.
func (e *engine) skipsCopy(env *envelope, i int, address string) bool {
	switch e.flaw {
	case flawSkipSpare:
		return env.picks(skipSpareEvery, address)
	case flawSkipSpareBusy:
		return e.crowded()
	case flawSpareInOutage:
		return !e.sched.isDown(domainOf(address))
	case flawSpareFirst:
		return i > 0
	}
	return false
}

// every is true each n-th time: a relay has one flaw at most, so one count does.
func (e *engine) every(n int64) bool { return e.flawCount.Add(1)%n == 0 }

// picks chooses one message in n, always the same ones: what a flaw does to a
// message does not hang on how many others there are, so that a run which shows
// it can be shrunk to that message.
func (env *envelope) picks(n uint64, more string) bool {
	h := fnv.New64a()
	_, _ = h.Write([]byte(env.name() + " " + more)) // a hash takes everything
	return rand.NewPCG(h.Sum64(), n).Uint64()%n == 0
}

// strayFor is a recipient that nobody named, for a transaction.
func (e *engine) strayFor(j *job, original string) string {
	_, domain, _ := strings.Cut(original, "@")
	switch {
	case e.flaw.is(flawStrayCopy) && !j.spare && j.env.picks(strayEvery, ""):
		return strayMailbox + "@" + domain
	case e.flaw.is(flawWrongTenant) && j.spare && j.env.picks(wrongEvery, ""):
		for _, other := range e.world.Spare.Domains {
			if !strings.EqualFold(other, domain) {
				return e.world.Spare.Address(strayMailbox + "@" + other)
			}
		}
	}
	return ""
}

// litter leaves behind what an attempt needed.
func (e *engine) litter(t task) {
	switch e.flaw {
	case flawLeakMemory:
		e.mu.Lock()
		e.leaked = append(e.leaked, make([]byte, leakedBuffer))
		e.mu.Unlock()
		e.held.Add(leakedBuffer)
	case flawLeaveFiles:
		name := "attempt-" + queueID(t.id) + "-" + decimal(int(t.tries)) + "-" + t.lane.key.domain
		folder := filepath.Dir(filepath.Join(e.world.Dir, filepath.FromSlash(queueName)))
		// That it cannot be written hurts nobody.
		_ = os.WriteFile(filepath.Join(folder, name), nil, 0o600)
	}
}
