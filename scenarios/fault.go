package scenarios

import "time"

// Fault is one thing that breaks at an SMTP endpoint: where × when × stage ×
// what. It is healed by the plan at Heal unless Permanent.
type Fault struct {
	Name  string `yaml:"name"`
	Where Where  `yaml:"where"`
	Stage Stage  `yaml:"stage"`
	Do    Action `yaml:"do"`
	// Reply is what the client is told, for do: reply (and, where another than
	// the server's own is meant, for cut, garble, ahead, swap and split), e.g.
	// "451 4.7.500 Server busy. Please try again later from [{ip}]. (S77714) [{trailer}]".
	Reply string `yaml:"reply,omitempty"`
	// Odd says that the reply breaks RFC 3463 on purpose: a 451 with a 5.x.x, as
	// servers have sent.
	Odd bool `yaml:"odd,omitempty"`
	// Delay is how long a slow reply waits, or the rest of a split one, how long a stall lasts at most, how
	// long held mail waits, or over how long a quarantine is released after its
	// heal; in scenario time.
	Delay Span `yaml:"delay,omitempty"`
	// After is the number of body bytes read before a fault at stage body.
	After int64 `yaml:"after,omitempty"`
	// Bytes is how much of a cut reply is sent, or of a split one at first.
	Bytes int64 `yaml:"bytes,omitempty"`
	// Rate is bytes a scenario second, for do: slow: at stage body of what is
	// read, else of what is written from there on.
	Rate int64 `yaml:"rate,omitempty"`

	// Lookup is which questions feel a fault at stage lookup: mx, a; empty:
	// both. Answers, for do: answer, are host names (mx) or addresses (a); As
	// takes the addresses of another forest instead. TTL is for how long the
	// wrong answer may be kept.
	Lookup  []string `yaml:"lookup,omitempty"`
	Answers []string `yaml:"answers,omitempty"`
	As      string   `yaml:"as,omitempty"`
	TTL     Span     `yaml:"ttl,omitempty"`
	// Takes says of As that it takes the mail as its own: a second provider, to
	// which the tenants' MX has been switched, and not a wrong region.
	Takes bool `yaml:"takes,omitempty"`

	From Moment `yaml:"from"`
	Heal Moment `yaml:"heal,omitempty"`
	// Permanent declares that the fault is never healed.
	Permanent bool `yaml:"permanent,omitempty"`
	// Share is the share of sessions that feel it or, from stage mail on, of
	// attempts to deliver a message; by Shape linear between points or in
	// steps; empty means all of them.
	Share []SharePoint `yaml:"share,omitempty"`
	Shape Shape        `yaml:"shape,omitempty"`
	// Wave and Hours narrow the window: both, where both are given.
	Wave  *Wave   `yaml:"wave,omitempty"`
	Hours []Hours `yaml:"hours,omitempty"`
	// Attempts: only so many attempts of each message feel it, the first ones.
	Attempts int `yaml:"attempts,omitempty"`
	// First and Every count what would feel it in the order of arrival: only
	// the first so many do, or only each so-manieth.
	First int `yaml:"first,omitempty"`
	Every int `yaml:"every,omitempty"`
	// Feedback raises the share with the load; Cap and History let it act only
	// on what is over a limit.
	Feedback *Feedback  `yaml:"feedback,omitempty"`
	Cap      []CapPoint `yaml:"cap,omitempty"`
	History  *History   `yaml:"history,omitempty"`
	// Avoidable says of a fault with a cap or a history that a client may get by
	// without it: that nobody felt it proves good manners, and not that nothing
	// was tried. Every other fault must be felt.
	Avoidable bool   `yaml:"avoidable,omitempty"`
	Basis     *Basis `yaml:"basis,omitempty"`
}

// Where selects endpoints; every field that is set must match.
type Where struct {
	// At is office365 (the default), internet, spare, token, health or submission.
	At      string   `yaml:"at,omitempty" json:"at,omitempty"`
	Regions []string `yaml:"regions,omitempty" json:"regions,omitempty"`
	Forests []string `yaml:"forests,omitempty" json:"forests,omitempty"`
	Cohorts []string `yaml:"cohorts,omitempty" json:"cohorts,omitempty"`
	// Tenants are mail domains.
	Tenants Domains `yaml:"tenants,omitempty" json:"tenants,omitempty"`
	// FrontEnds is a share of the front-end addresses, at least one of each
	// forest, drawn once for the whole run.
	FrontEnds float64 `yaml:"front_ends,omitempty" json:"front_ends,omitempty"`
	// Sources are addresses or networks ("127.0.0.0/8") of clients.
	Sources []string `yaml:"sources,omitempty" json:"sources,omitempty"`
	// Recipients are addresses or all of a domain ("*@kaede.example"), from
	// stage rcpt on.
	Recipients []string `yaml:"recipients,omitempty" json:"recipients,omitempty"`
	// MinBytes selects messages at least this large, from stage eod on, and
	// MaxBytes those at most this large.
	MinBytes int64 `yaml:"min_bytes,omitempty" json:"min_bytes,omitempty"`
	MaxBytes int64 `yaml:"max_bytes,omitempty" json:"max_bytes,omitempty"`
	// Attachment selects messages of type multipart/mixed, from stage eod on.
	Attachment bool `yaml:"attachment,omitempty" json:"attachment,omitempty"`
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

// The stages, in the order of a session. Lookup is before it, when the client
// asks the DNS where to go. STARTTLS is before the 220 that lets TLS begin,
// Handshake instead of TLS, Secured the first command inside it. EOD is the end
// of data before its reply; Accepted is after the message was taken, instead of
// its reply.
const (
	StageLookup    Stage = "lookup"
	StageConnect   Stage = "connect"
	StageBanner    Stage = "banner"
	StageEHLO      Stage = "ehlo"
	StageSTARTTLS  Stage = "starttls"
	StageHandshake Stage = "handshake"
	StageSecured   Stage = "secured"
	StageAuth      Stage = "auth"
	StageMail      Stage = "mail"
	StageRcpt      Stage = "rcpt"
	StageData      Stage = "data"
	StageBody      Stage = "body"
	StageEOD       Stage = "eod"
	StageAccepted  Stage = "accepted"
	StageQuit      Stage = "quit"
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

// The actions on whoever connects: ECONNREFUSED, or no answer to the SYN.
const (
	Refuse  Action = "refuse"
	SynDrop Action = "syn-drop"
)

// The actions that spoil the reply of their stage: its first bytes and a FIN;
// bytes that are no text; a later command's reply behind it, before that
// command; a later command's reply in its place.
const (
	Cut    Action = "cut"
	Garble Action = "garble"
	Ahead  Action = "ahead"
	Swap   Action = "swap"
)

// Split sends the reply of its stage in two pieces, Delay apart: a reply is over
// at the end of its line, not at the end of a segment.
const Split Action = "split"

// The actions on mail that was taken with a 250: it arrives late; it arrives
// once the fault is healed; it never arrives.
const (
	Hold       Action = "hold"
	Quarantine Action = "quarantine"
	Lose       Action = "lose"
)

// The actions at stage lookup: two wrong codes, no answer, a cut one that TCP
// does not complete, and a wrong one.
const (
	ServFail Action = "servfail"
	NXDomain Action = "nxdomain"
	Timeout  Action = "timeout"
	Truncate Action = "truncate"
	Answer   Action = "answer"
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
	CutAfter int64 `yaml:"cut_after,omitempty"`
	// Slice is the most bytes that travel in one piece, each direction.
	Slice int64 `yaml:"slice,omitempty"`
	// Silent lets nothing pass until the heal, either way; connections stay open.
	Silent bool `yaml:"silent,omitempty"`
	// SlowClose is how long a server's close takes to reach the relay, in
	// scenario time.
	SlowClose Span   `yaml:"slow_close,omitempty"`
	Basis     *Basis `yaml:"basis,omitempty"`
}
