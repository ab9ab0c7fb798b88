package forecast

// Fit says what a model was learnt from, and how well it tells those runs again.
type Fit struct {
	// Runs are the folders, as they were named.
	Runs []FitRun `json:"runs"`
	// Learnt are the figures that the runs told of; all others are the base
	// model's. Each is with how much it is to be believed.
	Learnt []Learnt `json:"learnt"`
	// Ranges are what the runs covered.
	Ranges []Range `json:"ranges"`
}

// FitRun is one run that a model was learnt from: what it measured, and what the
// model says of it.
type FitRun struct {
	Run      string  `json:"run"`
	Scenario string  `json:"scenario"`
	Relay    string  `json:"relay"`
	Peak     float64 `json:"peak_pairs"`
	PeakSaid float64 `json:"peak_pairs_forecast"`
	// Drain is in seconds from the heal to the last delivery of the backlog.
	Drain     float64 `json:"drain_s"`
	DrainSaid float64 `json:"drain_s_forecast"`
}

// Learnt is one figure of a model with its evidence.
type Learnt struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	// From counts the observations; Error is the root mean square of what the
	// value leaves unexplained, as a share of it; R2 the share of the variance
	// that it explains, where it is a slope.
	From  int     `json:"from"`
	Error float64 `json:"error,omitempty"`
	R2    float64 `json:"r2,omitempty"`
	How   string  `json:"how"`
}

// Range is what one quantity was while a model was fitted.
type Range struct {
	Name string  `json:"name"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	Unit string  `json:"unit"`
}

// The quantities whose range a fit has.
const (
	RangeOutage = "outage"
	RangeRate   = "rate"
	RangePeak   = "peak"
)
