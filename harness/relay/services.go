package relay

import (
	"context"
	"io"
)

// Services are those beside the mail that a run may have: the provider's sign-in,
// health page and client submission, and the operator's own webhook. Those that
// it does not have are empty. Nobody has to use them.
type Services struct {
	// TokenURL takes a client's credentials and gives a token (OAuth 2.0 client
	// credentials, RFC 6749 section 4.4), for Scope.
	TokenURL     string
	ClientID     string
	ClientSecret string
	Scope        string
	// HealthURL is the base of the provider's service health API; its issues are
	// at HealthURL + "/issues", for a bearer of a token.
	HealthURL string
	// AlertsURL takes the operator's alarms, in the form of Prometheus's
	// Alertmanager or as plain text.
	AlertsURL string
	// Submission is host:port of client submission, where Mailbox may sign in
	// with a token. Its certificate is for SubmissionName, by the authority Roots
	// (PEM).
	Submission     string
	SubmissionName string
	Mailbox        string
	Roots          []byte
}

// MonitorHost can run a program of the operator's own beside the relay: where
// the relay's programs live, and on their clock.
type MonitorHost interface {
	StartMonitor(ctx context.Context, p Program) (Monitor, error)
}

// Program is what a MonitorHost runs: a command of the shell in the folder Dir,
// with these variables in its environment beside those of the place.
type Program struct {
	Command string
	Dir     string
	Env     []string
	Output  io.Writer
}

// Monitor is a running Program.
type Monitor interface {
	// Ended is closed when the program has ended, Err says how.
	Ended() <-chan struct{}
	Err() error
	// Stop ends it and whatever it started.
	Stop(ctx context.Context) error
}
