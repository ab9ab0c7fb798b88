package alone

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// words are a fault in the words of the language: field to value, a value being
// a text, a number, true or false, a list of texts, or words again.
type words map[string]any

// inWhere are the fields that a line of words may give without their where.
var inWhere = []string{
	"regions", "forests", "tenants", "sources", "recipients", "min_bytes", "max_bytes", "attachment",
}

// lists are the fields whose value is a list.
var lists = []string{
	"regions", "forests", "tenants", "sources", "recipients", "lookup", "answers",
}

// texts are the fields whose value is a text even where it looks like a number.
var texts = []string{"reply", "name"}

// ParseLine reads a fault as it is written on a command line:
//
//	stage=rcpt do=reply reply="451 4.7.500 Server busy" share=0.3 recipients=*@kaede.example
//
// Words are parted by blanks; a value with blanks is quoted; the values of a
// list are parted by commas. A name=NAME among them is returned apart.
func ParseLine(line string) (name string, text json.RawMessage, err error) {
	fields, err := split(line)
	if err != nil {
		return "", nil, err
	}
	all, where := words{}, words{}
	for _, f := range fields {
		key, value, ok := strings.Cut(f, "=")
		if !ok || key == "" || value == "" {
			return "", nil, fmt.Errorf("%q is not a word of a fault; write KEY=VALUE", f)
		}
		into := all
		if slices.Contains(inWhere, key) {
			into = where
		}
		if _, again := into[key]; again {
			return "", nil, fmt.Errorf("%s is given twice", key)
		}
		into[key] = valueOf(key, value)
	}
	if given, ok := all["name"].(string); ok {
		name = given
		delete(all, "name")
	}
	if len(where) > 0 {
		all["where"] = where
	}
	text, err = encode(all)
	return name, text, err
}

// encode writes words down as they are; json.Marshal would escape <, > and &.
func encode(all words) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(all); err != nil {
		return nil, fmt.Errorf("writing a fault down: %w", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

func valueOf(key, value string) any {
	switch {
	case slices.Contains(lists, key):
		return strings.Split(value, ",")
	case slices.Contains(texts, key):
		return strings.ReplaceAll(value, `\n`, "\n")
	case value == "true" || value == "false":
		return value == "true"
	}
	if n, err := strconv.ParseFloat(value, 64); err == nil && json.Valid([]byte(value)) {
		_ = n
		return json.Number(value)
	}
	return value
}

var errQuote = errors.New("a quote is not closed")

// split parts a line at its blanks, but for those inside of quotes, which are
// taken away.
func split(line string) ([]string, error) {
	var all []string
	var word strings.Builder
	quote, begun := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, begun = r, true
		case r == ' ' || r == '\t':
			if begun {
				all = append(all, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 {
		return nil, errQuote
	}
	if begun {
		all = append(all, word.String())
	}
	return all, nil
}

// decode reads a JSON object; numbers stay as they are written.
func decode(text json.RawMessage) (words, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	all := words{}
	if err := d.Decode(&all); err != nil {
		return nil, fmt.Errorf("reading a fault: %w", err)
	}
	return all, nil
}
