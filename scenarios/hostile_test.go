package scenarios_test

import (
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/scenarios"
)

// Texts that are made to exhaust a parser are refused before it sees them.
func TestHostileTexts(t *testing.T) {
	var stairs strings.Builder
	for i := range 1400 {
		stairs.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	const deep, long = "nested deeper than 50", "more than 50000 words"
	for name, c := range map[string]struct{ text, want string }{
		"brackets":       {strings.Repeat("[", 1<<20), deep},
		"braces":         {strings.Repeat("{a: ", 1<<18), deep},
		"brackets below": {strings.Repeat("[\n", 1<<18), deep},
		"dashes":         {strings.Repeat("- ", 1<<19), deep},
		"question marks": {strings.Repeat("? ", 1<<19), deep},
		"colons":         {strings.Repeat("a: ", 1<<18), "longer than 10000"},
		"anchors":        {strings.Repeat("&a ", 1<<18), deep},
		"tags":           {strings.Repeat("!!a ", 1<<18), deep},
		"keys":           {strings.Repeat("key:\n", 1<<17), long},
		"entries":        {"tags:\n" + strings.Repeat("- a\n", 1<<17), long},
		"stairs":         {stairs.String(), `no field "a"`},
		"zeros":          {strings.Repeat("\x00", 1000), "not valid UTF-8"},
	} {
		_, err := scenarios.Read(name, []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s gave %.200v, want %q", name, err, c.want)
		}
	}
}
