package acceptance

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

func TestAcceptance(t *testing.T) {
	if testing.Short() {
		t.Skip("acceptance runs take minutes; leave -short out")
	}
	RegisterFailHandler(Fail)
	RunSpecs(t, "hansei on real relays")
}

// replay runs a catalogued scenario against a relay and judges it.
func replay(ctx context.Context, name string, d relay.Driver, cfg harness.Config) (*check.Judgement, string) {
	GinkgoHelper()
	s, err := catalog.Load(name)
	Expect(err).NotTo(HaveOccurred())
	return replayScenario(ctx, s, d, cfg)
}

// replayScenario plays a scenario, and once more where the machine put the first
// run in doubt: an inconclusive run says nothing of the relay.
func replayScenario(
	ctx context.Context, s *scenarios.Scenario, d relay.Driver, cfg harness.Config,
) (*check.Judgement, string) {
	GinkgoHelper()
	tl, err := timeline.Plan(s, timeline.Options{Seed: 1, Scale: 1})
	Expect(err).NotTo(HaveOccurred())
	var j *check.Judgement
	for range 2 {
		cfg.Dir = filepath.Join(GinkgoT().TempDir(), "run")
		Expect(harness.Run(ctx, s, tl, d, cfg)).To(Succeed())
		if j = judge(cfg.Dir); j.Outcome != check.Inconclusive {
			break
		}
		for _, p := range j.Premises {
			if !p.Held {
				GinkgoWriter.Printf("inconclusive: %s: %s (%s)\n", p.Name, p.Reason, p.Figure)
			}
		}
	}
	return j, cfg.Dir
}

// planAndRun plays a scenario once; the error is the run's.
func planAndRun(
	ctx context.Context, s *scenarios.Scenario, d relay.Driver, cfg harness.Config,
) (string, error) {
	GinkgoHelper()
	tl, err := timeline.Plan(s, timeline.Options{Seed: 1, Scale: 1})
	Expect(err).NotTo(HaveOccurred())
	cfg.Dir = filepath.Join(GinkgoT().TempDir(), "run")
	return cfg.Dir, harness.Run(ctx, s, tl, d, cfg)
}

// judge reads the run folder as `hansei check` does.
func judge(dir string) *check.Judgement {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join(dir, "scenario.yaml"))
	Expect(err).NotTo(HaveOccurred())
	s, err := scenarios.Read("scenario.yaml", text)
	Expect(err).NotTo(HaveOccurred())
	return check.Judge(s, evidence.Read(filepath.Join(dir, evidence.File)))
}

// takesLong leaves a spec to make soak: another one shows the same of this relay
// with less, or the drivers' conformance does.
func takesLong() {
	GinkgoHelper()
	if os.Getenv("HANSEI_SOAK") == "" {
		Skip("takes minutes; make soak plays it")
	}
}

// need skips a spec by name where a part of the machine is missing, and fails
// it where HANSEI_REQUIRE says that the part must be there.
func need(part string, missing error) {
	GinkgoHelper()
	if missing == nil {
		return
	}
	required := strings.Split(os.Getenv("HANSEI_REQUIRE"), ",")
	if slices.Contains(required, part) {
		Fail("HANSEI_REQUIRE names " + part + ": " + missing.Error())
	}
	Skip(missing.Error())
}
