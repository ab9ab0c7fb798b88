package forecast

import (
	"math"
	"time"
)

// Question is what a sweep asks: every combination of its lists. An empty list
// means as the scenario or the model has it.
type Question struct {
	Outages     []time.Duration
	Growths     []float64
	Concurrency []int
	Retries     []time.Duration
	// Within is how long the drain may take.
	Within time.Duration
}

// Cell is one combination and what comes of it.
type Cell struct {
	Outage      time.Duration `json:"outage"`
	Growth      float64       `json:"growth"`
	Concurrency int           `json:"concurrency"`
	// Retry is the longest wait between two attempts.
	Retry time.Duration `json:"retry"`

	Drain   time.Duration `json:"drain"`
	Peak    float64       `json:"peak"`
	Disk    float64       `json:"disk"`
	Files   float64       `json:"files"`
	Oldest  time.Duration `json:"oldest"`
	Bounced float64       `json:"bounced"`
	Left    float64       `json:"left"`
	// Kept: all of it is delivered within the limit, and nothing bounces.
	Kept    bool     `json:"kept"`
	Outside []string `json:"outside,omitempty"`
}

// Need is the least that keeps the promise in one outage.
type Need struct {
	Outage time.Duration `json:"outage"`
	Growth float64       `json:"growth"`
	// Processes is the fewest deliveries at a time that keep it with the waits
	// of Retry; 0: no number does.
	Processes int `json:"processes"`
	// Retry is the longest wait that keeps it with that many: the model's own
	// where that will do.
	Retry time.Duration `json:"retry"`
	// Disk and Files are what the queue takes then.
	Disk    float64       `json:"disk"`
	Files   float64       `json:"files"`
	Drain   time.Duration `json:"drain"`
	Outside []string      `json:"outside,omitempty"`
}

// Sweep is a question answered.
type Sweep struct {
	Format   int           `json:"format"`
	Scenario string        `json:"scenario"`
	Scale    float64       `json:"scale"`
	Model    string        `json:"model"`
	Within   time.Duration `json:"within"`
	Cells    []Cell        `json:"cells"`
	Needs    []Need        `json:"needs"`
	// Measured are the ranges that the model was fitted in; none: it is from
	// documentation.
	Measured   []Range  `json:"measured,omitempty"`
	Unmodelled []string `json:"unmodelled,omitempty"`
}

// MostProcesses bounds the search for a number of processes, LeastWait that for
// a longest wait.
const (
	MostProcesses = 4096
	LeastWait     = time.Minute
)

// Capacity answers a question by the cohort engine.
func Capacity(c Case, m Model, q Question) (*Sweep, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	w, err := newWorld(c)
	if err != nil {
		return nil, err
	}
	q.fill(w, &m)
	s := &Sweep{
		Format: Format, Scenario: w.header.Scenario, Scale: w.header.Scale, Model: m.Name,
		Within: q.Within, Unmodelled: w.unmodelled,
	}
	if m.Fit != nil {
		s.Measured = m.Fit.Ranges
	}
	for _, outage := range q.Outages {
		for _, growth := range q.Growths {
			one := c
			one.Outage, one.Growth = outage, growth
			w, err := newWorld(one)
			if err != nil {
				return nil, err
			}
			a := asker{w: w, m: m, within: q.Within, outage: outage, growth: growth}
			for _, n := range q.Concurrency {
				for _, wait := range q.Retries {
					s.Cells = append(s.Cells, a.ask(n, wait))
				}
			}
			s.Needs = append(s.Needs, a.need())
		}
	}
	return s, nil
}

// fill takes what is not asked about from the scenario and the model.
func (q *Question) fill(w *world, m *Model) {
	if len(q.Outages) == 0 {
		q.Outages = []time.Duration{w.header.Heal - w.header.Outage}
	}
	if len(q.Growths) == 0 {
		q.Growths = []float64{1}
	}
	if len(q.Concurrency) == 0 {
		q.Concurrency = []int{m.Concurrency.Total}
	}
	if len(q.Retries) == 0 {
		q.Retries = []time.Duration{span(m.longestWait())}
	}
	if q.Within == 0 {
		q.Within = time.Hour
		if d := w.scenario.Expect.Drain; d != nil {
			q.Within = d.Within.Duration()
		}
	}
}

// longestWait is the longest that the model waits between two attempts.
func (m *Model) longestWait() float64 {
	switch m.Retry.Kind {
	case RetryList:
		longest := 0.0
		for _, w := range m.Retry.Waits {
			longest = max(longest, w)
		}
		return longest
	case RetryScan:
		return m.Retry.Scan
	case RetrySquare:
		if m.Retry.Max == 0 {
			return m.Lifetime
		}
	}
	return m.Retry.Max
}

// tuned is the model with so many deliveries at a time, and waits no longer than
// that. The limit for one destination keeps its share of the whole.
func (m Model) tuned(processes int, wait float64) Model {
	own := float64(m.Concurrency.PerDestination) / float64(m.Concurrency.Total)
	m.Concurrency.Total = processes
	m.Concurrency.PerDestination = max(1, int(math.Round(own*float64(processes))))
	m.Concurrency.Initial = min(m.Concurrency.Initial, m.Concurrency.PerDestination)
	r := &m.Retry
	switch r.Kind {
	case RetryList:
		waits := make([]float64, len(r.Waits))
		for i, w := range r.Waits {
			waits[i] = min(w, wait)
			if w == m.longestWait() {
				waits[i] = wait
			}
		}
		r.Waits = waits
	case RetryScan:
		r.Scan = wait
	default:
		r.Max = wait
		r.Min = min(r.Min, wait)
	}
	// A relay that looks for what is due more seldom than it may wait would not
	// gain anything.
	if r.Scan > wait {
		r.Scan = wait
	}
	return m
}

// asker asks about one outage.
type asker struct {
	w      *world
	m      Model
	within time.Duration
	outage time.Duration
	growth float64
}

func (a *asker) ask(processes int, wait time.Duration) Cell {
	m := a.m.tuned(processes, math.Ceil(seconds(wait)))
	f := newCohorts(a.w, &m, coarseSteps).run().figures()
	cell := Cell{
		Outage: a.outage, Growth: a.growth, Concurrency: processes, Retry: wait,
		Drain: f.Drain, Peak: f.Peak, Disk: f.Disk, Files: f.Files, Oldest: f.Oldest,
		Bounced: f.Bounced, Left: max(0, f.Left),
	}
	cell.Kept = f.Drain <= a.within && f.Left < 1 && f.Bounced < 1
	if m.Fit != nil {
		cell.Outside = outside(a.w, &m, &Forecast{Figures: f})
	}
	return cell
}

// need looks for the fewest processes that keep the promise; where no number
// does, for the longest wait that many do it with.
func (a *asker) need() Need {
	wait := span(a.m.longestWait())
	best := a.ask(MostProcesses, wait)
	if !best.Kept {
		if wait = a.longest(wait); wait == 0 {
			return Need{Outage: a.outage, Growth: a.growth, Disk: best.Disk, Files: best.Files,
				Drain: best.Drain, Outside: best.Outside}
		}
	}
	low, high := 0, MostProcesses // kept at high, not at low
	for high-low > max(1, high/50) {
		middle := (low + high) / 2
		cell := a.ask(middle, wait)
		if cell.Kept {
			high, best = middle, cell
		} else {
			low = middle
		}
	}
	if best.Concurrency != high {
		best = a.ask(high, wait)
	}
	return Need{Outage: a.outage, Growth: a.growth, Processes: high, Retry: wait,
		Disk: best.Disk, Files: best.Files, Drain: best.Drain, Outside: best.Outside}
}

// longest is a tenth less than the longest wait that keeps the promise with as
// many processes as there may be: at that wait itself, no process could be
// spared. It is in minutes; 0: none does.
func (a *asker) longest(wait time.Duration) time.Duration {
	if !a.ask(MostProcesses, LeastWait).Kept {
		return 0
	}
	low, high := LeastWait, wait // kept at low, not at high
	for high-low > time.Minute {
		middle := ((low + high) / 2).Truncate(time.Minute)
		if middle <= low {
			break
		}
		if a.ask(MostProcesses, middle).Kept {
			low = middle
		} else {
			high = middle
		}
	}
	return max(LeastWait, (low * 9 / 10).Truncate(time.Minute))
}
