package forecast

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// Case is what is asked about: a scenario and its plan, as they are or changed.
type Case struct {
	Scenario *scenarios.Scenario
	Timeline *timeline.Timeline
	// Outage, if set, is how long the outage lasts instead: whatever heals with
	// it or later, and the scenario's end, move with its heal.
	Outage time.Duration
	// Growth multiplies the mail; 0 means 1.
	Growth float64
}

// longest bounds a forecast: moments are kept in 32 bits of milliseconds.
const longest = 20 * day

// lane is a stream of mail with a common destination: a mail domain or the
// spare store.
type lane struct {
	domain   string
	group    int
	cohort   int // of the scenario; -1: the spare
	affected bool
	spare    bool // it is the spare store's own
	copied   bool // its mail has a spare copy
	fallback bool // it has a second MX, for when the first does not talk
}

// group is front ends that several lanes share.
type group struct {
	addresses []string
	lanes     []int
}

// window is a span of scenario time in seconds.
type window struct{ from, until float64 }

// world is the case made ready for the engines. Times are in seconds.
type world struct {
	scenario *scenarios.Scenario
	header   timeline.Header
	growth   float64
	planned  bool // nothing was changed: the plan's own messages are due
	lanes    []lane
	byDomain map[string]int
	groups   []group
	spare    int // its lane; -1 if nothing is copied
	down     []window
	effects  [][]*cause // of each lane

	length, outage, heal float64
	unmodelled           []string
}

func newWorld(c Case) (*world, error) {
	w := &world{
		scenario: c.Scenario, header: c.Timeline.Header(), growth: c.Growth, spare: -1,
		byDomain: map[string]int{},
	}
	if w.growth == 0 {
		w.growth = 1
	}
	if w.growth < 0 || c.Outage < 0 {
		return nil, errors.New("forecasting: growth and outage must not be below 0")
	}
	shift := time.Duration(0)
	if c.Outage > 0 {
		if w.header.Heal <= w.header.Outage {
			return nil, errors.New("forecasting: the scenario has no outage whose length could change")
		}
		shift = c.Outage - (w.header.Heal - w.header.Outage)
	}
	w.planned = shift == 0 && w.growth == 1
	w.relayDown(shift)
	w.header = shifted(w.header, shift)
	w.length = seconds(w.header.Length)
	w.outage, w.heal = seconds(w.header.Outage), seconds(w.header.Heal)
	if w.length > longest {
		return nil, fmt.Errorf("forecasting: %s is longer than the %d days that can be forecast",
			w.header.Length, longest/day)
	}
	w.place()
	w.suffer()
	return w, nil
}

// relayDown are the times in which the relay itself does not run.
func (w *world) relayDown(shift time.Duration) {
	for _, r := range w.scenario.Relay {
		at, heal := w.scenario.Offset(r.At), w.scenario.Offset(r.Heal)
		w.down = append(w.down, window{
			seconds(moved(at, w.header.Heal, shift)), seconds(moved(heal, w.header.Heal, shift)),
		})
	}
}

// moved is a moment when the heal comes later by shift: what was before the heal
// stays, unless it would then be after.
func moved(t, heal, shift time.Duration) time.Duration {
	if t >= heal {
		return t + shift
	}
	return min(t, heal+shift)
}

// shifted is the header with another heal. Its lists are new: the timeline's
// own are not to be written.
func shifted(h timeline.Header, shift time.Duration) timeline.Header {
	if shift == 0 {
		return h
	}
	heal := h.Heal
	at := func(t time.Duration) time.Duration { return moved(t, heal, shift) }
	h.Faults = slices.Clone(h.Faults)
	for i := range h.Faults {
		f := &h.Faults[i]
		f.From = at(f.From)
		if f.Heal >= 0 {
			f.Heal = at(f.Heal)
		}
		f.Share = slices.Clone(f.Share)
		for j := range f.Share {
			f.Share[j].At = at(f.Share[j].At)
		}
		f.Cap = slices.Clone(f.Cap)
		for j := range f.Cap {
			f.Cap[j].At = at(f.Cap[j].At)
		}
	}
	h.Links = slices.Clone(h.Links)
	for i := range h.Links {
		l := &h.Links[i]
		l.From, l.Heal = at(l.From), at(l.Heal)
	}
	h.Heal, h.Length = at(h.Heal), at(h.Length)
	return h
}

// place lists the destinations.
func (w *world) place() {
	affected := w.affected()
	groups := map[string]int{}
	copies := false
	group1 := func(addresses []string) int {
		key := addresses[0]
		if _, known := groups[key]; !known {
			groups[key] = len(w.groups)
			w.groups = append(w.groups, group{addresses: addresses})
		}
		return groups[key]
	}
	for _, site := range w.header.Sites {
		cohort := slices.IndexFunc(w.scenario.Cohorts, func(c scenarios.Cohort) bool {
			return c.Name == site.Cohort
		})
		l := lane{
			domain: site.Domain, cohort: cohort, affected: affected[site.Cohort], copied: site.Spare,
			group: group1(site.FrontEnds), fallback: site.Fallback != "",
		}
		copies = copies || site.Spare
		w.add(l)
	}
	if copies {
		w.spare = len(w.lanes)
		w.add(lane{
			domain: timeline.SpareDomain, cohort: -1, spare: true,
			group: group1([]string{timeline.SpareAddress}),
		})
	}
}

func (w *world) add(l lane) {
	w.byDomain[l.domain] = len(w.lanes)
	w.groups[l.group].lanes = append(w.groups[l.group].lanes, len(w.lanes))
	w.lanes = append(w.lanes, l)
}

// affected are the cohorts whose backlog counts: those that a fault or link
// selects; where none selects any, all but the controls. It is the judge's own
// reckoning.
func (w *world) affected() map[string]bool {
	out := map[string]bool{}
	for _, c := range w.scenario.Cohorts {
		for _, f := range w.scenario.Faults {
			out[c.Name] = out[c.Name] || f.Where.Selects(c)
		}
		for _, l := range w.scenario.Links {
			out[c.Name] = out[c.Name] || l.Where.Selects(c)
		}
	}
	for _, yes := range out {
		if yes {
			return out
		}
	}
	for _, c := range w.scenario.Cohorts {
		out[c.Name] = !c.Control
	}
	return out
}

// isDown says whether the relay itself is down, and until when.
func (w *world) isDown(t float64) (until float64, down bool) {
	for _, d := range w.down {
		if t >= d.from && t < d.until {
			return d.until, true
		}
	}
	return 0, false
}
