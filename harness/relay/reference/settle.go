package reference

import (
	"errors"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// statusExpired is RFC 3463's X.4.7, delivery time expired.
const statusExpired = "4.4.7"

// settlement is what one attempt changed. It is made anew each time its change
// runs.
type settlement struct {
	env     *envelope
	left    bool      // work is left in the lane
	next    time.Time // when it is tried again
	freed   []laneKey // lanes that have work now
	bounced []int     // recipients given up now
	drafts  []draft   // DSNs
}

// settle writes down what came of an attempt, in one change: what was
// delivered, what is to be tried again and when, and the DSNs that are due.
func (e *engine) settle(t task, j *job, a answer, began time.Time) {
	now := e.world.Clock.Now()
	lose := e.flaw.is(flawLoseDeferred) && j.defers(a) && e.every(loseEvery)
	var s settlement
	err := e.queue.update(func(tx *bbolt.Tx) error {
		env, err := load(tx, t.id)
		if err != nil {
			return err
		}
		s = settlement{env: env}
		return e.record(tx, &s, t, j, a, now, lose)
	})
	if err != nil {
		e.unsettled(t, err)
		return
	}
	e.logAttempt(t, j, a, &s, began)
	away := e.feedback(t.lane, a)
	e.after(&s)
	if !s.left {
		e.sched.drop(t)
		return
	}
	t.tries++
	t.due, t.away, t.freed = s.next.UnixNano(), away, false
	e.sched.again(t)
}

// defers says whether an attempt took nothing.
func (j *job) defers(a answer) bool {
	return !j.spare && !slices.ContainsFunc(a.results, func(r result) bool { return r.kind != soft })
}

// record is the change that settles an attempt.
func (e *engine) record(
	tx *bbolt.Tx, s *settlement, t task, j *job, a answer, now time.Time, lose bool,
) error {
	env, key := s.env, t.lane.key
	var gaveUp []int
	for k, i := range j.index {
		r, res := &env.Recipients[i], a.results[k]
		if !env.wants(key, i) {
			continue
		}
		r.Status, r.Reason = res.status, res.text
		switch {
		case key.spare && (res.kind == took || e.flaw.is(flawForgetCopy)):
			r.Copy = copied
			next := laneKey{domain: domainOf(r.Address)}
			if r.Fate == waiting && !slices.Contains(s.freed, next) {
				s.freed = append(s.freed, next)
			}
		case res.kind == took:
			r.Fate = delivered
			if r.Copy == copyAfter {
				s.freed = []laneKey{{domain: e.world.Spare.Domain, spare: true}}
			}
		case lose || res.kind == vanished:
			r.Fate = failed
		case res.kind == hard && !key.spare:
			gaveUp = append(gaveUp, i)
		case now.Sub(env.arrived()) >= e.settings.Lifetime:
			r.Status = statusExpired
			gaveUp = append(gaveUp, i)
		default:
			s.left = true
		}
	}
	if s.left {
		s.next = now.Add(e.wait(key, env.ID, int(t.tries)+1))
		if env.Trials == nil {
			env.Trials = map[string]trial{}
		}
		env.Trials[key.String()] = trial{Tries: int(t.tries) + 1, Next: s.next.UnixNano()}
	} else {
		delete(env.Trials, key.String())
	}
	return e.conclude(tx, s, gaveUp, now)
}

// conclude marks recipients as given up, writes their DSN and saves.
func (e *engine) conclude(tx *bbolt.Tx, s *settlement, gaveUp []int, now time.Time) error {
	for _, i := range gaveUp {
		s.env.Recipients[i].Fate = failed
	}
	s.bounced = gaveUp
	if err := e.notify(tx, s, actionFailed, gaveUp, now); err != nil {
		return err
	}
	return e.queue.save(tx, s.env)
}

// notify adds the DSN about recipients to the queue, where one is due.
func (e *engine) notify(
	tx *bbolt.Tx, s *settlement, action string, about []int, now time.Time,
) error {
	content := tx.Bucket(bucketContents).Get(key(s.env.ID))
	d, ok, err := e.draft(s.env, content, action, about, now)
	if err != nil || !ok {
		return err
	}
	s.drafts = append(s.drafts, d)
	return e.queue.insert(tx, d.env, d.content)
}

// after schedules what a settlement has brought about.
func (e *engine) after(s *settlement) {
	e.schedule(s.env, s.freed)
	for _, d := range s.drafts {
		e.schedule(d.env, d.env.work(e.world.Spare.Domain))
		e.log.write("dsn", "id", queueID(d.env.ID), "about", queueID(s.env.ID), "msg", s.env.name(),
			"to", d.env.Recipients[0].Address, "action", d.action)
	}
}

// feedback tells the scheduler how the destination is. It returns whether the
// failure was the destination's rather than the message's.
func (e *engine) feedback(l *lane, a answer) (away bool) {
	has := func(k kind) bool {
		return slices.ContainsFunc(a.results, func(r result) bool { return r.kind == k })
	}
	switch {
	case a.cause == unreachable:
		e.sched.unreachable(l)
		return true
	case a.cause == astray:
		if has(soft) || l.key.spare {
			e.sched.astray(l)
		}
		return true
	case has(took):
		e.sched.well(l)
	case l.key.spare || (has(soft) && !has(hard)):
		// The spare has no business to refuse a copy for good: it is ill, too.
		return e.sched.refused(l)
	}
	return false
}

// unsettled is for a change that could not be written. What was delivered may
// be delivered again: that is the lesser evil.
func (e *engine) unsettled(t task, err error) {
	if errors.Is(err, errDead) || errors.Is(err, errGone) {
		e.sched.drop(t)
		return
	}
	e.log.write("trouble", "id", queueID(t.id), "note", err.Error())
	t.due, t.freed = e.world.Clock.Now().Add(time.Minute).UnixNano(), false
	e.sched.again(t)
}

// wait is the time until a message's next attempt in a lane.
func (e *engine) wait(key laneKey, id uint64, tries int) time.Duration {
	if key.spare {
		return e.spareRetry.wait(id, tries)
	}
	return e.flaw.retry(tries, e.retry.wait(id, tries), e.world.Clock.Now())
}

func (e *engine) logAttempt(t task, j *job, a answer, s *settlement, began time.Time) {
	for k, i := range j.index {
		event, next := "deferred", ""
		r := &s.env.Recipients[i]
		switch {
		case a.results[k].kind == took && j.spare:
			event = "copied"
		case a.results[k].kind == took:
			event = "delivered"
		case slices.Contains(s.bounced, i):
			event = "bounced"
		case s.left:
			next = stamp(s.next)
		}
		e.log.write(event, "id", queueID(t.id), "msg", s.env.name(), "to", j.to[k],
			"lane", t.lane.key.String(), "host", a.host, "try", decimal(int(t.tries)+1),
			"why", t.why, "began", stamp(began), "next", next, "rate", e.rate(), "result", r.Reason)
	}
}
