package check

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"
)

// visit is one session at a front end: from its first transaction on, as far as
// it left traces. It may have been open for longer, but never for less.
type visit struct {
	session  uint64 // sum of the front end and of the session's own id
	from, to time.Duration
	door     int32
}

// visits are the sessions of the drain, in rows: 0 session 8 · 8 from 8 · 16 to 8 ·
// 24 door 4. A session whose traces lie far apart may have several of them.
type visits struct {
	rows
	recent []int32 // rows of sessions seen lately, +1; by the session's last bits
}

const (
	visitWidth   = 28
	recentVisits = 1 << 12
)

func newVisits() visits { return visits{rows: rows{width: visitWidth}} }

// add takes in one trace of a session.
func (a *visits) add(v visit) {
	if a.recent == nil {
		a.recent = make([]int32, recentVisits)
	}
	slot := &a.recent[v.session%recentVisits]
	if *slot > 0 {
		if known := a.visit(*slot - 1); known.session == v.session {
			known.from, known.to = min(known.from, v.from), max(known.to, v.to)
			a.write(*slot-1, known)
			return
		}
	}
	a.reach(a.n + 1)
	a.write(int32(a.n-1), v)
	*slot = int32(a.n)
}

func (a *visits) write(i int32, v visit) {
	b := a.row(i)
	binary.LittleEndian.PutUint64(b, v.session)
	binary.LittleEndian.PutUint64(b[8:], uint64(v.from))
	binary.LittleEndian.PutUint64(b[16:], uint64(v.to))
	binary.LittleEndian.PutUint32(b[24:], uint32(v.door))
}

func (a *visits) visit(i int32) visit {
	b := a.row(i)
	return visit{
		session: binary.LittleEndian.Uint64(b),
		from:    time.Duration(binary.LittleEndian.Uint64(b[8:])),
		to:      time.Duration(binary.LittleEndian.Uint64(b[16:])),
		door:    int32(binary.LittleEndian.Uint32(b[24:])),
	}
}

// byDoor are the visits of each front end, each session once.
func (a *visits) byDoor(doors int) [][]visit {
	sizes := make([]int, doors)
	for i := range int32(a.n) {
		sizes[a.visit(i).door]++
	}
	all := make([][]visit, doors)
	for i, n := range sizes {
		all[i] = make([]visit, 0, n)
	}
	for i := range int32(a.n) {
		v := a.visit(i)
		all[v.door] = append(all[v.door], v)
	}
	for i := range all {
		all[i] = joined(all[i])
	}
	return all
}

// joined makes of the traces of each session one.
func joined(list []visit) []visit {
	slices.SortFunc(list, func(a, b visit) int { return cmp.Compare(a.session, b.session) })
	once := list[:0]
	for _, v := range list {
		if last := len(once) - 1; last >= 0 && once[last].session == v.session {
			once[last].from = min(once[last].from, v.from)
			once[last].to = max(once[last].to, v.to)
			continue
		}
		once = append(once, v)
	}
	return once
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
	var all []crowd
	for i, list := range m.visits.byDoor(len(m.byIndex)) {
		if len(list) > 0 {
			all = append(all, largest(m.byIndex[i].name, list, w))
		}
	}
	slices.SortFunc(all, func(a, b crowd) int {
		return cmp.Or(cmp.Compare(a.size, b.size), cmp.Compare(a.door, b.door))
	})
	return all
}

// largest is the largest crowd of the sessions at one front end. At one moment
// those that come are counted before those that go.
func largest(door string, list []visit, w *world) crowd {
	came, left := make([]time.Duration, len(list)), make([]time.Duration, len(list))
	for i, v := range list {
		came[i], left[i] = max(v.from, w.heal), max(v.to, w.heal)
	}
	slices.Sort(came)
	slices.Sort(left)
	most, gone := crowd{door: door}, 0
	for i, t := range came {
		for gone < len(left) && left[gone] < t {
			gone++
		}
		if open := i + 1 - gone; open > most.size && t < w.drained {
			most.size, most.at = open, t
		}
	}
	return most
}
