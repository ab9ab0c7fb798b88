package reference

import (
	"time"

	"go.etcd.io/bbolt"
)

// agedAtOnce is how many messages share a change when they grow too old
// together, as those of an outage's first minutes do.
const agedAtOnce = 64

// age sees to messages that waited in a lane until the notice of their delay
// or their end was due, and puts back those that go on waiting.
func (e *engine) age(l *lane, list []entry) {
	for len(list) > 0 {
		n := min(len(list), agedAtOnce)
		e.ageSome(l, list[:n])
		list = list[n:]
	}
}

func (e *engine) ageSome(l *lane, list []entry) {
	now := e.world.Clock.Now()
	var done []settlement
	err := e.queue.update(func(tx *bbolt.Tx) error {
		done = make([]settlement, len(list))
		for i, old := range list {
			env, err := load(tx, old.id)
			if err == errGone {
				continue
			}
			if err != nil {
				return err
			}
			done[i].env = env
			if err := e.ageOne(tx, &done[i], l.key, old, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		e.log.write("trouble", "lane", l.key.String(), "note", err.Error())
		e.sched.back(l, list)
		return
	}
	var back []entry
	for i, old := range list {
		s := &done[i]
		if s.env == nil {
			continue
		}
		e.after(s)
		for _, r := range s.bounced {
			e.log.write("bounced", "id", queueID(old.id), "msg", s.env.name(),
				"to", s.env.Recipients[r].Address, "lane", l.key.String(), "result", "lifetime is over")
		}
		if s.left {
			old.noticed = true
			back = append(back, old)
		}
	}
	e.sched.back(l, back)
}

// ageOne bounces a message that is too old, and tells the sender of a younger
// one that it is late.
func (e *engine) ageOne(tx *bbolt.Tx, s *settlement, key laneKey, old entry, now time.Time) error {
	var about []int
	expired := now.Sub(s.env.arrived()) >= e.settings.Lifetime
	for i := range s.env.Recipients {
		r := &s.env.Recipients[i]
		switch {
		case !s.env.wants(key, i):
		case expired && r.Fate == delivered:
			r.Copy = noCopy // a late copy that never came about
		case expired:
			r.Status = statusExpired
			about = append(about, i)
		case !r.Noticed:
			s.left = true
			about = append(about, i)
		default:
			s.left = true
		}
	}
	if expired {
		delete(s.env.Trials, key.String())
		return e.conclude(tx, s, about, now)
	}
	action := actionDelayed
	if e.flaw.is(flawNoticeFails) {
		action = actionFailed
	}
	if err := e.notify(tx, s, action, about, now); err != nil {
		return err
	}
	for _, i := range about {
		s.env.Recipients[i].Noticed = true
	}
	return e.queue.save(tx, s.env)
}
