package scenarios

// HealthIssue is one issue of the provider's own service health page: what it
// said of the incident, and when. The page is late, and dates back.
type HealthIssue struct {
	// Issue is its id, such as "EX196121".
	Issue string `yaml:"issue"`
	Title string `yaml:"title"`
	// Feature is the part of the service that it names, as the page words it.
	Feature string `yaml:"feature,omitempty"`
	// Visible is when the page first shows it, and Starts the start that it then
	// claims; absent: the moment at which it is shown.
	Visible Moment         `yaml:"visible"`
	Starts  Moment         `yaml:"starts,omitempty"`
	Updates []HealthUpdate `yaml:"updates,omitempty"`
	// Resolved is when the page says that it is over; absent: not within the
	// scenario.
	Resolved Moment `yaml:"resolved,omitempty"`
	Basis    *Basis `yaml:"basis,omitempty"`
}

// HealthUpdate is one post of an issue, after it was first shown.
type HealthUpdate struct {
	At   Moment `yaml:"at"`
	Says string `yaml:"says"`
	// Regions are those that the page names from then on as hit, in its words.
	Regions []string `yaml:"regions,omitempty"`
	// Status is the issue's from then on; absent: as before.
	Status HealthStatus `yaml:"status,omitempty"`
}

// HealthStatus is the status of an issue, by the names of the service health API.
type HealthStatus string

// HealthStatuses are those in which an issue is open. One that is over has
// resolved instead.
var HealthStatuses = []HealthStatus{
	"investigating", "serviceDegradation", "serviceInterruption", "restoringService",
	"verifyingService", "extendedRecovery",
}
