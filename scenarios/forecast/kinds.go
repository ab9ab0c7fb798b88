package forecast

import (
	"fmt"
	"strings"
)

// kind is lanes that share a fate: destinations of one cohort, hit by the same
// faults, with the same rate of mail each. The fluid knows no single lane.
type kind struct {
	lane     int // one of them, to ask what it meets
	lanes    float64
	group    int
	affected bool
	spare    bool

	// Of the mail: what each unit, a transaction, stands for.
	flows []flow
	pairs float64 // of a unit
	bytes float64 // of its share of a message's content
	disk  float64
	files float64
	mess  float64 // of a message
}

// flow is one route's part of a kind's mail.
type flow struct {
	rate  rate
	units float64 // a message
	pairs float64
	mess  float64 // messages a message: the kind's share of them
}

// kinds lists them. Spare copies come from the routes to the cohorts that have
// them.
func (w *world) kinds(m *Model) []kind {
	mix := newMailMix(w.scenario.Mail)
	size := mix.meanSize()
	routes := map[string][]rate{}
	for _, r := range w.scenario.Routes {
		routes[r.To] = append(routes[r.To], newRate(w, r))
	}
	var out []kind
	index := map[string]int{}
	for at, l := range w.lanes {
		key := w.signature(at)
		i, known := index[key]
		if !known {
			i = len(out)
			index[key] = i
			out = append(out, kind{lane: at, group: l.group, affected: l.affected, spare: l.spare})
		}
		out[i].lanes++
	}
	for i := range out {
		k := &out[i]
		if k.spare {
			for _, c := range w.scenario.Cohorts {
				if c.Spare {
					pairs, _ := mix.means(len(c.Domains), c.Mailboxes)
					k.flow(routes[c.Name], mix.clean, 1, pairs, 0)
				}
			}
		} else {
			c := w.scenario.Cohorts[w.lanes[k.lane].cohort]
			pairs, lanes := mix.means(len(c.Domains), c.Mailboxes)
			part := k.lanes / float64(len(c.Domains))
			k.flow(routes[c.Name], mix.clean, lanes*part, pairs*part, part)
		}
		k.weigh(size, m)
	}
	return out
}

func (k *kind) flow(rates []rate, clean, units, pairs, mess float64) {
	for _, r := range rates {
		k.flows = append(k.flows, flow{
			rate: r, units: units * clean, pairs: pairs * clean, mess: mess * clean,
		})
	}
}

// weigh works out what a unit stands for.
func (k *kind) weigh(size float64, m *Model) {
	units, pairs, mess := 0.0, 0.0, 0.0
	for _, f := range k.flows {
		units += f.units * f.rate.total()
		pairs += f.pairs * f.rate.total()
		mess += f.mess * f.rate.total()
	}
	if units == 0 {
		return
	}
	k.pairs, k.mess = pairs/units, mess/units
	k.bytes = k.mess * size
	k.disk = k.mess * (size*m.Spool.PerByte + m.Spool.PerMessage)
	k.files = k.mess * m.Spool.Files
	if k.spare {
		k.bytes = size // of a copy, for the volume; it lies in no file of its own
	}
}

// due is how many units come between two moments.
func (k *kind) due(from, until float64) float64 {
	sum := 0.0
	for _, f := range k.flows {
		sum += f.units * (f.rate.until(until) - f.rate.until(from))
	}
	return sum
}

// signature is equal for lanes that share a fate.
func (w *world) signature(at int) string {
	l := w.lanes[at]
	var b strings.Builder
	fmt.Fprintf(&b, "%d %d %v", l.cohort, l.group, l.spare)
	for _, c := range w.effects[at] {
		if c.fault != nil {
			fmt.Fprintf(&b, " f:%s", c.fault.Name)
		} else {
			fmt.Fprintf(&b, " l:%s", c.link.Name)
		}
	}
	return b.String()
}
