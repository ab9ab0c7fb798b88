package postfix

import (
	"fmt"
	"strings"
)

// entry is one setting of a main.cf.
type entry struct {
	key, value string
	line       int
}

// parseMain reads the text of a main.cf by the rules of postconf(5): empty
// lines and lines whose first character that is no blank is "#" do not count;
// a line that begins with a blank continues the one before.
func parseMain(text string) ([]entry, error) {
	var found []entry
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, " \t\r\n")
		trimmed := strings.TrimLeft(line, " \t")
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		if strings.ContainsAny(line, "\x00") {
			return nil, fmt.Errorf("the user's main.cf, line %d: holds a NUL byte", number)
		}
		if trimmed != line { // a continuation
			if len(found) == 0 {
				return nil, fmt.Errorf("the user's main.cf, line %d: continues a line, "+
					"but none is before it: take the blanks away", number)
			}
			last := &found[len(found)-1]
			last.value = strings.TrimLeft(last.value+" "+trimmed, " ")
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		key = strings.TrimRight(key, " \t")
		if !ok || key == "" || strings.ContainsAny(key, " \t") {
			return nil, fmt.Errorf("the user's main.cf, line %d: %q is no \"name = value\"",
				number, line)
		}
		found = append(found, entry{key: key, value: strings.TrimLeft(value, " \t"), line: number})
	}
	return found, nil
}
