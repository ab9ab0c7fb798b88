package scenarios

import (
	"bytes"
	_ "embed" // the published schema
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/invopop/jsonschema"
)

// published is what writeSchema made of this package; a test holds it to that.
//
//go:embed schema.json
var published []byte

// SchemaURL is where the schema of the newest release can be read, for the line
// "# yaml-language-server: $schema=URL" that editors look for.
const SchemaURL = "https://raw.githubusercontent.com/hansei-mail/hansei/main/scenarios/schema.json"

// Schema is the JSON Schema of scenario files, for completion in editors. It
// says less than Read checks: names, types and words, not what they mean.
func Schema() []byte { return bytes.Clone(published) }

// writeSchema makes the schema from the types and, for the descriptions, from
// the comments in the package's own folder.
func writeSchema(folder string) ([]byte, error) {
	r := jsonschema.Reflector{
		FieldNameTag: "yaml", Anonymous: true, ExpandedStruct: true, Mapper: schemaOf,
	}
	if err := r.AddGoComments(reflect.TypeFor[Scenario]().PkgPath(), folder); err != nil {
		return nil, fmt.Errorf("reading the comments for the schema: %w", err)
	}
	s := r.Reflect(&Scenario{})
	s.ID, s.Title = SchemaURL, "A scenario of hansei"
	for _, part := range append(slices.Collect(maps.Values(s.Definitions)), s) {
		if part.Properties == nil {
			continue
		}
		if f, ok := part.Properties.Get("foreseen"); ok {
			f.PropertyNames = wordsOf(PromiseNames)
		}
		for p := part.Properties.Oldest(); p != nil; p = p.Next() {
			if p.Value.Description == "" { // the comment of the whole explains its short parts
				p.Value.Description = part.Description
			}
		}
	}
	for name, part := range s.Definitions {
		// "no-loss:" without a value asks the promise, so null is fine there.
		if t, ok := promiseTypes()[name]; ok && allOptional(t) {
			part.Type = ""
			part.Extras = map[string]any{"type": []string{"object", "null"}}
		}
	}
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the schema: %w", err)
	}
	return append(out, '\n'), nil
}

// schemaOf maps the types that are written otherwise than they are kept.
func schemaOf(t reflect.Type) *jsonschema.Schema {
	switch t {
	case momentType:
		return &jsonschema.Schema{
			Type: "string", Description: "a wall-clock time in the scenario's zone",
			Pattern: `^(\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\d)?$`,
		}
	case spanType:
		return &jsonschema.Schema{
			Type: "string", Description: `a length of time such as "90s", "5m" or "5d"`,
			Pattern: `^(\d+(\.\d+)?d)?(\d+(\.\d+)?h)?(\d+(\.\d+)?m)?(\d+(\.\d+)?s)?(\d+(\.\d+)?ms)?$`,
		}
	case shiftType:
		return &jsonschema.Schema{
			Type: "string", Description: `a length of time with its direction, such as "1h" or "-1h"`,
			Pattern: `^-?(\d+(\.\d+)?d)?(\d+(\.\d+)?h)?(\d+(\.\d+)?m)?(\d+(\.\d+)?s)?(\d+(\.\d+)?ms)?$`,
		}
	case reflect.TypeFor[Stage]():
		return wordsOf(Stages)
	case reflect.TypeFor[Action]():
		return wordsOf(Actions)
	case reflect.TypeFor[Shape]():
		return wordsOf(Shapes)
	case reflect.TypeFor[Sureness]():
		return wordsOf([]Sureness{Known, Assumed})
	case reflect.TypeFor[Kind]():
		return wordsOf([]Kind{Office365, Internet})
	case reflect.TypeFor[Goes]():
		return wordsOf([]Goes{Inbound, Outbound, Elsewhere})
	case reflect.TypeFor[HealthStatus]():
		return wordsOf(HealthStatuses)
	case reflect.TypeFor[RelayDo]():
		return wordsOf(RelayDos)
	case reflect.TypeFor[RelayWhen]():
		return wordsOf(RelayWhens)
	}
	return nil
}

func wordsOf[T ~string](list []T) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, word := range list {
		s.Enum = append(s.Enum, string(word))
	}
	return s
}

// promiseTypes are the promises' types by name.
func promiseTypes() map[string]reflect.Type {
	types := map[string]reflect.Type{}
	expect := reflect.TypeFor[Expect]()
	for i := range expect.NumField() {
		t := expect.Field(i).Type.Elem()
		types[t.Name()] = t
	}
	return types
}

func allOptional(t reflect.Type) bool {
	for _, f := range fieldsOf(t) {
		if f.required {
			return false
		}
	}
	return true
}
