package reference

import (
	"net"
	"strings"
	"time"
)

// kept is where a domain's mail goes, as the DNS said some time ago.
type kept struct {
	targets []target
	until   time.Time
}

// remembered is the route to a domain. The resolver alone knows for how long an
// answer holds, so an honest relay asks it each time.
func (w *worker) remembered(domain string, draw uint64) ([]target, error) {
	if !w.flaw.is(flawKeepAnswer) {
		return w.route(w.ctx, domain, draw)
	}
	now := w.world.Clock.Now()
	w.mu.Lock()
	old, ok := w.answers[domain]
	w.mu.Unlock()
	if ok && now.Before(old.until) {
		return old.targets, nil
	}
	targets, err := w.route(w.ctx, domain, draw)
	if err == nil {
		w.mu.Lock()
		if w.answers == nil {
			w.answers = map[string]kept{}
		}
		w.answers[domain] = kept{targets, now.Add(keepAnswer)}
		w.mu.Unlock()
	}
	return targets, err
}

// preferred is a copy of MX records, of which one flaw takes all for equal.
func (f flaw) preferred(records []*net.MX) []*net.MX {
	out := make([]*net.MX, len(records))
	for i, r := range records {
		own := *r
		if f.is(flawAnyMX) {
			own.Pref = 0
		}
		out[i] = &own
	}
	return out
}

// providerOf is the domain that the first host's name is in.
func providerOf(targets []target) string {
	if len(targets) == 0 {
		return ""
	}
	_, provider, _ := strings.Cut(strings.TrimSuffix(targets[0].host, "."), ".")
	return provider
}

// crowdedOut says that others of the same provider have all slots, by the flaw
// that has only a few for each. The lock must be held.
func (s *scheduler) crowdedOut(l *lane) bool {
	if !s.flaw.is(flawProviderSlots) || l.key.spare || l.provider == "" {
		return false
	}
	taken := 0
	for _, other := range s.order {
		if !other.key.spare && other.provider == l.provider {
			taken += other.active
		}
	}
	return taken >= fewSlots
}

// holdOthers lets every destination wait for the one that is down, by the flaw
// that has one back-off for all. The lock must be held.
func (s *scheduler) holdOthers(until int64) {
	if !s.flaw.is(flawSharedBackoff) {
		return
	}
	for _, l := range s.order {
		if !l.key.spare {
			l.heldUntil = max(l.heldUntil, until)
		}
	}
}

// patience is how long the answer to a message may take.
func (f flaw) patience() time.Duration {
	if f.is(flawImpatient) {
		return impatience
	}
	return endWait
}
