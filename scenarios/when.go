package scenarios

// Shape is the course of a curve between its points.
type Shape string

// The two shapes: straight lines (the default), or level until the next point.
const (
	Linear Shape = "linear"
	Step   Shape = "step"
)

// Wave lets a fault come and go: On of each Period, beginning with the fault.
type Wave struct {
	Period Span `yaml:"period" json:"period"`
	On     Span `yaml:"on" json:"on"`
}

// Hours is a part of each day, in the scenario's zone; To may lie on the next.
type Hours struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
}

// Feedback raises a fault's share with the load that it meets: by Gain for each
// time that the attempts are above Normal, to Max at most. So clients that try
// again at once hurt themselves.
type Feedback struct {
	// Normal is attempts an hour, of all clients together, over ten minutes.
	Normal float64 `yaml:"normal" json:"normal"`
	Gain   float64 `yaml:"gain" json:"gain"`
	Max    float64 `yaml:"max" json:"max"`
}

// CapPoint is a point of a limit on concurrent sessions of one forest, shared
// by all its tenants and front ends: the fault acts on those beyond it.
type CapPoint struct {
	At Moment `yaml:"at"`
	Is int    `yaml:"is"`
}

// History throttles a client that changes its ways: the fault acts on a source
// address while its transactions are Over times as many as before the fault,
// reckoned over Window (10m), and For that long after.
type History struct {
	Over   float64 `yaml:"over" json:"over"`
	Window Span    `yaml:"window,omitempty" json:"window,omitempty"`
	For    Span    `yaml:"for,omitempty" json:"for,omitempty"`
}
