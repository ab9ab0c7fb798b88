package health

import "slices"

// Status is the status of an issue or a service.
type Status string

// The statuses that are in use (S10); others are reserved.
const (
	Operational            Status = "serviceOperational"
	Investigating          Status = "investigating"
	Restoring              Status = "restoringService"
	Verifying              Status = "verifyingService"
	Restored               Status = "serviceRestored"
	ReviewPublished        Status = "postIncidentReviewPublished"
	Degradation            Status = "serviceDegradation"
	Interruption           Status = "serviceInterruption"
	ExtendedRecovery       Status = "extendedRecovery"
	FalsePositive          Status = "falsePositive"
	InvestigationSuspended Status = "investigationSuspended"
)

// severity orders the statuses of open issues; a service has that of its worst.
// The order is an assumption.
var severity = []Status{
	InvestigationSuspended, Investigating, Verifying, Restoring, ExtendedRecovery, Degradation,
	Interruption,
}

// over says whether an issue with this status is resolved.
func (s Status) over() bool {
	return s == Restored || s == ReviewPublished || s == FalsePositive || s == Operational
}

// worse is the status that a service shows; issues that are resolved are not
// among severity, and change nothing.
func (s Status) worse(other Status) Status {
	if slices.Index(severity, other) > slices.Index(severity, s) {
		return other
	}
	return s
}
