package harness

import (
	"context"
	"time"

	"github.com/hansei-mail/hansei/harness/mailstore"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/forecast"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// Config is how a run is made; its zero value runs on loopback at the driver's
// own pace.
type Config struct {
	// Dir is the run folder to create; it must not exist.
	Dir string
	// Speed is scenario seconds a wall second while nothing but waiting
	// happens; 0 means auto (the driver's MaxRate, or the harness's own).
	Speed float64
	// Forecast is what was predicted of the run; it is kept beside the evidence.
	Forecast *forecast.Forecast
	// Overlay is the user's own relay configuration (--relay-config).
	Overlay string
	// Watch is the operator's own monitor: a command of the shell that runs beside
	// the relay and raises alarms at the webhook (--watch); empty: none.
	Watch string
	// Spare is a mail store that exists already, to which the relay's own
	// configuration brings the spare copies (--spare); nil: hansei's own endpoint.
	Spare *mailstore.Where
	// Version and Command go into the manifest: hansei's version, and the
	// command line that repeats the run.
	Version string
	Command string
	// Progress is told how the run goes, a few times a wall second; may be nil.
	Progress func(Progress)
	// Pause, if not nil, stops the scenario's clock while true was its last word:
	// for relays in process altogether, for others down to the wall's own pace,
	// because an unmodified relay cannot be stopped without it noticing.
	Pause <-chan bool
	// Network is the world's network; nil means loopback sockets. A relay that
	// is not in process needs loopback.
	Network relay.Network
}

// Progress is what can be said while a run goes on.
type Progress struct {
	Elapsed  time.Duration // wall
	Now      time.Time     // scenario time
	Start    time.Time
	End      time.Time // planned
	Phase    string
	Rate     float64
	Offered  int64 // messages
	Accepted int64 // (message, recipient) pairs from here on
	Waiting  int64 // accepted, not yet delivered or bounced
	Done     int64 // delivered or bounced
	Spare    int64
	Faults   int64         // times a fault was felt
	Left     time.Duration // wall time, estimated
	// Note is set when something worth a line of its own happened.
	Note string
}

// Manifest is manifest.json: what ran, where, and how to repeat it.
type Manifest struct {
	Format   int     `json:"format"` // 1
	Version  string  `json:"version"`
	Scenario string  `json:"scenario"`
	Variant  string  `json:"variant,omitempty"`
	Seed     uint64  `json:"seed"`
	Scale    float64 `json:"scale"`
	// LeftOut says which waiting was left out; empty where none was.
	LeftOut string     `json:"left_out,omitempty"`
	Relay   relay.Info `json:"relay"`
	Host    Host       `json:"host"`
	Clock   ClockInfo  `json:"clock"`
	// Spare is the store in which spare copies were looked for, and how exact its
	// times are; empty: hansei's own endpoint.
	Spare    string    `json:"spare,omitempty"`
	Command  string    `json:"command"`
	Started  time.Time `json:"started"` // wall, UTC
	WallSecs float64   `json:"wall_seconds"`
	Outcome  string    `json:"outcome"` // settled, limit, interrupted, or cut: the harness did not reach the end
}

// Host describes the machine.
type Host struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	CPUs   int    `json:"cpus"`
	Kernel string `json:"kernel,omitempty"`
}

// ClockInfo is the course that the clock took.
type ClockInfo struct {
	// Kind is real (rate 1 all the time), warped (in process) or shared (every
	// process of the relay through the shim).
	Kind  string     `json:"kind"`
	Rates []RateStep `json:"rates"`
}

// RateStep is one change of the clock's rate.
type RateStep struct {
	T    time.Duration `json:"t"` // scenario time since the start, ns
	Rate float64       `json:"rate"`
}

// Refusal is an error that was found before anything was started: the user can
// mend it. The command exits with 64.
type Refusal struct{ Reason string }

func (r *Refusal) Error() string { return r.Reason }

// Run plays the timeline against a relay and leaves the run folder: manifest,
// scenario, timeline, evidence and the relay's own files. It does not judge.
//
// The error is a *Refusal when nothing was started, ctx's error when the run
// was interrupted (the folder is complete up to there), and anything else is a
// failure of the harness.
func Run(
	ctx context.Context, s *scenarios.Scenario, tl *timeline.Timeline, d relay.Driver, cfg Config,
) error {
	r, err := prepare(s, tl, d, cfg)
	if err != nil {
		return err
	}
	return r.play(ctx)
}
