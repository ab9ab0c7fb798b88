package catalog

import (
	"path"
	"slices"
)

// Kind is what a catalogued scenario is for; each kind has its own folder.
type Kind string

// The kinds: what happened to mail, days on which mail flow was not hit, what an
// operator fears, and what once broke a relay.
const (
	Incident   Kind = "incident"
	Control    Kind = "control"
	Drill      Kind = "drill"
	Regression Kind = "regression"
)

// Kinds are all kinds, in the order in which they are told.
var Kinds = []Kind{Incident, Control, Drill, Regression}

// KindOf is the kind of a catalogued scenario; empty where there is none of that
// name.
func KindOf(name string) Kind {
	folder := path.Dir(paths()[name])
	i := slices.IndexFunc(Kinds, func(k Kind) bool { return k.folder() == folder })
	if i < 0 {
		return ""
	}
	return Kinds[i]
}

func (k Kind) folder() string { return string(k) + "s" }

// File is the path of a catalogued scenario below this package, and its text.
func File(name string) (file string, text []byte, ok bool) {
	file, ok = paths()[name]
	if !ok {
		return "", nil, false
	}
	text, err := files.ReadFile(file)
	return file, text, err == nil
}
