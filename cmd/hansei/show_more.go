package main

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// course draws the scenario below its facts.
func (p *shown) course() error {
	if words := p.s.GapWords(); words != "" {
		p.line("  played   %s", words)
	}
	tl, err := timeline.Plan(p.s, timeline.Options{Seed: 1})
	if err != nil {
		return err
	}
	lines := draw(p.s, tl, p.style.Unicode)
	p.section("Course", len(lines))
	for _, l := range lines {
		p.line("%s", l)
	}
	return nil
}

// foreseen is what even a good relay cannot keep.
func (p *shown) foreseen() {
	if !p.section("Foreseen", len(p.s.Foreseen)) {
		return
	}
	for _, promise := range slices.Sorted(maps.Keys(p.s.Foreseen)) {
		f := p.s.Foreseen[promise]
		p.line("  %-26s %s%s", promise, f.Outcome, p.basis(f.Basis))
		p.wrapped(f.Why)
	}
}

// shownJSON is show --format json: the scenario in the language's own words with
// its variant laid over it, and what is planned of it.
type shownJSON struct {
	Scenario any             `json:"scenario"`
	LeftOut  string          `json:"left_out,omitempty"`
	Expected float64         `json:"expected_submissions"`
	Plan     timeline.Header `json:"plan"`
}

func asJSON(s *scenarios.Scenario) (shownJSON, error) {
	tl, err := timeline.Plan(s, timeline.Options{Seed: 1})
	if err != nil {
		return shownJSON{}, err
	}
	return shownJSON{
		Scenario: plainly(reflect.ValueOf(*s)), LeftOut: s.GapWords(), Expected: tl.Expected(),
		Plan: tl.Header(),
	}, nil
}

// plainly is a part of a scenario by the names and in the words of the language;
// what is not written is left out.
func plainly(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case scenarios.Moment:
		return x.Text
	case scenarios.Span:
		return x.String()
	}
	switch v.Kind() {
	case reflect.Pointer:
		return plainly(v.Elem())
	case reflect.Struct:
		fields := map[string]any{}
		for i := range v.NumField() {
			name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
			if name == "" || options == "omitempty" && v.Field(i).IsZero() {
				continue
			}
			fields[name] = plainly(v.Field(i))
		}
		return fields
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plainly(v.Index(i))
		}
		return list
	case reflect.Map:
		table := map[string]any{}
		for _, key := range v.MapKeys() {
			table[key.String()] = plainly(v.MapIndex(key))
		}
		return table
	}
	return v.Interface()
}
