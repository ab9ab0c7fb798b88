package check

import "time"

// Figures are the run in numbers, for reports. A pair is one accepted (message,
// recipient) of a clean message; dirty mail is counted by Dirty alone. All
// durations are nanoseconds of scenario time, counted from the scenario's
// start where they are moments.
type Figures struct {
	// Start is the scenario's From, in UTC; the other moments are offsets.
	Start  time.Time     `json:"start"`
	Zone   string        `json:"zone"`
	Length time.Duration `json:"length"`
	Outage time.Duration `json:"outage"`
	Heal   time.Duration `json:"heal"`
	// End is the moment of the last event; Ended how the run ended: settled,
	// limit, interrupted, or empty when the evidence is cut.
	End   time.Duration `json:"end"`
	Ended string        `json:"ended"`

	// Offered, Accepted, Refused and Unknown count messages: all clean ones;
	// those accepted at least once; those with a 5xx reply and never accepted;
	// those never answered. Dirty counts messages that had to be filtered.
	Offered  int `json:"offered"`
	Accepted int `json:"accepted"`
	Refused  int `json:"refused"`
	Unknown  int `json:"unknown"`
	Dirty    int `json:"dirty"`

	// Pairs is how many pairs were accepted; each has exactly one of the five
	// fates after it.
	Pairs       int `json:"pairs"`
	Delivered   int `json:"delivered"`
	Bounced     int `json:"bounced"`
	Queued      int `json:"queued"`
	Lost        int `json:"lost"`
	Unaccounted int `json:"unaccounted"`
	// SpareDue is how many pairs had to have a spare copy, Spare how many had.
	SpareDue int `json:"spare_due"`
	Spare    int `json:"spare"`
	// Duplicates counts second deliveries that nothing explains, Explained
	// those that a withheld reply or an unknown submission explains.
	Duplicates int `json:"duplicates"`
	Explained  int `json:"explained"`
	// Attempts counts sessions and transactions at the fakes, spare included;
	// FailedAttempts those of them that brought no message.
	Attempts       int `json:"attempts"`
	FailedAttempts int `json:"failed_attempts"`

	// Bin is the width of each of Bins, which cover the run from its start.
	Bin  time.Duration `json:"bin"`
	Bins []Bin         `json:"bins"`

	Backlog Backlog `json:"backlog"`
	Drain   Drained `json:"drain"`
	// Phases are before, outage, drain and after, by the moment due.
	Phases []Phase `json:"phases"`
}

// Bin is one stretch of the run. The counts are of pairs within it; the
// backlogs are pairs waiting at its end.
type Bin struct {
	T         time.Duration `json:"t"` // where it begins
	Accepted  int           `json:"accepted"`
	Delivered int           `json:"delivered"`
	Spare     int           `json:"spare"`
	// Failed counts attempts at tenants and inboxes that brought no message.
	Failed int `json:"failed"`
	// Backlog is accepted pairs neither delivered nor bounced; Affected is the
	// part of it destined to cohorts that a fault or link touches.
	Backlog  int `json:"backlog"`
	Affected int `json:"affected"`
}

// Backlog is the worst of what waited for the affected cohorts. Lost pairs are
// no part of it.
type Backlog struct {
	// Peak is the most pairs that waited at once, Bytes the size of their
	// messages then (each message once), At when.
	Peak  int           `json:"peak"`
	Bytes int64         `json:"bytes"`
	At    time.Duration `json:"at"`
	// Oldest is the longest that any of them waited, and which it was.
	Oldest    time.Duration `json:"oldest"`
	Msg       string        `json:"msg,omitempty"`
	Recipient string        `json:"recipient,omitempty"`
}

// Drained is how the backlog went away after the heal.
type Drained struct {
	// Pairs is how many pairs the backlog held at the heal, Left how many of
	// them were still waiting when the run ended.
	Pairs int `json:"pairs"`
	Left  int `json:"left"`
	// Took is from the heal to the last delivery of the backlog.
	Took time.Duration `json:"took"`
}

// Phase is one phase of the run, by the moment at which messages were due.
type Phase struct {
	Name  string        `json:"phase"`
	From  time.Duration `json:"from"`
	Until time.Duration `json:"until"`
	// Offered counts clean messages, First those whose first attempt was
	// accepted for every recipient.
	Offered int `json:"offered"`
	First   int `json:"first"`
	// Acceptance is from due to the 250 of the first attempt; Delivery and
	// Spare from the 250 to the first delivery and spare copy.
	Acceptance Latency `json:"acceptance"`
	Delivery   Latency `json:"delivery"`
	Spare      Latency `json:"spare"`
}

// Latency is a distribution of durations by nearest rank.
type Latency struct {
	Count int           `json:"count"`
	P50   time.Duration `json:"p50"`
	P99   time.Duration `json:"p99"`
	Max   time.Duration `json:"max"`
}
