package scenarios

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// decoder turns the tree of a YAML text into a Scenario. It is our own, since a
// decoder that stops at its first error makes the writer fix one line a time:
// this one goes on, and remembers where everything stands.
type decoder struct {
	file     string
	problems Problems
	places   places
	// bad are the paths of parts that could not be read.
	bad []string
}

var (
	momentType = reflect.TypeFor[Moment]()
	spanType   = reflect.TypeFor[Span]()
	shiftType  = reflect.TypeFor[Shift]()
)

func (d *decoder) complain(n ast.Node, cure, format string, args ...any) {
	at := placeOf(n)
	d.problems = append(d.problems, Problem{
		File: d.file, Line: at.line, Column: at.column,
		What: fmt.Sprintf(format, args...), Cure: cure,
	})
}

func placeOf(n ast.Node) place {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return place{}
	}
	p := n.GetToken().Position
	return place{p.Line, p.Column}
}

// decode sets v from n, and notes the path if it could not. what names the part for messages, e.g. "peak".
func (d *decoder) decode(n ast.Node, v reflect.Value, path, what string) {
	before := len(d.problems)
	d.decodeAny(n, v, path, what)
	if k := v.Kind(); len(d.problems) > before &&
		(k != reflect.Struct && k != reflect.Slice && k != reflect.Map && k != reflect.Pointer ||
			v.IsZero() || v.Type() == momentType) {
		d.bad = append(d.bad, path)
	}
}

func (d *decoder) decodeAny(n ast.Node, v reflect.Value, path, what string) {
	switch n := n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		d.complain(n, "write the value out", "anchors and aliases are not part of the language")
		return
	case *ast.TagNode:
		d.complain(n, "leave the tag out", "tags such as %s are not part of the language",
			clip(n.GetToken().Value))
		return
	}
	switch {
	case v.Type() == momentType:
		d.text(n, v.FieldByName("Text"), what)
	case v.Type() == spanType:
		d.span(n, v, what)
	case v.Type() == shiftType:
		d.shift(n, v, what)
	case v.Type() == domainsType:
		d.domains(n, v, path, what)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(n, v.Elem(), path, what)
	case v.Kind() == reflect.Struct:
		d.structure(n, v, path, what)
	case v.Kind() == reflect.Slice:
		d.list(n, v, path, what)
	case v.Kind() == reflect.Map:
		d.table(n, v, path, what)
	case v.Kind() == reflect.String:
		d.text(n, v, what)
	default:
		d.plain(n, v, what)
	}
}

// pairs are the entries of a mapping; ok is false where n is none. An empty
// value counts as an empty mapping: "no-loss:" asks that promise.
func (d *decoder) pairs(n ast.Node, what string) (values []*ast.MappingValueNode, ok bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	case *ast.NullNode:
		return nil, true
	}
	d.complain(n, "write its fields as indented \"name: value\" lines",
		"%s needs fields, not %s", what, kindOf(n))
	return nil, false
}

func (d *decoder) structure(n ast.Node, v reflect.Value, path, what string) {
	values, ok := d.pairs(n, what)
	if !ok {
		return
	}
	fields := fieldsOf(v.Type())
	seen, meanings := map[string]int{}, map[string]bool{}
	for _, pair := range values {
		key, ok := d.key(pair, what, seen)
		if key == "" { // who knows what it would have set
			d.bad = append(d.bad, path)
		}
		if !ok {
			continue
		}
		f, ok := fields[key]
		if !ok {
			names := namesOf(v.Type())
			d.complain(pair.Key, suggest(key, names), "%s has no field %q", what, clip(key))
			if meant := nearest(key, names); meant != "" {
				meanings[meant] = true
				d.bad = append(d.bad, join(path, meant))
			}
			continue
		}
		at := join(path, key)
		d.places.at[at] = placeOf(pair.Key)
		d.decode(pair.Value, v.Field(f.index), at, key)
	}
	for _, name := range namesOf(v.Type()) {
		if _, ok := seen[name]; !ok && fields[name].required && !meanings[name] {
			d.lack(n, path, what, name)
			d.bad = append(d.bad, join(path, name))
		}
	}
}

// lack complains of a missing field, at the line where its part begins.
func (d *decoder) lack(n ast.Node, path, what, name string) {
	at, ok := d.places.at[path]
	if !ok {
		at = place{1, 1}
	}
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && strings.HasSuffix(path, "]") {
		at = placeOf(m.Values[0].Key)
	}
	d.problems = append(d.problems, Problem{
		File: d.file, Line: at.line, Column: at.column,
		What: fmt.Sprintf("%s lacks %q", what, name), Cure: fmt.Sprintf("add %q", name+": ..."),
	})
}

// key is the text of a mapping's key; ok is false where it cannot be used.
func (d *decoder) key(pair *ast.MappingValueNode, what string, seen map[string]int) (string, bool) {
	switch pair.Key.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
	case *ast.MergeKeyNode:
		d.complain(pair.Key, "write the fields out", "merge keys are not part of the language")
		return "", false
	default:
		d.complain(pair.Key, "use a plain name", "%s has a key that is not a name", what)
		return "", false
	}
	key := pair.Key.GetToken().Value
	if line, again := seen[key]; again {
		d.complain(pair.Key, "keep one of them", "%s has %q twice, first in line %d",
			what, clip(key), line)
		return key, false
	}
	seen[key] = placeOf(pair.Key).line
	return key, true
}

func (d *decoder) list(n ast.Node, v reflect.Value, path, what string) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.complain(n, "begin each entry with \"- \"", "%s needs a list, not %s", what, kindOf(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values)))
	for i, value := range s.Values {
		at := item(path, i)
		d.places.at[at] = placeOf(firstKey(value))
		d.decode(value, v.Index(i), at, "an entry of "+what)
	}
}

func (d *decoder) table(n ast.Node, v reflect.Value, path, what string) {
	values, ok := d.pairs(n, what)
	if !ok {
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	seen := map[string]int{}
	for _, pair := range values {
		key, ok := d.key(pair, what, seen)
		if !ok {
			continue
		}
		at := join(path, key)
		d.places.at[at] = placeOf(pair.Key)
		element := reflect.New(v.Type().Elem()).Elem()
		d.decode(pair.Value, element, at, fmt.Sprintf("%q of %s", clip(key), what))
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), element)
	}
}

// text takes numbers too: "era: 2019" means what it says.
func (d *decoder) text(n ast.Node, v reflect.Value, what string) {
	switch n := n.(type) {
	case *ast.StringNode:
		v.SetString(n.Value)
	case *ast.LiteralNode:
		v.SetString(n.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode:
		v.SetString(n.GetToken().Value)
	default:
		d.complain(n, "put the text in quotes", "%s needs text, not %s", what, kindOf(n))
	}
}

func (d *decoder) span(n ast.Node, v reflect.Value, what string) {
	var text string
	d.text(n, reflect.ValueOf(&text).Elem(), what)
	if text == "" {
		return
	}
	span, err := ParseSpan(text)
	if err != nil {
		d.complain(n, `write a number and a unit, such as "90s", "5m", "10h" or "5d"`,
			"%s: %s", what, clip(err.Error()))
		return
	}
	v.SetInt(int64(span))
}

// plain decodes numbers and yes or no.
func (d *decoder) plain(n ast.Node, v reflect.Value, what string) {
	token := ""
	if s, ok := n.(ast.ScalarNode); ok && s.GetToken() != nil {
		token = s.GetToken().Value
	}
	switch v.Kind() {
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
			return
		}
		d.complain(n, "write true or false", "%s needs true or false, not %s", what, kindOf(n))
	case reflect.Int, reflect.Int64:
		if i, ok := whole(n); ok && !v.OverflowInt(i) {
			v.SetInt(i)
			return
		}
		d.complain(n, "write a whole number such as 500", "%s needs a whole number, not %s",
			what, kindOf(n))
	case reflect.Float64:
		if f, ok := number(n); ok {
			v.SetFloat(f)
			return
		}
		d.complain(n, numberCure(token), "%s needs a number, not %s", what, kindOf(n))
	default:
		d.complain(n, "", "%s cannot be read", what)
	}
}

func whole(n ast.Node) (int64, bool) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		return 0, false
	}
	switch v := i.Value.(type) {
	case int64:
		return v, true
	case uint64:
		return int64(v), v <= math.MaxInt64
	}
	return 0, false
}

func number(n ast.Node) (float64, bool) {
	if f, ok := n.(*ast.FloatNode); ok {
		return f.Value, !math.IsInf(f.Value, 0) && !math.IsNaN(f.Value)
	}
	i, ok := whole(n)
	return float64(i), ok
}

// numberCure knows what people write instead of a share.
func numberCure(token string) string {
	if percent, ok := strings.CutSuffix(token, "%"); ok {
		if f, err := strconv.ParseFloat(strings.TrimSpace(percent), 64); err == nil {
			return fmt.Sprintf("write %g", f/100)
		}
	}
	return "write a number such as 0.3"
}
