package scenarios

import "reflect"

// Expect is what the scenario promises: each promise is a typed, optional
// struct; one that is absent is not asked. Its YAML name is the promise's name
// everywhere else.
type Expect struct {
	NoLoss        *NoLoss        `yaml:"no-loss,omitempty"`
	Integrity     *Integrity     `yaml:"integrity,omitempty"`
	NoInvention   *NoInvention   `yaml:"no-invention,omitempty"`
	Duplicates    *Duplicates    `yaml:"duplicates,omitempty"`
	SpareComplete *SpareComplete `yaml:"spare-complete,omitempty"`
	SpareTimely   *SpareTimely   `yaml:"spare-timely,omitempty"`
	SpareClean    *SpareClean    `yaml:"spare-clean,omitempty"`
	Acceptance    *Acceptance    `yaml:"acceptance,omitempty"`
	SendingGoesOn *SendingGoesOn `yaml:"sending-goes-on,omitempty"`
	Drain         *Drain         `yaml:"drain,omitempty"`
	Isolation     *Isolation     `yaml:"isolation,omitempty"`
	RetryManners  *RetryManners  `yaml:"retry-manners,omitempty"`
	NoEarlyBounce *NoEarlyBounce `yaml:"no-early-bounce,omitempty"`
	Alarm         *Alarm         `yaml:"alarm,omitempty"`
	Footprint     *Footprint     `yaml:"footprint,omitempty"`
}

// PromiseNames are the names of all promises that hansei knows, in the order
// in which they are told.
var PromiseNames = []string{
	"no-loss", "integrity", "no-invention", "duplicates", "spare-complete",
	"spare-timely", "spare-clean", "acceptance", "sending-goes-on", "drain",
	"isolation", "retry-manners", "no-early-bounce", "alarm", "footprint",
}

// Asked are the names of the promises that are asked, in the order of Expect.
func (e Expect) Asked() []string {
	var names []string
	v := reflect.ValueOf(e)
	for i, name := range namesOf(v.Type()) {
		if !v.Field(i).IsNil() {
			names = append(names, name)
		}
	}
	return names
}

// NoLoss: no accepted (message, recipient) pair is lost.
type NoLoss struct {
	Basis *Basis `yaml:"basis,omitempty"`
}

// Integrity: every delivered and every spare copy has the submitted content.
type Integrity struct {
	Basis *Basis `yaml:"basis,omitempty"`
}

// NoInvention: nothing delivered that was not submitted, nothing to a wrong
// recipient or tenant.
type NoInvention struct {
	Basis *Basis `yaml:"basis,omitempty"`
}

// Duplicates: at most Limit unexplained second deliveries.
type Duplicates struct {
	Limit int    `yaml:"limit,omitempty"`
	Basis *Basis `yaml:"basis,omitempty"`
}

// SpareComplete: every accepted clean pair of a spare cohort has a spare copy.
type SpareComplete struct {
	Basis *Basis `yaml:"basis,omitempty"`
}

// SpareTimely: the copy lands before the first delivery attempt ends and
// Within that long after acceptance.
type SpareTimely struct {
	Within Span   `yaml:"within"`
	Basis  *Basis `yaml:"basis,omitempty"`
}

// SpareClean: nothing that had to be filtered is in the spare or at a tenant.
type SpareClean struct {
	Basis *Basis `yaml:"basis,omitempty"`
}

// Acceptance: at least Share of the well-formed clean submissions are answered
// 250, 99 % of them Within that long after they were due, in every phase. What
// comes while the plan keeps the relay from taking mail (killed, stopped, paused,
// without space) and may come again is not counted.
type Acceptance struct {
	Share  float64 `yaml:"share"`
	Within Span    `yaml:"within,omitempty"`
	Basis  *Basis  `yaml:"basis,omitempty"`
}

// SendingGoesOn: mail of routes that go elsewhere, submitted during the
// outage, is accepted and delivered Within that long.
type SendingGoesOn struct {
	Within Span   `yaml:"within"`
	Basis  *Basis `yaml:"basis,omitempty"`
}

// Drain: from the heal to the last delivery of the backlog at most Within.
type Drain struct {
	Within Span   `yaml:"within"`
	Basis  *Basis `yaml:"basis,omitempty"`
}

// Isolation: the 99th percentile of a control cohort's delivery time during
// the outage is at most Ratio times the one before it. Times below Floor count
// as Floor.
type Isolation struct {
	Ratio float64 `yaml:"ratio"`
	Floor Span    `yaml:"floor,omitempty"`
	Basis *Basis  `yaml:"basis,omitempty"`
}

// RetryManners: a destination that is down is not hammered, and one that comes
// back is not run over. No session goes on after a 421, and no mail goes to a
// second MX while nothing is wrong with the first.
type RetryManners struct {
	// PerMinute is the most attempts that one front end may see fail in a minute
	// of the outage in which it takes no mail; InTotal is that of all of them
	// together. 0 leaves it open.
	PerMinute int `yaml:"per_minute,omitempty"`
	InTotal   int `yaml:"in_total,omitempty"`
	// Connections is the most sessions that may be open at one front end at a
	// time, from the heal until the drain is over. 0 leaves it open.
	Connections int    `yaml:"connections,omitempty"`
	Basis       *Basis `yaml:"basis,omitempty"`
}

// Alarm: the operator's own alarm is raised Within that long of the outage's
// start, and before the provider's health page shows the outage; or, where mail
// is not hit, it stays Quiet all the time.
type Alarm struct {
	Within Span   `yaml:"within,omitempty"`
	Quiet  bool   `yaml:"quiet,omitempty"`
	Basis  *Basis `yaml:"basis,omitempty"`
}

// Footprint: what the relay uses of the machine stays within limits, and is
// back at Ratio times the baseline at most once the backlog is gone. A limit of
// 0 leaves that figure open.
type Footprint struct {
	Memory    int64   `yaml:"memory,omitempty"` // bytes
	Disk      int64   `yaml:"disk,omitempty"`   // bytes below its queue folder
	DiskFiles int64   `yaml:"disk_files,omitempty"`
	OpenFiles int64   `yaml:"open_files,omitempty"`
	Processes int64   `yaml:"processes,omitempty"`
	Ratio     float64 `yaml:"ratio"`
	Basis     *Basis  `yaml:"basis,omitempty"`
}

// NoEarlyBounce: no DSN says failed for a message younger than Lifetime.
type NoEarlyBounce struct {
	Lifetime Span   `yaml:"lifetime"`
	Basis    *Basis `yaml:"basis,omitempty"`
}
