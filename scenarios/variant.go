package scenarios

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// With is the scenario in one of its variants; an empty name is the scenario
// itself. The result's Text holds the variant's name, so that a run folder
// needs nothing but that text.
func (s *Scenario) With(variant string) (*Scenario, error) {
	if variant == s.Variant {
		return s, nil
	}
	if s.Variant != "" {
		return nil, fmt.Errorf("taking variant %q of %s: it is in variant %q already",
			variant, s.Name, s.Variant)
	}
	if _, ok := s.Variants[variant]; !ok {
		return nil, fmt.Errorf("taking variant %q of %s: %w", variant, s.Name, s.noVariant(variant))
	}
	varied := s.vary(variant)
	if s.text == nil { // made by a program: there is no text to keep in step
		return varied, nil
	}
	varied.text = s.WithVariantLine(variant)
	if _, err := Read(s.file, varied.text); err != nil {
		return nil, fmt.Errorf("naming variant %q in the text of %s: %w", variant, s.Name, err)
	}
	return varied, nil
}

// VariantNames are the names of the variants, sorted.
func (s *Scenario) VariantNames() []string {
	return slices.Sorted(maps.Keys(s.Variants))
}

func (s *Scenario) noVariant(variant string) error {
	if len(s.Variants) == 0 {
		return fmt.Errorf("it has none")
	}
	return fmt.Errorf("it has none of that name; %s", suggest(variant, s.VariantNames()))
}

// vary is a copy with the variant's parts put in. Lists are copied, so that the
// scenario and its variants never share what one of them changes.
func (s *Scenario) vary(variant string) *Scenario {
	v := s.Variants[variant]
	out := *s
	out.Variant = variant
	out.Faults = slices.Concat(s.Faults, v.Faults)
	out.Links = slices.Concat(s.Links, v.Links)
	out.Relay = slices.Concat(s.Relay, v.Relay)

	moved := map[string]string{}
	from := join("variants", variant)
	for part, n := range map[string][2]int{
		"faults": {len(s.Faults), len(v.Faults)},
		"links":  {len(s.Links), len(v.Links)},
		"relay":  {len(s.Relay), len(v.Relay)},
	} {
		for i := range n[1] {
			moved[item(part, n[0]+i)] = item(join(from, part), i)
		}
	}
	base, change := reflect.ValueOf(&out.Expect).Elem(), reflect.ValueOf(v.Expect)
	for i := range change.NumField() {
		if change.Field(i).IsNil() {
			continue
		}
		base.Field(i).Set(change.Field(i))
		name := namesOf(change.Type())[i]
		moved[join("expect", name)] = join(join(from, "expect"), name)
	}
	out.Foreseen = foresee(s.Foreseen, v.Foreseen)
	for promise := range v.Foreseen {
		moved[join("foreseen", promise)] = join(join(from, "foreseen"), promise)
	}
	if s.places != nil {
		out.places = &places{at: s.places.at, moved: moved}
	}
	return &out
}
