package harness

import (
	"hash/fnv"
	"slices"

	"github.com/hansei-mail/hansei/fakes/dnsfake"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// wrongAnswers is the decisions about questions to the DNS. One is drawn for a
// name and how often the same was asked before.
func (w *world) wrongAnswers() func(name, kind string) *dnsfake.Act {
	var lookups []*liveFault
	for _, l := range w.faults.all {
		if l.Stage == scenarios.StageLookup {
			lookups = append(lookups, l)
		}
	}
	if len(lookups) == 0 {
		return nil
	}
	// A question is for the domain itself or for the host in its MX record.
	domains := map[string]string{}
	for _, site := range w.header.Sites {
		domains["mx "+site.Domain], domains["a "+site.MX] = site.Domain, site.Domain
	}
	return func(name, kind string) *dnsfake.Act {
		about := map[string]string{"MX": "mx", "A": "a", "AAAA": "a"}[kind]
		domain := domains[about+" "+name]
		if domain == "" {
			return nil
		}
		for _, l := range lookups {
			if l.sites[domain] && l.misleads(about, kind, name, w.faults) {
				if kind != "AAAA" { // which comes along with A
					w.misled(l, domain)
				}
				return l.wrong()
			}
		}
		return nil
	}
}

// misleads says whether this asking of a question feels the fault.
func (l *liveFault) misleads(about, kind, name string, f *faults) bool {
	now := f.clock.Now().Sub(f.start)
	if !l.On(now) || len(l.Lookup) > 0 && !slices.Contains(l.Lookup, about) {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	share := l.ShareAt(now)
	if l.Feedback != nil {
		share = l.fedBack(share, now)
	}
	// A and AAAA of one look-up share their fate, and are counted apart.
	l.tried[hashOf(kind+" "+name)]++
	attempt := uint64(l.tried[hashOf(kind+" "+name)])
	return l.Falls(hashOf(about+" "+name)+attempt*0x9e3779b97f4a7c15, share) &&
		(kind == "AAAA" || l.counted())
}

func hashOf(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // a hash takes everything
	return h.Sum64()
}

// wrong is what the DNS says instead.
func (l *liveFault) wrong() *dnsfake.Act {
	switch l.Do {
	case scenarios.ServFail:
		return &dnsfake.Act{Rcode: dnsfake.ServFail}
	case scenarios.NXDomain:
		return &dnsfake.Act{Rcode: dnsfake.NXDomain}
	case scenarios.Truncate:
		return &dnsfake.Act{Truncate: true}
	case scenarios.Answer:
		return &dnsfake.Act{Answers: l.Answers, TTL: l.TTL}
	}
	return &dnsfake.Act{Drop: true}
}

func (w *world) misled(l *liveFault, domain string) {
	w.tally.faults.Add(1)
	w.log.Append(evidence.Event{
		Kind: evidence.KindAttempt, Actor: evidence.Fake, Endpoint: l.endpoint(), Site: domain,
		Stage: string(l.Stage), Fault: l.Name, Began: w.now(), Outcome: evidence.Broken,
	})
}

// elsewhere says whether a recipient belongs to Exchange Online, but to another
// forest: what a front end tells a client that was misled.
func elsewhere(h timeline.Header, forest, rcpt string) bool {
	domain := siteOf(rcpt)
	return slices.ContainsFunc(h.Sites, func(s timeline.Site) bool {
		return s.Domain == domain && s.At == scenarios.Office365 && s.Forest != forest
	})
}
