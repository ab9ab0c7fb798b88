package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// formatWidth is the column up to which a part is written on one line.
const formatWidth = 100

// Format writes a scenario that a program has put together: reading the text
// gives it back. A variant that is in force has its parts in place already, so
// neither its name nor any other variant is written.
func Format(s *Scenario) []byte {
	whole := *s
	whole.Variant, whole.Variants = "", nil
	var b strings.Builder
	writeFields(&b, reflect.ValueOf(whole), 0)
	return []byte(b.String())
}

// entry is a field of a struct or map that is to be written.
type entry struct {
	name  string
	value reflect.Value
}

// entries are the fields that say something, in their order.
func entries(v reflect.Value) []entry {
	var all []entry
	if v.Kind() == reflect.Map {
		byName := map[string]reflect.Value{}
		for _, key := range v.MapKeys() {
			byName[key.String()] = v.MapIndex(key)
		}
		for _, name := range slices.Sorted(maps.Keys(byName)) {
			all = append(all, entry{name, byName[name]})
		}
		return all
	}
	fields := fieldsOf(v.Type())
	for _, name := range namesOf(v.Type()) {
		f := fields[name]
		if value := v.Field(f.index); f.required || !isEmpty(value) {
			all = append(all, entry{name, value})
		}
	}
	return all
}

// isEmpty says that a field may be left out. A promise without limits is a
// pointer to nothing, and says something.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	}
	return v.IsZero()
}

// inline is a value on one line.
func inline(v reflect.Value) string {
	switch {
	case v.Type() == momentType:
		return quoted(v.FieldByName("Text").String())
	case v.Type() == spanType:
		return Span(v.Int()).String()
	case v.Type() == domainsType:
		return inline(reflect.ValueOf(gather(v.Interface().(Domains))))
	}
	switch v.Kind() {
	case reflect.Pointer:
		return inline(v.Elem())
	case reflect.String:
		return word(v.String())
	case reflect.Slice:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, inline(v.Index(i)))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Struct, reflect.Map:
		var parts []string
		for _, e := range entries(v) {
			parts = append(parts, word(e.name)+": "+inline(e.value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	}
	return fmt.Sprint(v.Interface())
}

// writeFields writes a struct or map as lines.
func writeFields(b *strings.Builder, v reflect.Value, indent int) {
	margin := strings.Repeat(" ", indent)
	for _, e := range entries(v) {
		key := margin + word(e.name) + ":"
		value := e.value
		if value.Kind() == reflect.Pointer {
			value = value.Elem()
		}
		list := value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.Struct
		line := key + " " + inline(value)
		switch {
		case !holdsFields(value) && !list, (indent > 0 || !roomy(value)) && len(line) <= formatWidth && !list,
			value.Kind() == reflect.Struct && len(entries(value)) == 0:
			b.WriteString(line + "\n")
		case list:
			b.WriteString(key + "\n")
			writeList(b, value, indent+2)
		default:
			b.WriteString(key + "\n")
			writeFields(b, value, indent+2)
		}
	}
}

// roomy parts of the scenario have a line for each of their fields.
func roomy(v reflect.Value) bool { return v.Type() == reflect.TypeFor[Expect]() }

// holdsFields says that a value has fields of its own.
func holdsFields(v reflect.Value) bool {
	return v.Kind() == reflect.Map || v.Kind() == reflect.Struct && v.Type() != momentType
}

// writeList writes a list of structs, each on a line where it fits.
func writeList(b *strings.Builder, v reflect.Value, indent int) {
	margin := strings.Repeat(" ", indent)
	for i := range v.Len() {
		if line := margin + "- " + inline(v.Index(i)); len(line) <= formatWidth {
			b.WriteString(line + "\n")
			continue
		}
		var item strings.Builder
		writeFields(&item, v.Index(i), indent+2)
		b.WriteString(margin + "- " + strings.TrimLeft(item.String(), " "))
	}
}

// plainWord needs no quotes, wherever it stands.
var plainWord = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_/@.+-]*( [A-Za-z0-9_/@.+-]+)*$`)

// reserved words are no text to YAML readers of one version or another.
var reserved = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

func word(s string) string {
	if plainWord.MatchString(s) && !slices.Contains(reserved, strings.ToLower(s)) {
		return s
	}
	return quoted(s)
}

// quoted is JSON's form, which YAML's double quotes understand.
func quoted(s string) string {
	var b bytes.Buffer
	text := json.NewEncoder(&b)
	text.SetEscapeHTML(false)
	if err := text.Encode(s); err != nil {
		return strconv.Quote(s)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Loose is a copy that no longer belongs to a text: the variant in force has
// become the scenario itself. A program may change it, then Validate it.
func Loose(s *Scenario) *Scenario {
	out := *s
	out.Variant, out.Variants = "", nil
	out.text, out.places, out.file, out.indent = nil, nil, "", 0
	return &out
}
