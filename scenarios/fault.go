package scenarios

import "time"

// Fault is one thing that breaks at an SMTP endpoint: where × when × stage ×
// what. It is healed by the plan at Heal unless Permanent.
type Fault struct {
	Name  string `yaml:"name"`
	Where Where  `yaml:"where"`
	Stage Stage  `yaml:"stage"`
	Do    Action `yaml:"do"`
	// Reply is what the client is told, for do: reply, e.g.
	// "451 4.7.500 Server busy. Please try again later from [{ip}]. (S77714) [{trailer}]".
	Reply string `yaml:"reply,omitempty"`
	// Delay is how long a slow reply waits, in scenario time.
	Delay Span `yaml:"delay,omitempty"`
	// After is the number of body bytes read before a fault at stage body.
	After int64 `yaml:"after,omitempty"`

	From Moment `yaml:"from"`
	Heal Moment `yaml:"heal,omitempty"`
	// Permanent declares that the fault is never healed.
	Permanent bool `yaml:"permanent,omitempty"`
	// Share is the share of sessions (or, from stage mail on, transactions)
	// that feel it, linear between points; empty means all of them.
	Share []SharePoint `yaml:"share,omitempty"`
	Basis *Basis       `yaml:"basis,omitempty"`
}

// Where selects endpoints; every field that is set must match.
type Where struct {
	At      string   `yaml:"at,omitempty" json:"at,omitempty"` // office365 (default), internet or spare
	Regions []string `yaml:"regions,omitempty" json:"regions,omitempty"`
	Forests []string `yaml:"forests,omitempty" json:"forests,omitempty"`
	Cohorts []string `yaml:"cohorts,omitempty" json:"cohorts,omitempty"`
	// MinBytes selects messages at least this large, from stage eod on.
	MinBytes int64 `yaml:"min_bytes,omitempty" json:"min_bytes,omitempty"`
}

// SharePoint is one point of a share over time.
type SharePoint struct {
	At Moment  `yaml:"at"`
	Is float64 `yaml:"is"`
}

// Span is a length of scenario time, written "90s", "5m", "10h" or "5d".
type Span time.Duration

// Stage is a point of an SMTP session (RFC 5321) where a fault can act.
type Stage string

// The stages, in the order of a session. EOD is the end of data before its
// reply; Accepted is after the message was taken, instead of its reply.
const (
	StageConnect  Stage = "connect"
	StageBanner   Stage = "banner"
	StageEHLO     Stage = "ehlo"
	StageSTARTTLS Stage = "starttls"
	StageMail     Stage = "mail"
	StageRcpt     Stage = "rcpt"
	StageData     Stage = "data"
	StageBody     Stage = "body"
	StageEOD      Stage = "eod"
	StageAccepted Stage = "accepted"
	StageQuit     Stage = "quit"
)

// Action is what a fault does.
type Action string

// The actions: a true RST, a FIN, a reply, a reply late, no answer until
// healed.
const (
	Reset Action = "reset"
	Close Action = "close"
	Reply Action = "reply"
	Slow  Action = "slow"
	Stall Action = "stall"
)

// Link is an impairment of the network path between relay and endpoints; it
// puts a proxy in the way of the routes it selects, for the whole run.
type Link struct {
	Name  string `yaml:"name"`
	Where Where  `yaml:"where"`
	From  Moment `yaml:"from"`
	Heal  Moment `yaml:"heal"`
	// Latency is added to each direction, in scenario time.
	Latency Span `yaml:"latency,omitempty"`
	// Bandwidth is in bytes per scenario second, each direction.
	Bandwidth int64 `yaml:"bandwidth,omitempty"`
	// CutAfter ends each connection after that many bytes from the relay.
	CutAfter int64  `yaml:"cut_after,omitempty"`
	Basis    *Basis `yaml:"basis,omitempty"`
}
