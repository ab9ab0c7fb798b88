package gate

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
)

// Baseline is what a release came to, for the next one to be held against.
type Baseline struct {
	// Format is 1; it changes when a field changes its meaning.
	Format int `json:"format"`
	// Version is hansei's that made it.
	Version string  `json:"version"`
	Groups  []Group `json:"groups"`
}

// Group is all seeds of one scenario and relay together.
type Group struct {
	Scenario string `json:"scenario"`
	Relay    string `json:"relay"`
	// Seeds is how many runs were judged.
	Seeds int `json:"seeds"`
	// Kept are the promises that every one of them kept, Broken those that one
	// or more broke.
	Kept   []string `json:"kept"`
	Broken []string `json:"broken"`
	// Figures are by the metric's name; seconds or counts.
	Figures map[string]Spread `json:"figures"`
}

// Spread is a figure over several seeds.
type Spread struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

// Regression is something that is worse than in the baseline.
type Regression struct {
	Scenario string `json:"scenario"`
	Relay    string `json:"relay"`
	// What is the promise or figure.
	What string `json:"what"`
	// Said tells before, now and limit, for people.
	Said  string `json:"said"`
	State State  `json:"state"`
}

// WriteJSON writes the baseline.
func (b Baseline) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(b); err != nil {
		return fmt.Errorf("writing the baseline: %w", err)
	}
	return nil
}

// ReadBaseline reads what WriteJSON wrote.
func ReadBaseline(text []byte) (*Baseline, error) {
	var b Baseline
	if err := json.Unmarshal(text, &b); err != nil {
		return nil, fmt.Errorf("reading the baseline: %w", err)
	}
	if b.Format != 1 {
		return nil, fmt.Errorf("reading the baseline: it has format %d, this hansei reads format 1",
			b.Format)
	}
	return &b, nil
}

// groups puts runs of the same scenario and relay together, in their order.
// Runs that were not judged count for nothing here, and neither do figures of
// inconclusive ones: they may measure the machine.
func groups(runs []Run) []Group {
	var all []Group
	index := map[[2]string]int{}
	judged := map[int][]Run{}
	for _, r := range runs {
		key := [2]string{r.Scenario, r.Relay.Called()}
		i, ok := index[key]
		if !ok {
			i = len(all)
			index[key] = i
			all = append(all, Group{Scenario: key[0], Relay: key[1], Figures: map[string]Spread{}})
		}
		if r.Judgement != nil && r.State != Inconclusive {
			judged[i] = append(judged[i], r)
		}
	}
	for i := range all {
		all[i].fill(judged[i])
	}
	return all
}

func (g *Group) fill(runs []Run) {
	g.Seeds = len(runs)
	if len(runs) == 0 {
		return
	}
	for _, v := range runs[0].Judgement.Verdicts {
		kept, broken := v.Asked, false
		for _, r := range runs {
			other, _ := r.Judgement.Verdict(v.Promise)
			kept = kept && other.Outcome == check.Pass
			broken = broken || other.Asked && other.Outcome == check.Fail
		}
		if kept {
			g.Kept = append(g.Kept, v.Promise)
		}
		if broken {
			g.Broken = append(g.Broken, v.Promise)
		}
	}
	for _, m := range metrics() {
		var values []float64
		for _, r := range runs {
			values = append(values, m.of(r.Judgement.Figures))
		}
		g.Figures[m.name] = spread(values)
	}
}

// spread is the middle and the ends; the median of an even number is the lower
// middle, so that it is a value somebody saw.
func spread(values []float64) Spread {
	slices.Sort(values)
	return Spread{
		Median: values[(len(values)-1)/2], Least: values[0], Most: values[len(values)-1],
	}
}

// compare holds each group against the baseline's of the same name.
func compare(base, now []Group, limits map[string]Limit) []Regression {
	var all []Regression
	for _, b := range base {
		i := slices.IndexFunc(now, func(g Group) bool {
			return g.Scenario == b.Scenario && g.Relay == b.Relay
		})
		add := func(state State, what, said string, args ...any) {
			all = append(all, Regression{b.Scenario, b.Relay, what, fmt.Sprintf(said, args...), state})
		}
		switch {
		case i < 0:
			add(Inconclusive, "missing", "the baseline has it, this gate does not")
			continue
		case now[i].Seeds == 0:
			add(Inconclusive, "not judged", "no run of it came to a verdict")
			continue
		case b.Seeds == 0:
			continue
		}
		for _, promise := range b.Kept {
			if slices.Contains(now[i].Broken, promise) {
				add(Failed, promise, "kept in the baseline, broken now")
			}
		}
		for _, m := range metrics() {
			before, known := b.Figures[m.name]
			after := now[i].Figures[m.name]
			if limit := m.limit(before, limits[m.name]); known && after.middle() > limit {
				add(Failed, m.name, "%s, baseline %s, limit %s", m.spread(after, now[i].Seeds),
					m.spread(before, b.Seeds), m.say(limit))
			}
		}
	}
	return all
}

// middle is between the median and the best seed. It, and not the median alone, has
// to be beyond the limit: medians of three seeds of the very same build, whose drains
// lie anywhere between five and ten minutes, are beyond it in 8 of 100 gates, this in
// 2; and a build that takes twice as long is caught in 97 of 100 nevertheless
// (TestNoiseIsNoRegression).
func (s Spread) middle() float64 { return (s.Median + s.Least) / 2 }

// limit is the greatest median that is no regression: the baseline's median with
// its ratio and its allowance, and never below the worst that the baseline itself
// saw, because that was noise then and is noise now.
func (m metric) limit(before Spread, l Limit) float64 {
	if l.Ratio == 0 {
		l.Ratio = DefaultRatio
	}
	if l.Plus == 0 {
		l.Plus = m.plus
	}
	return max(before.Median*l.Ratio, before.Median+l.Plus, before.Most)
}

// spread writes a median, and where it comes from.
func (m metric) spread(s Spread, seeds int) string {
	if seeds == 1 {
		return m.say(s.Median)
	}
	if s.Least == s.Most {
		return fmt.Sprintf("%s in all %d seeds", m.say(s.Median), seeds)
	}
	return fmt.Sprintf("median %s of %d seeds (%s to %s)", m.say(s.Median), seeds, m.say(s.Least),
		m.say(s.Most))
}

// say writes a value with its unit; 8m0s is 8m.
func (m metric) say(v float64) string {
	if !m.seconds {
		return fmt.Sprintf("%.0f", v)
	}
	d, digits := time.Duration(v*float64(time.Second)), 100*time.Millisecond
	if d >= time.Minute {
		digits = time.Second
	}
	words := d.Round(digits).String()
	if short, cut := strings.CutSuffix(words, "m0s"); cut {
		words = short + "m"
	}
	if short, cut := strings.CutSuffix(words, "h0m"); cut {
		words = short + "h"
	}
	return words
}
