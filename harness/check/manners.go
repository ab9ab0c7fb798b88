package check

import (
	"cmp"
	"slices"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// manners is what the evidence says of how the relay treated front ends that
// were down, and those that came back.
type manners struct {
	doors    map[string]*door
	sessions map[string]*visit
	hungUp   map[string]time.Duration // sessions that were told 421, and when
	defiant  []visit                  // those that went on after it
}

// door is one front end. Its minutes are counted from the outage's beginning,
// each by when the attempts in it began.
type door struct {
	failed, took []int32
}

// visit is one session at a front end: from its first transaction on, as far as
// it left traces. It may have been open for longer, but never for less.
type visit struct {
	door     string
	from, to time.Duration
}

func newManners() manners {
	return manners{
		doors: map[string]*door{}, sessions: map[string]*visit{},
		hungUp: map[string]time.Duration{},
	}
}

// see takes in an attempt or a delivery at a tenant or inbox. The spare store is
// the operator's own, and may be asked as often as he likes.
func (m *manners) see(w *world, e *evidence.Event) {
	attempt := e.Kind == evidence.KindAttempt
	if (!attempt && e.Kind != evidence.KindDelivery) || e.Endpoint == endpointSpare {
		return
	}
	name := e.Address
	if name == "" {
		name = e.Endpoint + " " + e.Site
	}
	if w.outage <= e.Began && e.Began < w.heal && (!attempt || e.Fault != "") {
		m.door(name).count(int((e.Began-w.outage)/time.Minute), attempt)
	}
	if e.Session == "" {
		return
	}
	v := visit{door: name, from: e.Began, to: max(e.T, e.Began)}
	key := name + " " + e.Session
	if told, ok := m.hungUp[key]; ok && e.Began > told {
		m.defiant = append(m.defiant, v)
	}
	if e.Code == 421 {
		if told, ok := m.hungUp[key]; !ok || e.T < told {
			m.hungUp[key] = e.T
		}
	}
	if v.to >= w.heal && v.from < w.drained {
		m.visited(key, v)
	}
}

func (m *manners) door(name string) *door {
	d := m.doors[name]
	if d == nil {
		d = &door{}
		m.doors[name] = d
	}
	return d
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

func (m *manners) visited(key string, v visit) {
	known := m.sessions[key]
	if known == nil {
		m.sessions[key] = &v
		return
	}
	known.from, known.to = min(known.from, v.from), max(known.to, v.to)
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

// crowd is the most sessions that were open at one front end at a time.
type crowd struct {
	door string
	size int
	at   time.Duration
}

// crowds finds the largest crowd at each front end, smallest first. Sessions of
// before the heal count from the heal on.
func (m *manners) crowds(w *world) []crowd {
	type edge struct {
		t    time.Duration
		more int
	}
	edges := map[string][]edge{}
	for _, v := range m.sessions {
		edges[v.door] = append(edges[v.door],
			edge{max(v.from, w.heal), 1}, edge{max(v.to, w.heal), -1})
	}
	var all []crowd
	for name, list := range edges {
		slices.SortFunc(list, func(a, b edge) int {
			// At one moment those that come are counted before those that go.
			return cmp.Or(cmp.Compare(a.t, b.t), cmp.Compare(b.more, a.more))
		})
		most, open := crowd{door: name}, 0
		for _, e := range list {
			if open += e.more; open > most.size && e.t < w.drained {
				most.size, most.at = open, e.t
			}
		}
		all = append(all, most)
	}
	slices.SortFunc(all, func(a, b crowd) int {
		return cmp.Or(cmp.Compare(a.size, b.size), cmp.Compare(a.door, b.door))
	})
	return all
}
