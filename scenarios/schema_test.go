package scenarios_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/hansei-mail/hansei/scenarios"
)

func TestSchemaSpeaksTheLanguage(t *testing.T) {
	text := scenarios.Schema()
	type part struct {
		Type       any             `json:"type"`
		Enum       []string        `json:"enum"`
		Required   []string        `json:"required"`
		Properties map[string]part `json:"properties"`
	}
	var s struct {
		part
		More *bool `json:"additionalProperties"`
		Defs map[string]struct {
			Type       any             `json:"type"`
			Required   []string        `json:"required"`
			Properties map[string]part `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if s.More == nil || *s.More {
		t.Error("the schema lets unknown fields pass")
	}
	want := []string{"name", "title", "zone", "from", "until", "outage", "cohorts", "routes", "expect"}
	if !slices.Equal(s.Required, want) {
		t.Errorf("required are %v, want %v", s.Required, want)
	}
	fault := s.Defs["Fault"]
	if got := fault.Properties["stage"].Enum; len(got) != len(scenarios.Stages) {
		t.Errorf("the stages are %v", got)
	}
	if got := fault.Properties["from"].Type; got != "string" {
		t.Errorf("a moment is %v", got)
	}
	if slices.Contains(fault.Required, "heal") || !slices.Contains(fault.Required, "do") {
		t.Errorf("a fault requires %v", fault.Required)
	}
	if got, ok := s.Defs["NoLoss"].Type.([]any); !ok || !slices.Contains(got, any("null")) {
		t.Errorf("no-loss without a value is not allowed: %v", s.Defs["NoLoss"].Type)
	}
	if got := s.Defs["Drain"].Type; got != "object" {
		t.Errorf("drain without its limit is allowed: %v", got)
	}
}
