package main

import (
	"maps"
	"slices"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/drivers"
	"github.com/hansei-mail/hansei/harness/relay/reference"
)

// referenceName is the relay that has planted flaws.
const referenceName = "reference"

func relayNames() []string { return slices.Sorted(maps.Keys(drivers.All())) }

func flawNames() []string {
	var names []string
	for _, f := range reference.Flaws() {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
}

// pickRelay is the driver of that name, with a planted flaw if one is asked.
func pickRelay(name, flaw string) (relay.Driver, error) {
	driver, ok := drivers.All()[name]
	switch {
	case !ok:
		return nil, usagef("there is no relay %q%s", name, suggestion(name, relayNames()))
	case flaw == "":
		return driver, nil
	case name != referenceName:
		return nil, usagef("--flaw is for the reference relay only: %s is tested as it is", name)
	case !slices.Contains(flawNames(), flaw):
		return nil, usagef("the reference relay has no flaw %q%s", flaw,
			suggestion(flaw, flawNames()))
	}
	return reference.New(reference.Options{Flaw: flaw}), nil
}
