package harness

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// faults decides what goes wrong at the fakes. It draws nothing: whether an
// attempt feels a fault follows from the fault's own seed and from what the
// attempt is; see draw.go.
type faults struct {
	clock clock.Clock
	start time.Time
	all   []*liveFault
	// header is the plan that they are of; see preference.
	header timeline.Header
	// sessions is how many are open at the front ends of a forest.
	sessions func(forest string) int
}

// liveFault is a fault of the plan, whether it was healed yet, and what it has
// counted so far.
type liveFault struct {
	timeline.Fault
	sites     map[string]bool
	addresses map[string]bool // nil: all of the sites'
	sources   []netip.Prefix
	// leaning are further domains that it meets where their fallback is.
	leaning map[string]bool
	// everywhere: it is meant for every domain there is; see Played.
	everywhere bool
	healed     chan struct{}
	once       sync.Once

	mu     sync.Mutex
	tried  map[uint64]int // attempts of each message
	met    int            // for First and Every
	load   *meter         // for Feedback
	habits map[string]*habit
	kept   []letterKept
	posted chan struct{} // something was kept
}

// spot is one front end, as faults see it.
type spot struct {
	endpoint, address, forest string
	domains                   []string
	salt                      uint64 // tells front ends apart
}

func newFaults(c clock.Clock, h timeline.Header) *faults {
	f := &faults{clock: c, start: h.Start, header: h, sessions: func(string) int { return 0 }}
	for _, planned := range h.Faults {
		live := &liveFault{
			Fault: planned, sites: map[string]bool{}, healed: make(chan struct{}),
			tried: map[uint64]int{}, load: newMeter(feedbackWindow), habits: map[string]*habit{},
			posted: make(chan struct{}, 1), leaning: leaning(h, planned.Sites),
		}
		for _, domain := range planned.Sites {
			live.sites[domain] = true
		}
		for _, a := range planned.Addresses {
			if live.addresses == nil {
				live.addresses = map[string]bool{}
			}
			live.addresses[a] = true
		}
		for _, text := range planned.Where.Sources {
			if p, err := scenarios.ParseSource(text); err == nil { // the validator saw to it
				live.sources = append(live.sources, p)
			}
		}
		f.all = append(f.all, live)
	}
	return f
}

// named is the fault of that name, or nil.
func (f *faults) named(name string) *liveFault {
	for _, live := range f.all {
		if live.Name == name {
			return live
		}
	}
	return nil
}

// heal ends a fault for those who wait for it.
func (f *faults) heal(name string) {
	if live := f.named(name); live != nil {
		live.once.Do(func() { close(live.healed) })
	}
}

// healAll ends every fault, so that nobody waits when the run is over.
func (f *faults) healAll() {
	for _, live := range f.all {
		f.heal(live.Name)
	}
}

// here are the faults that concern a front end.
func (f *faults) here(s spot) []*liveFault {
	return slices.DeleteFunc(slices.Clone(f.all), func(l *liveFault) bool {
		return l.endpoint() != s.endpoint || l.Stage == scenarios.StageLookup ||
			s.endpoint != endpointSpare && s.endpoint != endpointSubmission &&
				!slices.ContainsFunc(s.domains, func(d string) bool { return l.sites[d] }) ||
			l.addresses != nil && !l.addresses[s.address]
	})
}

// at returns the decisions for one front end; nil where nothing can go wrong.
func (f *faults) at(s spot) smtpfake.Faults {
	here := slices.DeleteFunc(f.here(s), (*liveFault).atDoor)
	if len(here) == 0 {
		return nil
	}
	return func(p smtpfake.Point) *smtpfake.Act {
		now := f.clock.Now().Sub(f.start)
		var hit *smtpfake.Act
		for _, live := range here {
			if live.History != nil && p.Stage == smtpfake.StageMail {
				live.observe(p, now)
			}
			if hit == nil && string(live.Stage) == string(p.Stage) && f.hits(live, p, s, now) {
				hit = live.act()
			}
		}
		return hit
	}
}

// hits is the decision about one point. What is counted is counted once, and
// only of what the fault is meant for.
func (f *faults) hits(l *liveFault, p smtpfake.Point, s spot, now time.Duration) bool {
	if !l.On(now) || !l.meant(p) {
		return false
	}
	if limit, ok := l.CapAt(now); ok && f.sessions(s.forest) <= limit {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	share := l.ShareAt(now)
	if l.Feedback != nil {
		share = l.fedBack(share, now)
	}
	if l.History != nil && !l.changed(p, now) {
		return false
	}
	if share <= 0 {
		return false
	}
	if share < 1 || l.Attempts > 0 {
		key, attempt := l.key(p, s.salt)
		if l.Attempts > 0 && attempt > l.Attempts || !l.Falls(key, share) {
			return false
		}
	}
	return l.counted()
}

// counted lets only the first so many pass, or each so-manieth.
func (l *liveFault) counted() bool {
	l.met++
	return (l.First == 0 || l.met <= l.First) && (l.Every == 0 || l.met%l.Every == 0)
}

func (l *liveFault) endpoint() string {
	if l.Where.At == "" {
		return endpointOffice365
	}
	return l.Where.At
}

// atDoor says whether the fault meets whoever connects, before any session.
func (l *liveFault) atDoor() bool {
	return l.Do == scenarios.Refuse || l.Do == scenarios.SynDrop
}

func (l *liveFault) act() *smtpfake.Act {
	return &smtpfake.Act{
		Do: smtpfake.Do(l.Do), Fault: l.Name, Reply: l.Reply, Delay: l.Delay,
		Until: l.healed, After: l.After, Bytes: l.Bytes, Rate: l.Rate,
	}
}

// siteOf is the mail domain of an address, as the timeline writes it.
func siteOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
