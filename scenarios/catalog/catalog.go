// Package catalog owns the scenarios that come with hansei: real incidents,
// controls (days on which mail flow was not hit) and drills (what no incident
// has shown yet but an operator fears).
//
// It must not know what a scenario says: each is a file that the scenarios
// package reads like anybody's own. CATALOG.md is a page of it for readers,
// written from the files alone.
package catalog

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/scenarios"
)

//go:embed incidents/*.yaml controls/*.yaml drills/*.yaml
var files embed.FS

// Names are the names of all catalogued scenarios, sorted.
func Names() []string {
	var names []string
	for name := range paths() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Load reads a catalogued scenario by its NAME, or NAME/VARIANT.
func Load(name string) (*scenarios.Scenario, error) {
	name, variant, _ := strings.Cut(name, "/")
	file, ok := paths()[name]
	if !ok {
		return nil, fmt.Errorf("loading scenario %q: the catalogue has only %s",
			name, strings.Join(Names(), ", "))
	}
	text, err := files.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("loading scenario %q: %w", name, err)
	}
	s, err := scenarios.Read(file, text)
	if err != nil {
		return nil, fmt.Errorf("loading scenario %q: %w", name, err)
	}
	return s.With(variant)
}

// paths are the embedded files by the names of their scenarios, which the tests
// hold to be the names of the files.
func paths() map[string]string {
	found := map[string]string{}
	// Walking what is embedded cannot fail: the root is there at build time.
	_ = fs.WalkDir(files, ".", func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found[strings.TrimSuffix(path.Base(file), ".yaml")] = file
		}
		return err
	})
	return found
}
