package reference

import (
	"errors"
	"net/textproto"
	"syscall"
	"time"

	"github.com/emersion/go-smtp"
)

// deem is what an attempt that was not answered means for its recipients: to an
// honest relay, that it has to try again.
func (f flaw) deem(err error, spare bool) kind {
	if f == "" || spare {
		return soft
	}
	var reply *smtp.SMTPError
	code := 0
	if errors.As(err, &reply) {
		code = reply.Code
	}
	var gone *lost
	inData := errors.As(err, &gone) && code == 0 &&
		(gone.stage == stageBody || gone.stage == stageEnd)
	switch {
	case f.is(flawDropOn421) && code == 421, f.is(flawDropInData) && inData:
		return vanished
	case f.is(flawTrustSilence) && inData && gone.sent,
		f.is(flawTrustHalf) && inData && gone.sent && halfReply(err):
		return took
	case f.is(flawFinalReset) && errors.Is(err, syscall.ECONNRESET),
		f.is(flawFinalTimeout) && timedOut(err),
		f.is(flawFinalGreeting) && code/100 == 5:
		return hard
	}
	return soft
}

// bouncing gives a notification a sender, by the flaws that do so: one that cannot
// be delivered is then answered in its turn. One of them takes its time, since
// where both ends refuse at once it would go round as fast as the machine can.
func (e *engine) bouncing(d *draft, about string, now time.Time) {
	switch e.flaw {
	case flawDSNSender:
		d.env.From = about
	case flawBounceLoop:
		d.env.From = about
		lane := laneKey{domain: domainOf(d.env.Recipients[0].Address)}
		d.env.Trials = map[string]trial{lane.String(): {Next: now.Add(loopPause).UnixNano()}}
	}
}

// halfReply says that a reply ended before its three digits were whole.
func halfReply(err error) bool {
	var half textproto.ProtocolError
	return errors.As(err, &half)
}

// reread changes the answers that did come.
func (f flaw) reread(results []result, spare bool) {
	if spare {
		return
	}
	mixed := false
	for _, r := range results {
		mixed = mixed || r.kind == took
	}
	for k := range results {
		switch {
		case results[k].kind != soft:
		case f.is(flawFinalDeferral):
			results[k].kind = hard
		case f.is(flawDropRest) && mixed, f.is(flawKeepFirst) && k > 0:
			results[k].kind = vanished
		}
	}
}

// twice sends again what was just taken, by the flaws that do so now and then.
func (w *worker) twice(j *job) {
	twice := w.flaw.is(flawDeliverTwice) && !j.spare || w.flaw.is(flawCopyTwice) && j.spare
	if !twice || w.session == nil || !j.env.picks(twiceEvery, "") {
		return
	}
	if _, err := w.session.send(j); err != nil {
		w.lose(err)
	}
}

// bid ends a worker's session. A goodbye that is lost means nothing, but to one
// flaw.
func (w *worker) bid() {
	address := w.session.target.address
	defer w.sched.leaveHost(address)
	if w.flaw.is(flawLeakConns) && w.every(leakEvery) {
		return
	}
	err := w.session.quit()
	if err == nil || !w.flaw.is(flawAgainAfterQuit) || w.sent == nil || w.sent.spare {
		return
	}
	if s, err := w.dial(w.session.target); err == nil {
		_, _ = s.send(w.sent)
		_ = s.quit()
	}
}
