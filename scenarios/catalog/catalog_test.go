package catalog_test

import (
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
)

func TestEveryScenarioReads(t *testing.T) {
	names := catalog.Names()
	if !slices.Contains(names, "ex196121") {
		t.Fatalf("the catalogue %v lacks ex196121", names)
	}
	for _, name := range names {
		s, err := catalog.Load(name)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if s.Name != path.Base(name) {
			t.Errorf("the file %s.yaml holds a scenario named %s", name, s.Name)
		}
		for _, variant := range s.VariantNames() {
			v, err := catalog.Load(name + "/" + variant)
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			for _, missing := range withoutBasis(v) {
				t.Errorf("%s/%s: %s has no basis", name, variant, missing)
			}
		}
		for _, missing := range withoutBasis(s) {
			t.Errorf("%s: %s has no basis", name, missing)
		}
	}
}

func TestUnknownNamesAreRefusedByName(t *testing.T) {
	for name, want := range map[string]string{
		"ex1":           "the catalogue has only",
		"ex196121/kil":  `did you mean "kill"?`,
		"ex196121/kill": "",
	} {
		s, err := catalog.Load(name)
		switch {
		case want == "" && (err != nil || s.Variant != "kill"):
			t.Errorf("loading %s: %v", name, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("loading %s gave %v, want %q", name, err, want)
		}
	}
}

func TestBasisIsMissed(t *testing.T) {
	s, err := catalog.Load("ex196121")
	if err != nil {
		t.Fatal(err)
	}
	s.Routes[1].Basis = nil
	s.Expect.Drain.Basis = nil
	if got := withoutBasis(s); len(got) != 2 {
		t.Errorf("two were taken away, missed were %v", got)
	}
}

// withoutBasis names every part that should have a basis and has none: every
// struct of the language with such a field.
func withoutBasis(s *scenarios.Scenario) []string {
	var missing []string
	var walk func(v reflect.Value, path string)
	walk = func(v reflect.Value, path string) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem(), path)
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i), path)
			}
		case reflect.Struct:
			if b := v.FieldByName("Basis"); b.IsValid() && b.IsNil() {
				missing = append(missing, path)
			}
			for i := range v.NumField() {
				if f := v.Type().Field(i); f.IsExported() && f.Type != reflect.TypeFor[*scenarios.Basis]() {
					walk(v.Field(i), path+"/"+f.Name)
				}
			}
		}
	}
	walk(reflect.ValueOf(s).Elem(), s.Name)
	return missing
}
