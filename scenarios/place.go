package scenarios

import (
	"strconv"
	"strings"
)

// place is a position in the text; the zero value is "unknown".
type place struct{ line, column int }

// places knows where in the text each part of a scenario stands, by its path,
// such as "faults[0].share[1].at".
type places struct {
	at map[string]place
	// moved says where the parts came from that a variant has added, e.g.
	// "faults[2]" from "variants.kill.faults[0]".
	moved map[string]string
}

// of is the place of a path, or of the nearest part around it that is known.
func (p *places) of(path string) place {
	if p == nil {
		return place{}
	}
	for {
		if at, ok := p.at[p.origin(path)]; ok {
			return at
		}
		if path == "" {
			return place{}
		}
		path = around(path)
	}
}

// origin undoes the moves of a variant.
func (p *places) origin(path string) string {
	for head := path; head != ""; head = around(head) {
		if from, ok := p.moved[head]; ok {
			return from + path[len(head):]
		}
	}
	return path
}

// around is the path of the part that holds this one.
func around(path string) string {
	i := strings.LastIndexAny(path, ".[")
	if i < 0 {
		return ""
	}
	return path[:i]
}

// join is the path of a field within a part.
func join(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}

// item is the path of an element of a list.
func item(path string, i int) string {
	return path + "[" + strconv.Itoa(i) + "]"
}
