package mutate

import (
	"fmt"
	"strings"
)

// Survivors are the keys of mutants that need not be killed, with the reason.
type Survivors map[string]string

// ReadSurvivors reads a list of them: the key, a line that begins with a tab
// and gives the reason, and blank lines or lines that begin with # as one likes.
func ReadSurvivors(text string) (Survivors, error) {
	known, key, number := Survivors{}, "", 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\n")
		reason, indented := strings.CutPrefix(line, "\t")
		switch {
		case strings.TrimSpace(line) == "", strings.HasPrefix(line, "#"):
		case indented && key == "":
			return nil, fmt.Errorf("reading the survivors: line %d: a reason of nothing", number)
		case indented:
			known[key], key = reason, ""
		case key != "":
			return nil, fmt.Errorf("reading the survivors: line %d: no reason for %s", number, key)
		default:
			key = line
			if known[key] != "" {
				return nil, fmt.Errorf("reading the survivors: line %d: %s is listed twice", number, key)
			}
		}
	}
	if key != "" {
		return nil, fmt.Errorf("reading the survivors: no reason for %s", key)
	}
	return known, nil
}
