package reference

import (
	"bytes"
	"embed"
	"slices"
	"strings"
)

// situations are scenario files: small outages, each with what some flaws need
// in order to show. One without cohorts of its own is laid over world.yaml.
//
//go:embed situations/*.yaml
var situations embed.FS

// worldName is the file that the situations share.
const worldName = "world"

// Situation is the text of the scenario in which a flaw shows, and whether there
// is one of that name. The package does not read it.
func Situation(name string) (text []byte, ok bool) {
	own, err := situations.ReadFile("situations/" + name + ".yaml")
	if err != nil || name == worldName {
		return nil, false
	}
	if bytes.Contains(own, []byte("\ncohorts:")) {
		return own, true
	}
	shared, err := situations.ReadFile("situations/" + worldName + ".yaml")
	return slices.Concat(own, shared), err == nil
}

// Situations are the names of all of them, sorted.
func Situations() []string {
	files, err := situations.ReadDir("situations")
	if err != nil {
		return nil // cannot be: the folder is embedded
	}
	var names []string
	for _, f := range files {
		if name := strings.TrimSuffix(f.Name(), ".yaml"); name != worldName {
			names = append(names, name)
		}
	}
	return names
}
