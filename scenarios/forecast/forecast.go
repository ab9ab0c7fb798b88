package forecast

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// File is the name of the forecast in a run folder, and Format its version.
const (
	File   = "forecast.json"
	Format = 1
)

// The engines, by the names in Forecast.Engine.
const (
	ByEvents  = "events"
	ByCohorts = "cohorts"
)

// Forecast is what the model says of a case. Durations are nanoseconds of
// scenario time; moments are offsets from the scenario's start.
type Forecast struct {
	Format   int       `json:"format"`
	Scenario string    `json:"scenario"`
	Variant  string    `json:"variant,omitempty"`
	Seed     uint64    `json:"seed"`
	Scale    float64   `json:"scale"`
	Growth   float64   `json:"growth"`
	Model    string    `json:"model"`
	Engine   string    `json:"engine"`
	Start    time.Time `json:"start"`
	Zone     string    `json:"zone"`

	Length time.Duration `json:"length"`
	Outage time.Duration `json:"outage"`
	Heal   time.Duration `json:"heal"`

	// Bin is the width of each of Curve's points.
	Bin   time.Duration `json:"bin"`
	Curve []Point       `json:"curve"`

	Figures Figures `json:"figures"`
	// Low and High are the least and the most of Tries forecasts with other
	// seeds, and other moments of the relay's scans.
	Low   Figures `json:"low"`
	High  Figures `json:"high"`
	Tries int     `json:"tries"`

	// Outside says where the case is beyond what the model was fitted for,
	// Unmodelled what of the scenario the engines do not follow.
	Outside    []string `json:"outside,omitempty"`
	Unmodelled []string `json:"unmodelled,omitempty"`
}

// Point is one stretch of the curve; the backlogs are at its end.
type Point struct {
	T time.Duration `json:"t"`
	// Backlog is pairs that wait for affected cohorts, All those for any.
	Backlog float64 `json:"backlog"`
	All     float64 `json:"all"`
	// Bytes is the disk that the queue takes.
	Bytes    float64 `json:"bytes"`
	Attempts float64 `json:"attempts"`
}

// Figures are a forecast in numbers. A pair is one recipient of a message.
type Figures struct {
	Messages  float64 `json:"messages"`
	Pairs     float64 `json:"pairs"`
	Delivered float64 `json:"delivered"`
	Bounced   float64 `json:"bounced"`
	Left      float64 `json:"left"`
	// Peak is the most pairs that wait for affected cohorts at once, PeakBytes
	// the size of their messages then, PeakAt when.
	Peak      float64       `json:"peak"`
	PeakBytes float64       `json:"peak_bytes"`
	PeakAt    time.Duration `json:"peak_at"`
	// AtHeal is how many of them wait at the heal; Drain from there to the last
	// one's delivery.
	AtHeal float64       `json:"at_heal"`
	Drain  time.Duration `json:"drain"`
	Oldest time.Duration `json:"oldest"`
	// Disk and Files are what the whole queue takes at most.
	Disk  float64 `json:"disk"`
	Files float64 `json:"files"`
	// Attempts is all of them, Failed those that bring nothing, PerMinute the
	// most in a minute; Connections the most that are open at once.
	Attempts    float64 `json:"attempts"`
	Failed      float64 `json:"failed"`
	PerMinute   float64 `json:"attempts_per_minute"`
	Connections float64 `json:"connections"`
	// Spare is how many copies go to the spare store, and their size.
	Spare      float64 `json:"spare"`
	SpareBytes float64 `json:"spare_bytes"`
}

// figures are the tally's.
func (t *tally) figures() Figures {
	dur := func(s float64) time.Duration { return time.Duration(s*1000) * time.Millisecond }
	return Figures{
		Messages: t.messages, Pairs: t.accepted, Delivered: t.delivered, Bounced: t.bounced,
		Left: t.waiting, Peak: t.peak, PeakBytes: t.peakBytes, PeakAt: dur(t.peakAt),
		AtHeal: t.atHeal, Drain: dur(t.drain()), Oldest: dur(t.oldestPeak),
		Disk: t.spoolPeak, Files: t.filesPeak, Attempts: t.attempts, Failed: t.failed,
		PerMinute: t.rate, Connections: t.connPeak, Spare: t.spare, SpareBytes: t.spareBytes,
	}
}

// Write writes the forecast as a document.
func (f *Forecast) Write(w io.Writer) error {
	lines := json.NewEncoder(w)
	lines.SetIndent("", "  ")
	if err := lines.Encode(f); err != nil {
		return fmt.Errorf("writing the forecast: %w", err)
	}
	return nil
}

// Read reads what Write wrote.
func Read(r io.Reader) (*Forecast, error) {
	var f Forecast
	if err := json.NewDecoder(r).Decode(&f); err != nil {
		return nil, fmt.Errorf("reading a forecast: %w", err)
	}
	if f.Format != Format {
		return nil, fmt.Errorf("reading a forecast: its format is %d, this hansei reads %d", f.Format, Format)
	}
	return &f, nil
}
