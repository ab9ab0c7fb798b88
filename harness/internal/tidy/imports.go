package tidy

import (
	"slices"
	"strings"
)

// anything lets a package import whatever of ours it likes.
const anything = "..."

// mayImport is the direction of all imports: what may a package, by its path
// from the top, import of ours? The longest entry that covers the package is
// the one that counts; a trailing /... stands for the folder and all below it.
// Test files import what they need: the compiler holds them to no cycles.
var mayImport = map[string][]string{
	"scenarios":          {},
	"scenarios/timeline": {"scenarios"},
	"scenarios/catalog":  {"scenarios"},
	"scenarios/forecast": {"scenarios", "scenarios/timeline"},
	"fakes/...":          {"fakes/..."},
	"harness":            harnessImports,
	"harness/clock/...":  {"harness/clock/..."},
	"harness/evidence":   {},
	"harness/calibrate": {
		"harness/evidence", "scenarios", "scenarios/timeline", "scenarios/forecast",
	},
	"harness/traffic":   pathAndTraffic,
	"harness/link":      pathAndTraffic,
	"harness/mailstore": {},

	// A real IMAP server for the tests of stores.
	"harness/mailstore/dovecottest": {},

	"harness/relay": {"harness/clock"},
	"harness/relay/...": {
		"harness/relay", "harness/relay/process", "harness/relay/daemon", "harness/clock",
	},
	"harness/check":      {"harness/evidence", "scenarios", "scenarios/forecast"},
	"harness/matchers":   {"harness/check", "harness/evidence"},
	"harness/acceptance": {anything},
	"harness/bubbletest": {},
	"harness/shrink":     {"harness/check", "scenarios"},
	"harness/suitetest": {
		"harness", "harness/bubbletest", "harness/check", "harness/evidence", "harness/matchers",
		"harness/relay", "harness/relay/drivers", "scenarios/...",
	},
	"harness/internal/...": {},
	"harness/alone":        aloneImports,
	"reports/...":          {"reports/...", "harness/check", "harness/evidence", "scenarios/..."},
	"cmd/...":              {anything},

	// The one map of all drivers, and the suite that tries each of them.
	"harness/relay/drivers": {
		"harness/relay", "harness/relay/reference", "harness/relay/postfix",
		"harness/relay/exim", "harness/relay/opensmtpd", "harness/relay/container",
		"harness/relay/external",
	},
	// Postfix in an image is Postfix: the driver on the host does it.
	"harness/relay/container": {
		"harness/relay", "harness/relay/process", "harness/relay/postfix", "harness/clock",
	},
	"harness/relay/external/outsidetest": {"harness/relay", "harness/relay/external"},
	"harness/relay/relaytest": {
		"harness/relay", "harness/relay/process", "harness/clock", "fakes/...",
	},
}

// harnessImports leaves out check (a run does not judge) and every driver.
var harnessImports = []string{
	"scenarios/...", "fakes/...", "harness/evidence", "harness/clock/...", "harness/traffic",
	"harness/link", "harness/mailstore", "harness/relay",
}

// aloneImports: a fake by itself decides as in a run, and starts no relay.
var aloneImports = []string{
	"harness", "harness/clock", "harness/evidence", "fakes/...", "scenarios", "scenarios/timeline",
}

var pathAndTraffic = []string{
	"harness/evidence", "harness/clock", "scenarios", "scenarios/timeline",
}

func imports(r *repository) {
	for _, s := range r.sources {
		if s.test {
			continue
		}
		for _, spec := range s.ast.Imports {
			to, ours := strings.CutPrefix(importPath(spec), module+"/")
			if !ours {
				continue
			}
			entry, allowed := ruleFor(s.dir)
			switch {
			case entry == "":
				r.at(s, spec, "package %s has no place in the order of imports; "+
					"give it one in mayImport", s.dir)
			case !allows(allowed, to):
				r.at(s, spec, "%s must not import %s (only: %s); move the code, or take an "+
					"interface or a plain value instead", s.dir, to, list(allowed))
			}
		}
	}
}

// ruleFor is the longest entry of mayImport that covers dir, and "" if none.
func ruleFor(dir string) (entry string, allowed []string) {
	for e, a := range mayImport {
		if covers(e, dir) && len(e) > len(entry) {
			entry, allowed = e, a
		}
	}
	if a, ok := mayImport[dir]; ok { // an exact one beats a longer pattern
		return dir, a
	}
	return entry, allowed
}

func covers(pattern, dir string) bool {
	if top, ok := strings.CutSuffix(pattern, "/..."); ok {
		return below(dir, top)
	}
	return pattern == dir
}

func allows(allowed []string, to string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		return a == anything || covers(a, to)
	})
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing of ours"
	}
	return strings.Join(names, ", ")
}
