// Package evidence owns what was *seen*: the record of a run, one event a
// line, appended while the run goes on and never changed.
//
// It imports nothing of ours, so that whoever reads a run folder years later
// needs this package only. It must not judge: an event says what happened, as
// its actor saw it, and never whether that was right.
package evidence

import "time"

// Kind says what an event is about.
type Kind string

// The kinds of event. Each comment names the fields that the kind fills, beside
// At, T, Kind and Actor.
const (
	// KindBegin is the first event. Note: hansei's version.
	KindBegin Kind = "begin"
	// KindSubmission is one attempt of a sender to hand a message to the relay.
	// Msg, Attempt, Route, Goes, From, To (all recipients tried), Size, Digest,
	// Dirt, Due (when the message was due), Began, Outcome, Code, Reply,
	// Refused (recipients that were not taken although others were).
	KindSubmission Kind = "submission"
	// KindAttempt is one session or transaction at a fake that brought no
	// message: Endpoint, Address, Peer, Session, Site, Began, Stage, Outcome,
	// Code, Reply, Fault; To, if recipients had been taken, and Refused, if some
	// were told a 5xx.
	KindAttempt Kind = "attempt"
	// KindDelivery is a message that a fake took: as KindAttempt, and Msg, From,
	// To (recipients taken), Refused, Size, Digest, Withheld (the relay was not told so),
	// Left (if it was not told because it hung up: when), DKIM ("pass", "fail"
	// or empty: not looked at), Clues (what to look at in content that differs),
	// Held ("hold", "quarantine" or "lose": a fault of the tenant's side kept it
	// from its mailboxes after it was taken), Preference (of the MX record that
	// leads there, where the domain has more than one; in attempts, too).
	KindDelivery Kind = "delivery"
	// KindArrival is a delivery that was held and reached its mailboxes at last:
	// Msg, To, Endpoint, Site, Fault, Held, Began (when it was taken).
	KindArrival Kind = "arrival"
	// KindDSN is a delivery status notification that reached a fake: Endpoint,
	// Site, To (who got it), Msg (of the message it is about), Action ("failed",
	// "delayed", ...), Final (the recipients it is about), Status (RFC 3463).
	KindDSN Kind = "dsn"
	// KindStray is mail at a fake that is neither a submitted message nor a
	// DSN: Endpoint, Site, From, To, Size, Note (its first lines).
	KindStray Kind = "stray"
	// KindStep is a step of the timeline done: Step (verb), Name, Due.
	KindStep Kind = "step"
	// KindRate is a change of the clock: Rate.
	KindRate Kind = "rate"
	// KindStall is a time in which the machine did not run the harness although
	// it should have: Began to T of scenario time, Value (its wall seconds).
	// Whatever took long meanwhile may have been the machine's doing.
	KindStall Kind = "stall"
	// KindCanary is a look at a clock that should be true: Name (whose), Value
	// (seconds it is off the scenario's clock), Limit.
	KindCanary Kind = "canary"
	// KindSample is a measurement: Name (relay, harness, backlog), Values.
	KindSample Kind = "sample"
	// KindQueued is one entry of the relay's own queue listing at the end:
	// Queue (its id there), Msg if the listing could tell, From, To, Note.
	KindQueued Kind = "queued"
	// KindListing closes the entries of KindQueued: Began (when the relay was
	// asked), Value (how many), or Note (why the queue could not be read).
	KindListing Kind = "listing"
	// KindRetries is what the relay's log says of its own retries: Values with
	// intervals, early, late, worst_early_s, worst_late_s.
	KindRetries Kind = "retries"
	// KindRequest is one request to a service beside the mail: Endpoint (token or
	// health), Address, Peer, Began, Stage, Code (the HTTP status, 0: none came),
	// Outcome (accepted: it got what it asked for; else deferred, refused or
	// broken), Fault, Name (the client of a token, the path at the health page),
	// Note (what was shown, or why not). A token that is refused where it is
	// shown is one at stage request of endpoint token, with Fault.
	KindRequest Kind = "request"
	// KindWatch says who looks after the relay and can raise an alarm: Actor
	// (relay or monitor), Name. Outcome interrupted: it ended before the run did;
	// Note says how.
	KindWatch Kind = "watch"
	// KindAlarm is an alarm that reached the operator's webhook: Name, Action
	// ("firing", "resolved", or "unreadable"), Peer, Note (its first lines).
	KindAlarm Kind = "alarm"
	// KindTrouble is a failure of the harness itself or of a fake: Name, Note.
	KindTrouble Kind = "trouble"
	// KindEnd is the last event; without it the evidence is cut. Outcome:
	// "settled", "limit" (time was up) or "interrupted".
	KindEnd Kind = "end"
)

// The actors.
const (
	Load    = "load"
	Fake    = "fake"
	Link    = "link"
	Relay   = "relay"
	Harness = "harness"
	Monitor = "monitor"
)

// Outcome is how a submission, attempt or delivery ended.
type Outcome string

// The outcomes. Unknown is a reply that never came: neither accepted nor
// refused.
const (
	Accepted Outcome = "accepted" // 250 after the end of data
	Deferred Outcome = "deferred" // a 4xx reply
	Refused  Outcome = "refused"  // a 5xx reply
	Unknown  Outcome = "unknown"  // the message was sent in full, no reply came
	Broken   Outcome = "broken"   // the session ended before the message was sent
	Settled  Outcome = "settled"
	Limit    Outcome = "limit"
	Cut      Outcome = "interrupted"
)

// Event is one line of evidence.jsonl.zst. Durations are nanoseconds.
type Event struct {
	// At is monotonic wall time since the run's start; T is scenario time since
	// the scenario's start. Both are of the event's end where it has a length.
	At    time.Duration `json:"at"`
	T     time.Duration `json:"t"`
	Kind  Kind          `json:"kind"`
	Actor string        `json:"actor,omitempty"`

	Msg     string   `json:"msg,omitempty"`
	Attempt int      `json:"attempt,omitempty"`
	Route   string   `json:"route,omitempty"`
	Goes    string   `json:"goes,omitempty"`
	From    string   `json:"from,omitempty"`
	To      []string `json:"to,omitempty"`
	Refused []string `json:"refused,omitempty"`
	Size    int64    `json:"size,omitempty"`
	Digest  string   `json:"digest,omitempty"`
	Dirt    string   `json:"dirt,omitempty"`

	// Due and Began are scenario time since the scenario's start.
	Due   time.Duration `json:"due,omitempty"`
	Began time.Duration `json:"began,omitempty"`
	// Blur is by how much earlier than At and T it may have happened: what was
	// found in a store that others fill came between two looks.
	Blur    time.Duration `json:"blur,omitempty"`
	Outcome Outcome       `json:"outcome,omitempty"`
	Code    int           `json:"code,omitempty"`
	Reply   string        `json:"reply,omitempty"`

	// Endpoint is office365, internet, spare, submission, token or health; Site
	// the mail domain meant.
	Endpoint string `json:"endpoint,omitempty"`
	Site     string `json:"site,omitempty"`
	Address  string `json:"address,omitempty"`
	Peer     string `json:"peer,omitempty"`
	Session  string `json:"session,omitempty"`
	Stage    string `json:"stage,omitempty"`
	Fault    string `json:"fault,omitempty"`
	// Also are the faults that acted before Fault in the same transaction.
	Also     []string `json:"also,omitempty"`
	Withheld bool     `json:"withheld,omitempty"`
	// Left is scenario time, as Began.
	Left  time.Duration `json:"left,omitempty"`
	DKIM  string        `json:"dkim,omitempty"`
	Clues string        `json:"clues,omitempty"`
	Held  string        `json:"held,omitempty"`
	// Preference is that of an MX record (RFC 5321 section 5.1): 10 or 20.
	Preference int `json:"preference,omitempty"`

	Action string   `json:"action,omitempty"`
	Final  []string `json:"final,omitempty"`
	Status string   `json:"status,omitempty"`

	Step  string  `json:"step,omitempty"`
	Name  string  `json:"name,omitempty"`
	Rate  float64 `json:"rate,omitempty"`
	Queue string  `json:"queue,omitempty"`
	Value float64 `json:"value,omitempty"`
	Limit float64 `json:"limit,omitempty"`
	Note  string  `json:"note,omitempty"`

	Values map[string]float64 `json:"values,omitempty"`
}
