package timeline

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

// historyWindow is over which a source's present rate is reckoned where the
// scenario does not say.
const historyWindow = 10 * time.Minute

func fault(s *scenarios.Scenario, f scenarios.Fault, seed uint64, sites []Site) Fault {
	out := Fault{
		Name: f.Name, Seed: derive(seed, "fault", f.Name), Where: f.Where,
		Sites: selected(s, f.Where), Stage: f.Stage, Do: f.Do, Reply: f.Reply,
		Delay: f.Delay.Duration(), After: f.After,
		From: s.Offset(f.From), Heal: -1,
		Bytes: f.Bytes, Rate: f.Rate, Lookup: f.Lookup, Answers: f.Answers,
		TTL: f.TTL.Duration(), Takes: f.Takes, Steps: f.Shape == scenarios.Step,
		Spans:    spans(s, f),
		Attempts: f.Attempts, First: f.First, Every: f.Every, Feedback: f.Feedback,
	}
	if !f.Permanent {
		out.Heal = s.Offset(f.Heal)
	}
	for _, p := range f.Share {
		out.Share = append(out.Share, Share{At: s.Offset(p.At), Is: p.Is})
	}
	if len(out.Share) == 0 {
		out.Share = []Share{{At: out.From, Is: 1}}
	}
	if w := f.Wave; w != nil {
		out.Wave = &Wave{Period: w.Period.Duration(), On: w.On.Duration()}
	}
	for _, p := range f.Cap {
		out.Cap = append(out.Cap, Cap{At: s.Offset(p.At), Is: p.Is})
	}
	if h := f.History; h != nil {
		out.History = &History{Over: h.Over, For: h.For.Duration(),
			Window: cmp.Or(h.Window.Duration(), historyWindow)}
	}
	if f.Where.FrontEnds > 0 {
		out.Addresses = drawn(out, sites)
	}
	if f.As != "" {
		out.Answers = addressesOf(f.As, sites)
	}
	return out
}

// spans lays a fault's hours over the days of the scenario. Each is a wall-clock
// time of its day, so a change of the clocks moves it as it moves people.
func spans(s *scenarios.Scenario, f scenarios.Fault) []Span {
	var all []Span
	zone := s.Location()
	year, month, date := s.From.Time.In(zone).Date()
	moment := func(day int, text string) time.Duration {
		clock, err := time.Parse("15:04", text)
		if err != nil { // 24:00, the only time that the language has and Go has not
			clock = time.Date(0, 1, 2, 0, 0, 0, 0, time.UTC)
		}
		minutes := (clock.YearDay()-1)*24*60 + clock.Hour()*60 + clock.Minute()
		return time.Date(year, month, date+day, 0, minutes, 0, 0, zone).Sub(s.From.Time)
	}
	for _, h := range f.Hours {
		overnight := 0
		if moment(0, h.To) < moment(0, h.From) {
			overnight = 1
		}
		for day := -1; moment(day, h.From) < s.FullLength(); day++ {
			from, to := moment(day, h.From), moment(day+overnight, h.To)
			if to > 0 {
				all = append(all, Span{From: s.Played(max(0, from)), To: s.Played(min(to, s.FullLength()))})
			}
		}
	}
	slices.SortFunc(all, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	return all
}

// drawn is a fault's share of the front ends of each forest, one at least: the
// first ones in an order that follows from the fault's seed, so that a larger
// share holds a smaller one.
func drawn(f Fault, sites []Site) []string {
	var out []string
	for _, site := range sites {
		if !slices.Contains(f.Sites, site.Domain) || slices.Contains(out, site.FrontEnds[0]) {
			continue
		}
		order := slices.Clone(site.FrontEnds)
		slices.SortFunc(order, func(a, b string) int {
			return cmp.Compare(derive(f.Seed, "front end", a), derive(f.Seed, "front end", b))
		})
		n := int(math.Round(f.Where.FrontEnds * float64(len(order))))
		for _, a := range order[:min(max(n, 1), len(order))] {
			if !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	slices.Sort(out)
	return out
}

func addressesOf(forest string, sites []Site) []string {
	for _, site := range sites {
		if site.Forest == forest {
			return site.FrontEnds
		}
	}
	return nil
}

// On says whether the fault is there at an offset: in its window, on the crest
// of its wave and in its hours.
func (f Fault) On(t time.Duration) bool {
	if t < f.From || f.Heal >= 0 && t >= f.Heal {
		return false
	}
	if w := f.Wave; w != nil && (t-f.From)%w.Period >= w.On {
		return false
	}
	return len(f.Spans) == 0 ||
		slices.ContainsFunc(f.Spans, func(s Span) bool { return t >= s.From && t < s.To })
}

// Turn is the next offset after t at which On may change; ok is false where it
// never does again.
func (f Fault) Turn(t time.Duration) (next time.Duration, ok bool) {
	next = math.MaxInt64
	consider := func(at time.Duration) {
		if at > t {
			next = min(next, at)
		}
	}
	consider(f.From)
	if f.Heal >= 0 && t >= f.Heal {
		return 0, false
	}
	consider(f.Heal)
	if w := f.Wave; w != nil && t >= f.From {
		base := f.From + (t-f.From)/w.Period*w.Period
		consider(base + w.On)
		consider(base + w.Period)
	}
	for _, s := range f.Spans {
		consider(s.From)
		consider(s.To)
	}
	return next, next != math.MaxInt64
}

// ShareAt is the share of sessions or attempts that feel the fault at an
// offset: linear or level between its points, level before the first and after
// the last of them, 0 where the fault is not on.
func (f Fault) ShareAt(t time.Duration) float64 {
	if !f.On(t) || len(f.Share) == 0 {
		return 0
	}
	last := f.Share[0]
	if t <= last.At {
		return last.Is
	}
	for _, p := range f.Share[1:] {
		if t < p.At {
			if f.Steps {
				return last.Is
			}
			part := float64(t-last.At) / float64(p.At-last.At)
			return last.Is + float64((p.Is-last.Is)*part)
		}
		last = p
	}
	return last.Is
}

// CapAt is the limit on concurrent sessions at an offset; ok is false where the
// fault has none.
func (f Fault) CapAt(t time.Duration) (sessions int, ok bool) {
	if len(f.Cap) == 0 {
		return 0, false
	}
	last := f.Cap[0]
	for _, p := range f.Cap[1:] {
		if t < p.At {
			if f.Steps || t <= last.At {
				return last.Is, true
			}
			part := float64(t-last.At) / float64(p.At-last.At)
			return last.Is + int(math.Round(float64(p.Is-last.Is)*part)), true
		}
		last = p
	}
	return last.Is, true
}

// Hits says whether a session or attempt feels the fault at an offset. The key
// stands for it; the answer is drawn from the fault's seed and the key alone,
// so what is hit at a share is hit at every larger one.
func (f Fault) Hits(key uint64, t time.Duration) bool {
	return f.Falls(key, f.ShareAt(t))
}

// Falls says whether a key falls into a share that may have come about in other
// ways than by the plan alone.
func (f Fault) Falls(key uint64, share float64) bool {
	return share > 0 && unit(mix(f.Seed^mix(key))) < share
}

// unit is a number from 0 up to and without 1, from all 53 bits that fit.
func unit(x uint64) float64 { return float64(x>>11) * math.Pow(2, -53) }
