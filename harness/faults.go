package harness

import (
	"strings"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// faults decides what goes wrong at the fakes. It draws nothing: whether a
// session feels a fault follows from the fault's own seed and the session's
// place in the order of sessions at its front end.
type faults struct {
	clock clock.Clock
	start time.Time
	all   []*liveFault
}

// liveFault is a fault of the plan and whether it was healed yet.
type liveFault struct {
	timeline.Fault
	sites  map[string]bool
	healed chan struct{}
	once   sync.Once
}

func newFaults(c clock.Clock, h timeline.Header) *faults {
	f := &faults{clock: c, start: h.Start}
	for _, planned := range h.Faults {
		live := &liveFault{Fault: planned, sites: map[string]bool{}, healed: make(chan struct{})}
		for _, domain := range planned.Sites {
			live.sites[domain] = true
		}
		f.all = append(f.all, live)
	}
	return f
}

// heal ends a fault for those who wait for it.
func (f *faults) heal(name string) {
	for _, live := range f.all {
		if live.Name == name {
			live.once.Do(func() { close(live.healed) })
		}
	}
}

// healAll ends every fault, so that nobody waits when the run is over.
func (f *faults) healAll() {
	for _, live := range f.all {
		f.heal(live.Name)
	}
}

// at returns the decisions for one front end that serves these domains; salt
// tells front ends apart.
func (f *faults) at(endpoint string, domains []string, salt uint64) smtpfake.Faults {
	var here []*liveFault
	for _, live := range f.all {
		if live.endpoint() == endpoint && (endpoint == endpointSpare || live.selects(domains)) {
			here = append(here, live)
		}
	}
	if len(here) == 0 {
		return nil
	}
	return func(p smtpfake.Point) *smtpfake.Act {
		now := f.clock.Now().Sub(f.start)
		for _, live := range here {
			if string(live.Stage) == string(p.Stage) && live.meant(p) && live.Hits(key(p, salt), now) {
				return live.act()
			}
		}
		return nil
	}
}

func (l *liveFault) endpoint() string {
	if l.Where.At == "" {
		return endpointOffice365
	}
	return l.Where.At
}

func (l *liveFault) selects(domains []string) bool {
	for _, d := range domains {
		if l.sites[d] {
			return true
		}
	}
	return false
}

// meant narrows a fault to the tenants and messages it names, where the session
// has come far enough to tell.
func (l *liveFault) meant(p smtpfake.Point) bool {
	if l.Where.MinBytes > 0 && p.Read < l.Where.MinBytes {
		return false
	}
	switch {
	case l.endpoint() == endpointSpare:
		return true
	case p.Rcpt != "":
		return l.sites[siteOf(p.Rcpt)]
	case len(p.Session.To) > 0:
		return l.sites[siteOf(p.Session.To[0])]
	}
	return true
}

func (l *liveFault) act() *smtpfake.Act {
	return &smtpfake.Act{
		Do: smtpfake.Do(l.Do), Fault: l.Name, Reply: l.Reply, Delay: l.Delay,
		Until: l.healed, After: l.After,
	}
}

// key is what a decision is drawn for: the session, or from MAIL on the
// transaction.
func key(p smtpfake.Point, salt uint64) uint64 {
	k := salt<<32 ^ p.Session.Ordinal<<8
	switch scenarios.Stage(p.Stage) {
	case scenarios.StageConnect, scenarios.StageBanner, scenarios.StageEHLO, scenarios.StageSTARTTLS:
		return k
	}
	return k ^ uint64(p.Session.Transaction)
}

// siteOf is the mail domain of an address, as the timeline writes it.
func siteOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
