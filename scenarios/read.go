package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// MaxBytes is the largest text that Read takes. The largest scenario known has
// a fiftieth of it; what is larger is not a scenario.
const MaxBytes = 1 << 20

// The parser recurses, and copies the fields it has for each one that it adds:
// these bound how deep and how long a text may be. The language itself needs 7
// levels, the largest scenario known has 3,000 tokens.
const (
	maxDepth  = 50
	maxTokens = 50_000
)

// Read reads and checks a scenario. The name is that of the file, for messages.
// Whatever is wrong with the text is told at once, as Problems. Where the text
// names a variant at top level, that variant is in force in the result.
func Read(name string, data []byte) (*Scenario, error) {
	root, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	d := &decoder{file: name, places: places{at: map[string]place{}}}
	s := &Scenario{text: bytes.Clone(data), file: name}
	d.decode(root, reflect.ValueOf(s).Elem(), "", "the scenario")
	if _, ok := root.(*ast.MappingNode); !ok {
		return nil, d.problems.asError()
	}
	s.places = &d.places
	s.indent = max(0, placeOf(firstKey(root)).column-1)

	v := newValidator(s)
	v.problems, v.bad = d.problems, d.bad
	v.resolve()
	v.everything()
	if err := v.problems.asError(); err != nil {
		return nil, err
	}
	if s.Variant != "" {
		return s.vary(s.Variant), nil
	}
	return s, nil
}

// Text is the text from which the scenario was read; reading it again gives the
// same scenario, in the same variant.
func (s *Scenario) Text() []byte { return bytes.Clone(s.text) }

// parse gives the tree of the one document in a text.
func parse(name string, data []byte) (root ast.Node, err error) {
	complain := func(line int, cure, what string) (ast.Node, error) {
		return nil, Problems{{File: name, Line: line, Column: 1, What: what, Cure: cure}}
	}
	if len(data) > MaxBytes {
		return complain(0, "a scenario is a page or two of text",
			fmt.Sprintf("the file has %d bytes, more than %d", len(data), MaxBytes))
	}
	if line := badUTF8(data); line > 0 {
		return complain(line, "save the file as UTF-8", "the line is not valid UTF-8")
	}
	if line, what := tooMuch(data); what != "" {
		return complain(line, "a scenario is a page or two of text", what)
	}
	file, err := parseTokens(data)
	var syntax *yaml.SyntaxError
	switch {
	case errors.As(err, &syntax) && syntax.Token != nil && syntax.Token.Position != nil:
		at := syntax.Token.Position
		return nil, Problems{{
			File: name, Line: at.Line, Column: at.Column, What: "not YAML: " + clip(syntax.Message),
			Cure: "check indentation, quotes and brackets here and just above",
		}}
	case err != nil:
		return complain(1, "check indentation, quotes and brackets", "not YAML: "+clip(err.Error()))
	}
	var bodies []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil {
			bodies = append(bodies, doc.Body)
		}
	}
	switch {
	case len(bodies) == 0:
		return complain(1, "begin with \"name: ...\"", "the file holds no scenario")
	case len(bodies) > 1:
		return complain(placeOf(firstKey(bodies[1])).line, "write one file for each scenario",
			"the file holds more than one document")
	}
	if m, ok := bodies[0].(*ast.MappingNode); ok && m.IsFlowStyle {
		// A line with a variant could not be added to it.
		return complain(placeOf(m).line, "begin with a line \"name: ...\"",
			"the scenario is written in braces")
	}
	return bodies[0], nil
}

// parseTokens runs the YAML parser. The parser is not ours and the text may be
// anybody's, so a panic of it is answered as what it is: a text it cannot read.
func parseTokens(data []byte) (file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			file, err = nil, fmt.Errorf("the parser gave up: %v", r)
		}
	}()
	return parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
}

func badUTF8(data []byte) int {
	for i, line := range bytes.Split(data, []byte("\n")) {
		if !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0 {
			return i + 1
		}
	}
	return 0
}

// tooMuch says where the text is too deep or too long for the parser, empty if
// it is not. What nests on one line (brackets, dashes) is counted; nesting by
// indentation is bounded by the columns it needs.
func tooMuch(data []byte) (line int, what string) {
	depth, inLine := 0, 0
	for i, t := range lexer.Tokenize(string(data)) {
		if t.Position.Line != line {
			line, inLine = t.Position.Line, 0
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth = max(0, depth-1)
		case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
			inLine++
		}
		switch {
		case depth > maxDepth || inLine > maxDepth:
			return line, fmt.Sprintf("the text is nested deeper than %d levels", maxDepth)
		case t.Position.Column > 200*maxDepth:
			return line, fmt.Sprintf("the line is longer than %d characters", 200*maxDepth)
		case i > maxTokens:
			return line, fmt.Sprintf("the text has more than %d words and signs", maxTokens)
		}
	}
	return 0, ""
}

// WithVariantLine is the scenario's text with a line that puts the variant in
// force: reading it gives what With gives.
func (s *Scenario) WithVariantLine(variant string) []byte {
	text := s.Text()
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	return fmt.Appendf(text, "%svariant: %s\n", strings.Repeat(" ", s.indent), variant)
}
