package check

import (
	"fmt"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// footprint: no sample of the relay is above a limit, and at the end each
// resource is back at Ratio times its baseline at most. A relay that still holds
// mail at the end may use what that takes.
func (l *ledger) footprint() finding {
	want := l.s.Expect.Footprint
	if len(l.usage.samples) == 0 {
		return finding{reason: "nobody measured what the relay uses"}
	}
	w := witnesses{l: l}
	f := finding{outcome: Pass}
	unmeasured, excuse := l.unmeasured(), l.inUse()
	over, kept, open := "", "", unmeasured
	measured := 0
	for i, r := range resources {
		c := l.usage.course(i, l.calm)
		limit := limitOf(want, r.key)
		switch {
		case c.measured:
			measured++
			f.figure = join(f.figure, fmt.Sprintf("%s %s before, %s at most, %s at the end",
				r.name, r.say(c.base), r.say(c.peak), r.say(c.last)))
		case limit > 0:
			open = join(open, "nobody measured the relay's "+r.name)
			continue
		}
		if limit > 0 && c.peak > limit {
			over = join(over, r.name+" above the limit of "+r.say(limit))
			w.call(-1, -1, func() string {
				return fmt.Sprintf("%s: %s at %s", r.name, r.say(c.peak), l.clock(c.at))
			})
		}
		back := want.Ratio * max(c.base, r.floor)
		switch {
		case unmeasured != "" || c.last <= back:
		case excuse != "":
			open = join(open, r.name+" not given back, but "+excuse)
		default:
			kept = join(kept, r.name+" not given back after the drain")
			w.call(-1, -1, func() string {
				return fmt.Sprintf("%s: %s at the end, %s before; %s would have been fine", r.name,
					r.say(c.last), r.say(c.base), r.say(back))
			})
		}
	}
	f.witnesses = w.list()
	switch {
	case over != "" || kept != "":
		f.outcome, f.reason = Fail, join(over, kept)
	case measured == 0:
		f.outcome, f.reason = Inconclusive, "nobody measured what the relay uses"
	case open != "":
		f.outcome, f.reason = Inconclusive, open
	}
	return f
}

// unmeasured says why the return to the baseline cannot be judged; empty if it
// can.
func (l *ledger) unmeasured() string {
	first, last := l.usage.span()
	switch {
	case first >= l.calm:
		return "what the relay used before the first disturbance was not measured"
	case l.heal != forever && last < l.heal:
		return "what the relay used after the heal was not measured"
	}
	return ""
}

// inUse says why the relay may still need what it uses at the end.
func (l *ledger) inUse() string {
	switch {
	case l.run.ended != evidence.Settled:
		return "the run ended before the mail had settled"
	case !l.listing.read:
		return "the queue was not listed, and may not have been empty"
	case l.listing.seen > 0:
		return "the queue was not empty"
	}
	return ""
}

// limitOf is the limit on a resource; 0 if there is none.
func limitOf(f *scenarios.Footprint, key string) float64 {
	return float64(map[string]int64{
		"rss": f.Memory, "disk_bytes": f.Disk, "disk_files": f.DiskFiles,
		"open_files": f.OpenFiles, "processes": f.Processes,
	}[key])
}

// say writes an amount of the resource.
func (r resource) say(v float64) string {
	switch {
	case !r.bytes:
		return count(int64(v))
	case v >= 1<<20:
		return fmt.Sprintf("%.1f MiB", v/(1<<20))
	}
	return fmt.Sprintf("%.0f KiB", v/(1<<10))
}
