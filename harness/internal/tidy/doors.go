package tidy

import (
	"slices"
	"strings"
)

// door is a heavy dependency and the packages that may know it.
type door struct {
	dependency string
	packages   []string
	// tests: any test file may use it, too, to look at a package from outside.
	tests bool
}

// theDoors keep each heavy dependency behind one package, so that it can be
// taken out again.
var theDoors = []door{
	{"github.com/Shopify/toxiproxy", []string{"harness/link"}, false},
	{"github.com/rs/zerolog", []string{"harness/link"}, false},
	// Scenarios, gates, records and images are described by people, in YAML.
	{
		"github.com/goccy/go-yaml",
		[]string{"scenarios", "reports/gate", "reports/trackrecord", "harness/relay/container"}, false,
	},
	// Names and replies are told apart by sums, alike in every process, which the
	// standard library's (hash/maphash) are not.
	{"github.com/cespare/xxhash", []string{"harness/check"}, false},
	// Builds images and runs relays in them; its parts are Docker's own client.
	{"github.com/testcontainers/testcontainers-go", []string{"harness/relay/container"}, false},
	{"github.com/moby/moby", []string{"harness/relay/container"}, false},
	{"github.com/containerd/errdefs", []string{"harness/relay/container"}, false},
	{"github.com/prometheus/client_golang", []string{"reports/live"}, false},
	{"github.com/chromedp", nil, true},
	// IMAP accounts in which spare copies are kept; why v1 is told there.
	{"github.com/emersion/go-imap", []string{"harness/mailstore"}, true},
	{"github.com/miekg/dns", []string{"fakes/dnsfake"}, true},
	{"go.etcd.io/bbolt", []string{"harness/relay/reference"}, false},
	{"github.com/klauspost/compress", []string{"harness/evidence"}, false},
	{"github.com/spf13/cobra", []string{"cmd/hansei"}, false},
	{"github.com/emersion/go-msgauth", []string{"harness/traffic"}, true},
	{
		"github.com/emersion/go-message",
		[]string{"fakes/internet", "harness/relay/reference"}, true,
	},
	{
		"github.com/emersion/go-smtp",
		[]string{"harness/traffic", "harness/relay/reference"}, true,
	},
	{"github.com/shirou/gopsutil", []string{"harness/relay/process"}, false},
	{"github.com/invopop/jsonschema", []string{"scenarios"}, false},
	// What we publish is read by a program that is not ours.
	{"github.com/santhosh-tekuri/jsonschema", nil, true},
	// Pictures as pixels: rasterx fills and strokes, oksvg reads paths, x/image has
	// the fonts.
	{"github.com/srwiley/rasterx", []string{"reports/raster"}, false},
	{"github.com/srwiley/oksvg", []string{"reports/raster"}, false},
	{"golang.org/x/image", []string{"reports/raster"}, false},
	// Markdown as GitHub reads it, and JUnit as others do, in tests.
	{"github.com/yuin/goldmark", nil, true},
	{"github.com/joshdk/go-junit", nil, true},
	{"golang.org/x/term", []string{"cmd/hansei", "reports"}, false},
	{"github.com/rogpeppe/go-internal", nil, true},
	{"go.uber.org/goleak", nil, true},
	{"github.com/google/go-cmp", nil, true},
	{"pgregory.net/rapid", nil, true},
}

func doors(r *repository) {
	for _, s := range r.sources {
		for _, spec := range s.ast.Imports {
			for _, d := range theDoors {
				if !below(importPath(spec), d.dependency) || slices.Contains(d.packages, s.dir) ||
					d.tests && (s.test || strings.HasSuffix(s.dir, "test")) {
					continue
				}
				r.at(s, spec, "%s is not a door to %s (only: %s); ask that package for what "+
					"you need", s.dir, d.dependency, listDoors(d))
			}
		}
	}
}

func listDoors(d door) string {
	names := d.packages
	if d.tests {
		names = append(slices.Clone(names), "tests")
	}
	return list(names)
}

// testOnly are the libraries of tests and of packages that serve tests.
var testOnly = []string{"testing", "github.com/onsi/ginkgo", "github.com/onsi/gomega"}

func testLibraries(r *repository) {
	for _, s := range r.sources {
		if s.test || strings.HasSuffix(s.ast.Name.Name, "test") || s.dir == "harness/matchers" {
			continue
		}
		for _, spec := range s.ast.Imports {
			for _, library := range testOnly {
				if below(importPath(spec), library) {
					r.at(s, spec, "%s belongs into _test.go files, packages named ...test and "+
						"harness/matchers; move the code there", library)
				}
			}
		}
	}
}
