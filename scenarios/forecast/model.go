package forecast

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ModelFormat is the version of a model's file.
const ModelFormat = 1

// Model is a relay as the forecast sees it. Durations are in seconds, so that a
// person can write and read the file.
type Model struct {
	Format int    `json:"format"`
	Name   string `json:"name"`
	Title  string `json:"title,omitempty"`

	Retry       Retry       `json:"retry"`
	Dead        Dead        `json:"dead"`
	Concurrency Concurrency `json:"concurrency"`
	Service     Service     `json:"service"`
	Accept      Accept      `json:"accept"`
	Spool       Spool       `json:"spool"`
	// Lifetime is the age at which a message is given up.
	Lifetime float64 `json:"lifetime_s"`

	// Fit says what the model was learnt from; nil: from documentation alone.
	Fit *Fit `json:"fit,omitempty"`
}

// RetryKind is how a relay chooses the next attempt of a message.
type RetryKind string

// The kinds of retry schedule.
const (
	// RetryAge waits for as long as the message is old, between Min and Max
	// (Postfix, qmgr(8): "exponential backoff").
	RetryAge RetryKind = "age"
	// RetryList waits for each of Waits in turn, and the last one for ever after.
	RetryList RetryKind = "list"
	// RetryExponential waits for Min, then Factor times as long each time, up to
	// Max.
	RetryExponential RetryKind = "exponential"
	// RetrySquare tries Unit × n² after the message came (OpenSMTPD's scheduler,
	// whose unit is 400 s for remote mail), waiting Max at most.
	RetrySquare RetryKind = "square"
	// RetryScan tries at each queue run what its destination's own record lets
	// (Exim).
	RetryScan RetryKind = "scan"
)

// Retry is when a message that was deferred is tried again.
type Retry struct {
	Kind   RetryKind `json:"kind"`
	Min    float64   `json:"min_s,omitempty"`
	Max    float64   `json:"max_s,omitempty"`
	Factor float64   `json:"factor,omitempty"`
	Unit   float64   `json:"unit_s,omitempty"`
	Waits  []float64 `json:"waits_s,omitempty"`
	// Jitter is the share by which each wait varies either way.
	Jitter float64 `json:"jitter,omitempty"`
	// Scan is how often the relay looks for what is due, 0: at once; the first
	// time Phase after the scenario's start.
	Scan  float64 `json:"scan_s,omitempty"`
	Phase float64 `json:"phase_s,omitempty"`
}

// Scope says what a relay leaves in peace when it does not answer.
type Scope string

// The scopes: a mail domain, or one of its addresses, shared with others.
const (
	ByDestination Scope = "destination"
	ByHost        Scope = "host"
)

// HoldRule is how long a dead destination is left in peace.
type HoldRule string

// The rules: Waits in turn; or Exim's retry rules, reckoned from the first
// failure.
const (
	HoldWaits HoldRule = "waits"
	HoldExim  HoldRule = "exim"
)

// Dead is how a relay suspends a destination that is down.
type Dead struct {
	Scope Scope `json:"scope"`
	// After is how many failures in a row make it dead; 0: never. Cohorts, in
	// its place, is Postfix's default_destination_concurrency_failed_cohort_limit:
	// each failure counts for the share of the window that it is.
	After   int     `json:"after,omitempty"`
	Cohorts float64 `json:"cohorts,omitempty"`
	// Refusals is how many temporary refusals in a row make a destination dead;
	// 0: they are the message's own.
	Refusals int `json:"refusals,omitempty"`
	// Rule and Waits are for how long; Jitter as in Retry.
	Rule   HoldRule   `json:"rule,omitempty"`
	Waits  []float64  `json:"waits_s,omitempty"`
	Steps  []EximStep `json:"steps,omitempty"`
	Jitter float64    `json:"jitter,omitempty"`
	// Defer: what is due meanwhile is deferred without an attempt. Else it waits
	// until the destination may be tried.
	Defer bool `json:"defer,omitempty"`
	// Probe: a single connection asks whether it is back.
	Probe bool `json:"probe,omitempty"`
	// Release: the first success frees all that failed because of it.
	Release bool `json:"release,omitempty"`
}

// EximStep is one of Exim's retry rules: F or, with a Factor, G.
type EximStep struct {
	Until  float64 `json:"until_s"`
	Wait   float64 `json:"wait_s"`
	Factor float64 `json:"factor,omitempty"`
}

// Concurrency is how many connections may be open.
type Concurrency struct {
	Initial        int `json:"initial"`
	PerDestination int `json:"per_destination"`
	PerHost        int `json:"per_host,omitempty"` // 0: no limit of its own
	Total          int `json:"total"`
	// PerCohort: one more for each window of successes, as Postfix; else one
	// more for each success.
	PerCohort bool `json:"per_cohort,omitempty"`
	// PerConnection is how many messages a connection carries.
	PerConnection int `json:"per_connection"`
	// Sessions is how many sessions one attempt tries at most.
	Sessions int `json:"sessions"`
}

// Service is what each stage costs a connection, in seconds.
type Service struct {
	// Session is from the connection to the end of EHLO, Message a transaction,
	// Refused a session that is reset, closed or refused.
	Session float64 `json:"session_s"`
	Message float64 `json:"message_s"`
	Refused float64 `json:"refused_s"`
	// Connect and Stall are the time-outs of a connection and of a reply.
	Connect float64 `json:"connect_timeout_s"`
	Stall   float64 `json:"reply_timeout_s"`
	// Finish is the time-out of the reply to the end of data.
	Finish float64 `json:"finish_timeout_s"`
}

// Accept is how much mail the relay takes in.
type Accept struct {
	// PerSecond bounds messages a second; 0: not known to be bounded.
	PerSecond float64 `json:"per_second,omitempty"`
	// Seen is the most that was seen to be taken, a second.
	Seen float64 `json:"seen_per_second,omitempty"`
}

// Spool is what a queued message takes of the disk.
type Spool struct {
	// PerByte is bytes of disk for each byte of a message, PerMessage what comes
	// on top for each; Files is files (inodes).
	PerByte    float64 `json:"per_byte"`
	PerMessage float64 `json:"per_message"`
	Files      float64 `json:"files"`
}

// errModel is what is wrong with a model.
var errModel = errors.New("the relay model is not usable")

// ReadModel reads and checks a model's file.
func ReadModel(data []byte) (Model, error) {
	var m Model
	lines := json.NewDecoder(bytes.NewReader(data))
	lines.DisallowUnknownFields()
	if err := lines.Decode(&m); err != nil {
		return Model{}, fmt.Errorf("reading the relay model: %w", err)
	}
	if err := m.Check(); err != nil {
		return Model{}, err
	}
	return m, nil
}

// Check says what is wrong with the model.
func (m *Model) Check() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", errModel, fmt.Sprintf(format, args...))
	}
	c, r, d := m.Concurrency, m.Retry, m.Dead
	switch {
	case m.Format != ModelFormat:
		return wrong("format is %d, this hansei reads %d", m.Format, ModelFormat)
	case m.Lifetime <= 0:
		return wrong("lifetime_s must be above 0")
	case c.Initial < 1 || c.PerDestination < 1 || c.Total < 1 || c.PerHost < 0:
		return wrong("concurrency needs initial, per_destination and total of 1 at least")
	case c.PerConnection < 1 || c.Sessions < 1:
		return wrong("concurrency needs per_connection and sessions of 1 at least")
	case r.Kind == RetryAge && (r.Min <= 0 || r.Max < r.Min):
		return wrong("retry age needs 0 < min_s <= max_s")
	case r.Kind == RetryExponential && (r.Min <= 0 || r.Max < r.Min || r.Factor < 1):
		return wrong("retry exponential needs 0 < min_s <= max_s and a factor of 1 at least")
	case r.Kind == RetryList && !positive(r.Waits):
		return wrong("retry list needs waits_s above 0")
	case r.Kind == RetrySquare && r.Unit <= 0:
		return wrong("retry square needs unit_s above 0")
	case r.Kind == RetryScan && r.Scan <= 0:
		return wrong("retry scan needs scan_s above 0")
	case r.delay(0, 0, 1) < 0:
		return wrong("retry kind %q is none of age, list, exponential, square, scan", r.Kind)
	case r.Scan < 0 || r.Jitter < 0 || r.Jitter >= 1 || d.Jitter < 0 || d.Jitter >= 1:
		return wrong("scan_s must not be below 0, and jitter lies between 0 and 1")
	case d.Scope != ByDestination && d.Scope != ByHost:
		return wrong("dead scope %q is neither destination nor host", d.Scope)
	case d.dies() && d.Rule == HoldExim && len(d.Steps) == 0:
		return wrong("dead rule exim needs steps")
	case d.dies() && d.Rule != HoldExim && !positive(d.Waits):
		return wrong("dead needs waits_s above 0")
	}
	return m.Service.check(wrong)
}

func (s Service) check(wrong func(string, ...any) error) error {
	for _, v := range []float64{s.Session, s.Message, s.Refused, s.Connect, s.Stall, s.Finish} {
		if v < 0 {
			return wrong("no service time may be below 0")
		}
	}
	if s.Message <= 0 {
		return wrong("message_s must be above 0")
	}
	return nil
}

func positive(waits []float64) bool {
	for _, w := range waits {
		if w <= 0 {
			return false
		}
	}
	return len(waits) > 0
}

// dies says whether a destination is ever suspended.
func (d Dead) dies() bool { return d.After > 0 || d.Cohorts > 0 }

// seconds is a duration as the model counts it.
func seconds(d time.Duration) float64 { return d.Seconds() }
