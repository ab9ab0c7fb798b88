package timeline

import (
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

// Where the services beside the mail listen. They stand in the network of the
// front ends, whose forests begin at 1.
const (
	TokenAddress      = "127.25.0.61:80"
	HealthAddress     = "127.25.0.62:80"
	AlertsAddress     = "127.25.0.63:80"
	SubmissionAddress = "127.25.0.87:587"
)

// Health is an issue of the provider's health page with its times as offsets.
type Health struct {
	Issue   string        `json:"issue"`
	Title   string        `json:"title"`
	Feature string        `json:"feature,omitempty"`
	Visible time.Duration `json:"visible"`
	// Starts is the start that it claims; Resolved is -1 where it stays open.
	Starts   time.Duration  `json:"starts"`
	Resolved time.Duration  `json:"resolved"`
	Updates  []HealthUpdate `json:"updates,omitempty"`
}

// HealthUpdate is a post of an issue.
type HealthUpdate struct {
	At      time.Duration          `json:"at"`
	Says    string                 `json:"says"`
	Regions []string               `json:"regions,omitempty"`
	Status  scenarios.HealthStatus `json:"status,omitempty"`
}

func health(s *scenarios.Scenario) []Health {
	var all []Health
	for _, h := range s.Health {
		out := Health{
			Issue: h.Issue, Title: h.Title, Feature: h.Feature, Visible: s.Offset(h.Visible),
			Starts: s.Offset(h.Visible), Resolved: -1,
		}
		if h.Starts.IsSet() {
			out.Starts = s.Offset(h.Starts)
		}
		if h.Resolved.IsSet() {
			out.Resolved = s.Offset(h.Resolved)
		}
		for _, u := range h.Updates {
			out.Updates = append(out.Updates, HealthUpdate{
				At: s.Offset(u.At), Says: u.Says, Regions: u.Regions, Status: u.Status,
			})
		}
		all = append(all, out)
	}
	return all
}
