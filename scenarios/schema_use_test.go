package scenarios_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/hansei-mail/hansei/scenarios"
)

func TestThePublishedSchemaIsCurrent(t *testing.T) {
	want, err := scenarios.WriteSchema(".")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return // what is embedded is still the old one
	}
	if diff := cmp.Diff(string(want), string(scenarios.Schema())); diff != "" {
		t.Errorf("go test ./scenarios -run Schema -update writes it anew:\n%s", diff)
	}
}

// validator is a program that is not ours, and reads what we publish.
func validator(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(scenarios.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(scenarios.SchemaURL, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(scenarios.SchemaURL)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// document is a YAML text as the validator wants it.
func document(t testing.TB, text []byte) any {
	t.Helper()
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestTheSchemaTakesEveryGoodFileAndTheCatalogue(t *testing.T) {
	schema, seen := validator(t), 0
	for _, pattern := range []string{"testdata/good/*.yaml", "catalog/*/*.yaml"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no files %s: %v", pattern, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(document(t, text)); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			seen++
		}
	}
	t.Logf("%d files", seen)
}

// What an editor can see is wrong, it shows while one types.
func TestTheSchemaRefusesWhatAnEditorShouldShow(t *testing.T) {
	schema := validator(t)
	small, err := os.ReadFile("testdata/good/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		"stage: connect":      "stage: conect",
		"do: reset":           "do: explode",
		"at: internet":        "at: extranet",
		`from: "09:00"`:       `from: "nine"`,
		"peak: 60":            "peak: many",
		"within: 1h30m":       "within: soon",
		"  duplicates:":       "  duplicate:",
		"zone: Europe/":       "zona: Europe/",
		"sure: known":         "sure: certain",
		"expect:\n":           "foreseen: {no-los: {outcome: fail, why: x}}\nexpect:\n",
		"expect:\n  no-loss:": "foreseen: {drain: {outcome: pass, why: x}}\nexpect:\n  no-loss:",
	} {
		text := strings.Replace(string(small), from, to, 1)
		if text == string(small) {
			t.Fatalf("the file has no %q", from)
		}
		if err := schema.Validate(document(t, []byte(text))); err == nil {
			t.Errorf("%q in place of %q is taken", to, from)
		}
	}
}

func TestTheSchemaExplainsEveryField(t *testing.T) {
	var missing []string
	var walk func(path string, part any)
	walk = func(path string, part any) {
		m, ok := part.(map[string]any)
		if !ok {
			return
		}
		for name, field := range asMap(m["properties"]) {
			f := asMap(field)
			if f["description"] == nil {
				missing = append(missing, fmt.Sprintf("%s.%s", path, name))
			}
		}
		for name, def := range asMap(m["$defs"]) {
			if asMap(def)["description"] == nil {
				missing = append(missing, name)
			}
			walk(name, def)
		}
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(scenarios.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	walk("scenario", doc)
	for _, name := range missing {
		t.Errorf("%s has no description", name)
	}
}

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}
