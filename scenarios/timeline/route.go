package timeline

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

// plan is what one route's submissions are drawn from; it never changes.
type plan struct {
	route    scenarios.Route
	from, to scenarios.Cohort
	mix      mailMix
	rate     rate
	seed     uint64
	gaps     gaps
}

func newPlan(s *scenarios.Scenario, r scenarios.Route, o Options) (plan, error) {
	p := plan{
		route: r, mix: newMailMix(s.Mail), rate: newRate(s, r, o.Scale),
		seed: derive(o.Seed, "route", r.Name), gaps: s,
	}
	for _, c := range s.Cohorts {
		if c.Name == r.From {
			p.from = c
		}
		if c.Name == r.To {
			p.to = c
		}
	}
	if len(p.from.Domains) == 0 || len(p.to.Domains) == 0 {
		return plan{}, errors.New("its cohorts have no domains")
	}
	if p.from.Mailboxes < 1 || p.to.Mailboxes < 1 {
		return plan{}, errors.New("its cohorts have no mailboxes")
	}
	return p, nil
}

// stream is the arrivals of one route: a Poisson process whose rate is the
// route's, by inversion of the cumulative rate.
type stream struct {
	*plan
	order    int // of the route, to part equal moments
	arrivals *rand.Rand
	due      float64 // cumulative rate of the next arrival
	point    int     // of the rate, where due lies
	ordinal  uint64  // of the route's submissions
	next     Step
	// dice is drawn from anew for each submission, so that the n-th message of a
	// route is the same at every scale.
	source rand.PCG
	dice   *rand.Rand
}

func (p *plan) stream(order int) *stream {
	s := &stream{plan: p, order: order}
	s.arrivals = rand.New(rand.NewPCG(p.seed, mix(p.seed)))
	s.dice = rand.New(&s.source)
	return s
}

// gaps know what is left out. What is drawn there is thrown away, so that all
// other mail is what it would be without.
type gaps interface {
	Skipped(full time.Duration) bool
	Played(full time.Duration) time.Duration
}

// advance draws the next arrival; it is false when the scenario is over.
func (s *stream) advance() bool {
	s.next.Verb = Submit
	for {
		s.due += s.arrivals.ExpFloat64()
		if s.due >= s.rate.total() {
			return false
		}
		s.ordinal++
		s.next.At, s.point = s.rate.when(s.due, s.point)
		if !s.gaps.Skipped(s.next.At) {
			s.next.At = s.gaps.Played(s.next.At)
			return true
		}
	}
}

// submission draws the message that is due. It is drawn only when it is its
// turn, so that each stream holds no more than its next moment.
func (s *stream) submission(id string) *Submission {
	seed := mix(s.seed ^ mix(s.ordinal))
	s.source.Seed(seed, mix(seed))
	sub := &Submission{ID: id, Route: s.route.Name, Goes: s.route.Goes, Seed: mix(seed ^ s.seed)}
	sub.From = address(s.from.Domains[s.dice.IntN(len(s.from.Domains))], s.dice.IntN(s.from.Mailboxes))
	sub.Size = s.mix.size(s.dice)
	sub.Dirt = s.mix.dirt(s.dice)
	sub.Shape = shapes(s.dice)
	sub.To = s.recipients(s.mix.count(s.dice))
	return sub
}

// recipients are different mailboxes of the route's destination. Those of a
// message that goes across tenants belong to two at least.
func (s *stream) recipients(count int) []string {
	domains, boxes := s.to.Domains, s.to.Mailboxes
	home := s.dice.IntN(len(domains))
	across := len(domains) > 1 && count > 1 && s.dice.Float64() < s.mix.across
	if !across {
		count = min(count, boxes)
	}
	to := make([]string, 0, count)
	if count == 1 {
		return append(to, address(domains[home], s.dice.IntN(boxes)))
	}
	taken := make(map[[2]int]bool, count)
	for len(to) < count {
		domain := home
		if across && len(to) == 1 {
			domain = (home + 1 + s.dice.IntN(len(domains)-1)) % len(domains)
		} else if across && len(to) > 1 {
			domain = s.dice.IntN(len(domains))
		}
		pick := [2]int{domain, s.dice.IntN(boxes)}
		for taken[pick] { // the next free one of the tenant, or of the next tenant
			pick[1]++
			if pick[1] == boxes {
				pick[1] = 0
			}
			if full(taken, pick[0], boxes) {
				pick[0] = (pick[0] + 1) % len(domains)
			}
		}
		taken[pick] = true
		to = append(to, address(domains[pick[0]], pick[1]))
	}
	return to
}

// full says whether all mailboxes of a tenant are taken.
func full(taken map[[2]int]bool, domain, boxes int) bool {
	if len(taken) < boxes {
		return false
	}
	n := 0
	for pick := range taken {
		if pick[0] == domain {
			n++
		}
	}
	return n == boxes
}
