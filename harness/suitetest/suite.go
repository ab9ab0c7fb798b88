// Package suitetest owns the ready-made test of a scenario against a relay, for
// suites of one's own: Replay registers it as Ginkgo specs, one for each promise
// of the scenario, and Test runs the same under go test alone.
//
//	var _ = suitetest.Replay("ex196121", suitetest.Relay("postfix"), suitetest.Seeds(1, 2, 3))
//
// It plays and judges as `hansei run` does and must not judge by itself: what is
// expected of a promise is said by package matchers.
package suitetest

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/matchers"
)

// Replay registers the specs of a scenario against a relay: a container for each
// seed, in which the run is played once, and a spec for each promise that the
// scenario makes. The scenario is NAME or NAME/VARIANT of the catalogue or the
// path of a .yaml file. Labels are the relay, the scenario and its tags. Assign
// it to a variable of the package: var _ = suitetest.Replay(...).
func Replay(scenario string, options ...Option) bool {
	ginkgo.GinkgoHelper()
	p, err := newReplay(scenario, options)
	if err != nil {
		return ginkgo.It("replays "+scenario, func() { ginkgo.Fail(err.Error()) })
	}
	return ginkgo.Describe(p.name(), ginkgo.Label(p.labels()...), p.decoration(), func() {
		for _, seed := range p.seeds {
			ginkgo.Describe(fmt.Sprintf("seed %d", seed), ginkgo.Ordered, ginkgo.ContinueOnFailure,
				func() { p.specs(seed) })
		}
	})
}

// decoration keeps runs on real sockets apart: the world's addresses are fixed.
func (p *replay) decoration() any {
	if p.inMemory {
		return ginkgo.Label("in-memory")
	}
	return ginkgo.Serial
}

// specs are those of one run.
func (p *replay) specs(seed uint64) {
	var run *matchers.Run
	ginkgo.BeforeAll(func(ctx ginkgo.SpecContext) {
		if err := p.driver.Ready(ctx); err != nil {
			p.refuse(fmt.Sprintf("the relay %s cannot run here: %v", p.driver.Name(), err))
		}
		dir := p.runs
		if dir == "" {
			dir = ginkgo.GinkgoT().TempDir()
		}
		var err error
		run, err = p.play(ctx, seed, dir)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		ginkgo.AddReportEntry("run folder", run.Folder, ginkgo.ReportEntryVisibilityFailureOrVerbose)
		ginkgo.AddReportEntry("repeat it with", run.Command, ginkgo.ReportEntryVisibilityFailureOrVerbose)
	})
	for _, promise := range p.promises() {
		ginkgo.It("keeps the promise "+promise, ginkgo.Label(promise), func() {
			if reason := doubt(run, promise); reason != "" {
				p.refuse(reason)
			}
			gomega.Expect(run).To(matchers.Keep(promise))
		})
	}
}

// refuse ends a spec that can tell nothing.
func (p *replay) refuse(reason string) {
	ginkgo.GinkgoHelper()
	if p.mustTell {
		ginkgo.Fail(reason)
	}
	ginkgo.Skip(reason)
}

// doubt is why the run proves nothing of a promise; empty: it does.
func doubt(run *matchers.Run, promise string) string {
	v, _ := run.Verdict(promise)
	if v.Outcome != check.Inconclusive {
		return ""
	}
	return "inconclusive: " + v.Reason
}

// Test is Replay for go test alone: a subtest for each seed and promise.
func Test(t *testing.T, scenario string, options ...Option) {
	t.Helper()
	p, err := newReplay(scenario, options)
	if err != nil {
		t.Fatal(err)
	}
	for _, seed := range p.seeds {
		t.Run(fmt.Sprintf("%s, seed %d", p.name(), seed), func(t *testing.T) { p.test(t, seed) })
	}
}

func (p *replay) test(t *testing.T, seed uint64) {
	end := t.Skip
	if p.mustTell {
		end = t.Fatal
	}
	if err := p.driver.Ready(t.Context()); err != nil {
		end("the relay ", p.driver.Name(), " cannot run here: ", err)
	}
	dir := p.runs
	if dir == "" {
		dir = filepath.Join(t.TempDir(), "runs")
	}
	run, err := p.play(t.Context(), seed, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, promise := range p.promises() {
		t.Run(promise, func(t *testing.T) {
			switch reason := doubt(run, promise); {
			case reason != "" && p.mustTell:
				t.Fatal(reason)
			case reason != "":
				t.Skip(reason)
			}
			gomega.NewWithT(t).Expect(run).To(matchers.Keep(promise))
		})
	}
}

// Run plays a scenario once, with the first of its seeds, and judges it, for
// expectations of one's own: Expect(run).To(matchers.LoseNothing()).
func Run(ctx context.Context, scenario, dir string, options ...Option) (*matchers.Run, error) {
	p, err := newReplay(scenario, options)
	if err != nil {
		return nil, err
	}
	if err := p.driver.Ready(ctx); err != nil {
		return nil, fmt.Errorf("the relay %s cannot run here: %w", p.driver.Name(), err)
	}
	return p.play(ctx, slices.Concat(p.seeds, []uint64{1})[0], dir)
}
