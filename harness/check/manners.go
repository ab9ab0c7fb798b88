package check

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// manners is what the evidence says of how the relay treated front ends that
// were down, and those that came back.
type manners struct {
	doors   map[string]*door
	byIndex []*door
	visits  visits
	hungUp  map[uint64]time.Duration // sessions that were told 421, and when
	defiant []visit                  // those that went on after it
}

// door is one front end. Its minutes are counted from the outage's beginning,
// each by when the attempts in it began.
type door struct {
	name         string
	index        int32
	sum          uint64
	failed, took []int32
}

func newManners() manners {
	return manners{
		doors: map[string]*door{}, hungUp: map[uint64]time.Duration{}, visits: newVisits(),
	}
}

// see takes in an attempt or a delivery at a tenant or inbox. The spare store is
// the operator's own, and may be asked as often as he likes.
func (m *manners) see(w *world, e *evidence.Event) {
	attempt := e.Kind == evidence.KindAttempt
	if (!attempt && e.Kind != evidence.KindDelivery) || e.Endpoint == endpointSpare {
		return
	}
	inOutage := w.outage <= e.Began && e.Began < w.heal && (!attempt || e.Fault != "")
	v := visit{from: e.Began, to: max(e.T, e.Began)}
	atHeal := w.crowdsMatter && v.to >= w.heal && v.from < w.drained
	inSession := e.Session != "" && (e.Code == 421 || atHeal || len(m.hungUp) > 0)
	if !inOutage && !inSession {
		return
	}
	d := m.door(e)
	if inOutage {
		d.count(int((e.Began-w.outage)/time.Minute), attempt)
	}
	if !inSession {
		return
	}
	v.door, v.session = d.index, sessionOf(d, e.Session)
	if told, ok := m.hungUp[v.session]; ok && e.Began > told {
		m.defiant = append(m.defiant, v)
	}
	if e.Code == 421 {
		if told, ok := m.hungUp[v.session]; !ok || e.T < told {
			m.hungUp[v.session] = e.T
		}
	}
	if atHeal {
		m.visits.add(v)
	}
}

// door is the front end of an event, made if need be.
func (m *manners) door(e *evidence.Event) *door {
	name := e.Address
	if name == "" {
		name = e.Endpoint + " " + e.Site
	}
	d := m.doors[name]
	if d == nil {
		name = strings.Clone(name)
		d = &door{name: name, index: int32(len(m.byIndex)), sum: xxhash.Sum64String(name)}
		m.doors[name] = d
		m.byIndex = append(m.byIndex, d)
	}
	return d
}

// sessionOf is a sum of a session's name by which it is told from others, those
// of the same name at other front ends included: of ten million different names
// two have the same sum with a chance of one in 300,000. It is the same in every
// process, so that the same evidence is always judged alike.
func sessionOf(d *door, session string) uint64 {
	var sum xxhash.Digest
	sum.ResetWithSeed(d.sum)
	_, _ = sum.WriteString(session)
	return sum.Sum64()
}

// count adds an attempt or a delivery to a minute.
func (d *door) count(minute int, failed bool) {
	for minute >= len(d.failed) {
		d.failed, d.took = append(d.failed, 0), append(d.took, 0)
	}
	if failed {
		d.failed[minute]++
	} else {
		d.took[minute]++
	}
}

// deadMinute is one minute of the outage at one front end, or at all of them.
type deadMinute struct {
	door  string
	index int
	tries int
}

// dead lists the minutes in which a front end saw attempts fail and took no
// mail, and the sums over all front ends; fewest attempts first.
func (m *manners) dead() (single, total []deadMinute) {
	var sums []int
	for name, d := range m.doors {
		for i, n := range d.failed {
			if n == 0 || d.took[i] > 0 {
				continue
			}
			single = append(single, deadMinute{door: name, index: i, tries: int(n)})
			for i >= len(sums) {
				sums = append(sums, 0)
			}
			sums[i] += int(n)
		}
	}
	for i, n := range sums {
		if n > 0 {
			total = append(total, deadMinute{door: "all front ends", index: i, tries: n})
		}
	}
	fewest := func(a, b deadMinute) int {
		return cmp.Or(cmp.Compare(a.tries, b.tries), cmp.Compare(b.index, a.index),
			cmp.Compare(a.door, b.door))
	}
	slices.SortFunc(single, fewest)
	slices.SortFunc(total, fewest)
	return single, total
}
