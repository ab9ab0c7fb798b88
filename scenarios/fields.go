package scenarios

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// field is one field of a part of the language.
type field struct {
	index    int
	required bool
}

// fieldsOf are the fields of a struct by the names that a scenario gives them.
// A field without omitempty must be written.
func fieldsOf(t reflect.Type) map[string]field {
	fields := map[string]field{}
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			fields[name] = field{i, options != "omitempty"}
		}
	}
	return fields
}

// namesOf are the names of the fields in the order of the type.
func namesOf(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// suggest is the cure for a name that is not one of those known.
func suggest(got string, known []string) string {
	if best := nearest(got, known); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	if len(known) == 0 {
		return "there is none to name"
	}
	return "use one of " + strings.Join(known, ", ")
}

// nearest is the known name that was probably meant; empty if there is none
// within three letters, nor half of the name.
func nearest(got string, known []string) string {
	best, distance := "", 4
	for _, name := range known {
		if d := distanceOf(got, name); d < distance && 2*d <= max(len(got), len(name)) {
			best, distance = name, d
		}
	}
	return best
}

// distanceOf is the number of letters to insert, drop or change (Levenshtein).
// Names longer than any of ours are not worth the work.
func distanceOf(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// kindOf says in a writer's words what a node is.
func kindOf(n ast.Node) string {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "fields"
	case *ast.SequenceNode:
		return "a list"
	case *ast.LiteralNode:
		return "a block of text"
	default:
		if t := n.GetToken(); t != nil {
			return fmt.Sprintf("%q", clip(t.Value))
		}
		return "this"
	}
}

// clip keeps a quoted part of a file from filling the screen.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

// firstKey is where an entry of a list begins for a reader: a mapping's own
// token is its first colon.
func firstKey(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 {
			return n.Values[0].Key
		}
	case *ast.MappingValueNode:
		return n.Key
	}
	return n
}
