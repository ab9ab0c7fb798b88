package harness

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hansei-mail/hansei/fakes/dnsfake"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// Played are the faults of fakes that no run drives. They decide as they would
// in a run, but may come and go while the fakes serve. Its methods may be called
// from many goroutines.
type Played struct {
	base *faults

	mu   sync.RWMutex
	live []*playedFault
}

// playedFault is a fault and how often it acted.
type playedFault struct {
	*liveFault
	felt atomic.Int64
}

// Place is one front end, as faults see it. Endpoint is office365, internet or
// spare; no Domains: it takes mail for all of them. Salt tells front ends apart
// where a decision is drawn for a session.
type Place struct {
	Endpoint, Address, Forest string
	Domains                   []string
	Salt                      uint64
}

// NewPlayed has no faults yet. Offsets of faults count from start; sessions is
// how many are open at the front ends of a forest.
func NewPlayed(c clock.Clock, start time.Time, sessions func(forest string) int) *Played {
	base := newFaults(c, timeline.Header{Start: start})
	base.sessions = sessions
	return &Played{base: base}
}

// Now is the offset from the start.
func (p *Played) Now() time.Duration { return p.base.clock.Now().Sub(p.base.start) }

// Put lets a fault play; one of the same name is healed and makes room.
// Everywhere: it is meant for every domain, whatever its Sites.
func (p *Played) Put(f timeline.Fault, everywhere bool) {
	one := newFaults(p.base.clock, timeline.Header{Start: p.base.start, Faults: []timeline.Fault{f}})
	live := one.all[0]
	live.everywhere = everywhere
	p.mu.Lock()
	defer p.mu.Unlock()
	p.take(f.Name)
	p.live = append(p.live, &playedFault{liveFault: live})
}

// Remove heals a fault and takes it out; it tells whether there was one.
func (p *Played) Remove(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.take(name)
}

func (p *Played) take(name string) bool {
	at := slices.IndexFunc(p.live, func(l *playedFault) bool { return l.Name == name })
	if at < 0 {
		return false
	}
	p.live[at].once.Do(func() { close(p.live[at].healed) })
	p.live = slices.Delete(p.live, at, at+1)
	return true
}

// all is the faults as they are now.
func (p *Played) all() []*playedFault {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.Clone(p.live)
}

// Due heals what the plan heals by now, and is the next offset at which a fault
// turns on or off; ok is false where none does.
func (p *Played) Due() (next time.Duration, ok bool) {
	now := p.Now()
	for _, l := range p.all() {
		if l.Heal >= 0 && now >= l.Heal {
			l.once.Do(func() { close(l.healed) })
		}
		if at, turns := l.Turn(now); turns && (!ok || at < next) {
			next, ok = at, true
		}
	}
	return next, ok
}

// Felt is how often the fault of that name acted, and whether it could now;
// there is false where no such fault plays.
func (p *Played) Felt(name string) (times int64, on, there bool) {
	for _, l := range p.all() {
		if l.Name == name {
			return l.felt.Load(), l.On(p.Now()), true
		}
	}
	return 0, false, false
}

// concerns says whether a fault is about a front end.
func (l *playedFault) concerns(at Place) bool {
	return l.endpoint() == at.Endpoint && l.Stage != scenarios.StageLookup &&
		(l.everywhere || at.Endpoint == endpointSpare || len(at.Domains) == 0 ||
			slices.ContainsFunc(at.Domains, func(d string) bool { return l.sites[d] })) &&
		(l.addresses == nil || l.addresses[at.Address])
}

// SMTP is the decisions for one front end.
func (p *Played) SMTP(at Place) smtpfake.Faults {
	s := spot{endpoint: at.Endpoint, address: at.Address, forest: at.Forest,
		domains: at.Domains, salt: at.Salt}
	return func(point smtpfake.Point) *smtpfake.Act {
		p.mu.RLock()
		defer p.mu.RUnlock()
		now := p.Now()
		var hit *smtpfake.Act
		for _, l := range p.live {
			if l.atDoor() || !l.concerns(at) {
				continue
			}
			if l.History != nil && point.Stage == smtpfake.StageMail {
				l.observe(point, now)
			}
			if hit == nil && string(l.Stage) == string(point.Stage) &&
				p.base.hits(l.liveFault, point, s, now) {
				l.felt.Add(1)
				hit = l.act()
			}
		}
		return hit
	}
}

// Door is what a client meets at a front end now.
func (p *Played) Door(at Place) smtpfake.Door {
	wish := door{shut: map[string]smtpfake.Door{}}
	for _, l := range p.all() {
		if !l.atDoor() || !l.concerns(at) || !l.On(p.Now()) {
			continue
		}
		wish.shut[l.Name] = smtpfake.DoorDrops
		if l.Do == scenarios.Refuse {
			wish.shut[l.Name] = smtpfake.DoorRefuses
		}
	}
	return wish.wanted()
}

// DNS is the decisions about questions. DomainOf is the mail domain that a
// question is about, "" if none; about is "mx" or "a".
func (p *Played) DNS(domainOf func(about, name string) string) func(name, kind string) (
	act *dnsfake.Act, fault string) {
	return func(name, kind string) (*dnsfake.Act, string) {
		about := map[string]string{"MX": "mx", "A": "a", "AAAA": "a"}[kind]
		if about == "" {
			return nil, ""
		}
		domain := domainOf(about, name)
		p.mu.RLock()
		defer p.mu.RUnlock()
		for _, l := range p.live {
			if l.Stage == scenarios.StageLookup && (l.everywhere || l.sites[domain]) &&
				l.misleads(about, kind, name, p.base) {
				l.felt.Add(1)
				return l.wrong(), l.Name
			}
		}
		return nil, ""
	}
}

// MessageKey names a message for the draws of faults, as in a run; it is the
// Key of a smtpfake.Server.
func MessageKey(m *smtpfake.Message, head []byte) string { return messageKey(m, head) }
