package scenarios_test

import (
	"slices"
	"testing"
)

func TestAVariantForeseesInItsOwnWay(t *testing.T) {
	s := read(t, "foreseen.yaml")
	if got := s.Foreseen["drain"].Outcome; got != "inconclusive" || len(s.Foreseen) != 2 {
		t.Errorf("the scenario foresees %v", s.Foreseen)
	}
	v, err := s.With("kill")
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Foreseen["drain"]; got.Outcome != "fail" || got.Why == "" {
		t.Errorf("the variant foresees of drain %v", got)
	}
	if got := v.Foreseen["no-loss"]; got.Outcome != "fail" || got.Basis == nil {
		t.Errorf("the variant has lost what the scenario foresees: %v", got)
	}
	if got := s.Foreseen["drain"].Outcome; got != "inconclusive" {
		t.Errorf("the variant has changed the scenario: %s", got)
	}
	if got := s.Expect.Asked(); !slices.Contains(got, "no-loss") || slices.Contains(got, "alarm") {
		t.Errorf("asked are %v", got)
	}
}
