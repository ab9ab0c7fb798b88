package alerts

import "time"

// Form is the form in which an alarm came.
type Form string

// The forms. Plain is everything that is not JSON in the form of Alertmanager,
// but readable; Unreadable is JSON that is none, or a body that is too long or
// did not come whole.
const (
	Alertmanager Form = "alertmanager"
	Plain        Form = "plain"
	Unreadable   Form = "unreadable"
)

// Status says whether an alarm begins or ends.
type Status string

// The statuses of Alertmanager. A plain alarm is firing unless it says that it
// is resolved; an unreadable one has none.
const (
	Firing   Status = "firing"
	Resolved Status = "resolved"
)

// Alarm is one alert that came in. A message of Alertmanager may bring several.
type Alarm struct {
	At     time.Time // when it came, on the webhook's clock
	Form   Form
	Status Status
	// Name is the label "alertname"; of a plain alarm its name, title, text,
	// message or summary, or its first line.
	Name        string
	Labels      map[string]string
	Annotations map[string]string
	// StartsAt and EndsAt are what the sender says; zero where it does not, or
	// not yet.
	StartsAt, EndsAt time.Time
	Fingerprint      string
	Receiver         string // Alertmanager's name for this webhook
	Group            map[string]string
	Path             string // of the request
	Peer             string // who sent it, ip:port
	// Raw is the whole body, or what came of it.
	Raw []byte
	// Why says what an unreadable alarm lacked.
	Why string
}
