package acceptance

import (
	"context"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/mailstore"
	"github.com/hansei-mail/hansei/harness/mailstore/dovecottest"
	. "github.com/hansei-mail/hansei/harness/matchers"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/external"
	"github.com/hansei-mail/hansei/harness/relay/external/outsidetest"
	"github.com/hansei-mail/hansei/harness/traffic"
	"github.com/hansei-mail/hansei/scenarios"
)

// brisk are retry settings with which a relay's backlog drains within seconds of
// a heal: a minute of real time has no room for stock ones.
const brisk = "minimal_backoff_time = 2s\nmaximal_backoff_time = 4s\nqueue_run_delay = 2s\n" +
	"transport_retry_time = 2s\n"

// begins starts a Postfix as its owner would, and is told what hansei is.
func begins(ctx context.Context, maildir bool, into string) *outsidetest.Postfix {
	GinkgoHelper()
	around := harness.Outside(nil)
	p, err := outsidetest.Start(ctx, outsidetest.Config{
		DNS:    around.DNS,
		Spare:  relay.Spare{Domains: []string{"kaede.example", "ume.test"}, Domain: around.SpareDomain},
		Filter: traffic.DirtTexts(), Maildir: maildir, Into: into,
		Settings: brisk,
	})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func(ctx SpecContext) { Expect(p.Stop(ctx)).To(Succeed()) })
	return p
}

func minute(variant string) *scenarios.Scenario {
	GinkgoHelper()
	text, err := os.ReadFile("testdata/minute.yaml")
	Expect(err).NotTo(HaveOccurred())
	s, err := scenarios.Read("testdata/minute.yaml", text)
	Expect(err).NotTo(HaveOccurred())
	if variant != "" {
		s, err = s.With(variant)
		Expect(err).NotTo(HaveOccurred())
	}
	return s
}

// sayAll tells the verdicts in the log of the spec.
func sayAll(j *check.Judgement) {
	for _, v := range j.Verdicts {
		if v.Asked {
			GinkgoWriter.Printf("%-14s %-12s %s; %s\n", v.Promise, v.Outcome, v.Figure, v.Reason)
		}
	}
}

var _ = Describe("a Postfix that runs already", Label("postfix", "external"), Serial, func() {
	BeforeEach(func() { need("postfix", outsidetest.Ready()) })

	It("keeps its copies in a Maildir of its own, and loses nothing", func(ctx SpecContext) {
		p := begins(ctx, true, "")
		store, err := mailstore.Parse("maildir:" + p.Maildir())
		Expect(err).NotTo(HaveOccurred())
		d := external.New(external.Options{Address: p.Address, Hooks: p.Hooks()})
		j, dir := replayScenario(ctx, minute(""), d, harness.Config{Spare: &store})
		sayAll(j)
		for _, promise := range []string{
			"no-loss", "integrity", "no-invention", "duplicates", "spare-complete", "spare-clean",
			"acceptance", "drain",
		} {
			Expect(j).To(KeepPromise(promise))
		}
		manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(manifest)).To(And(ContainSubstring(`"kind": "real"`),
			ContainSubstring("maildir:"+p.Maildir()), ContainSubstring("by its greeting: ")))
	})

	It("keeps its copies in an account of a real Dovecot", Label("dovecot"), func(ctx SpecContext) {
		d := dovecottest.Start(GinkgoTB())
		p := begins(ctx, false, d.Maildir)
		store, err := mailstore.Parse(d.URL())
		Expect(err).NotTo(HaveOccurred())
		s := minute("")
		// A second is enough for a limit of a minute, and too coarse to say which of
		// two came first, which Postfix sends at the same time.
		s.Expect.SpareTimely = &scenarios.SpareTimely{Within: scenarios.Span(time.Minute)}
		outside := external.New(external.Options{Address: p.Address, Hooks: p.Hooks()})
		dir, err := planAndRun(ctx, s, outside, harness.Config{Spare: &store})
		Expect(err).NotTo(HaveOccurred())
		j := check.Judge(s, evidence.Read(filepath.Join(dir, evidence.File)))
		sayAll(j)
		for _, promise := range []string{"no-loss", "integrity", "spare-complete", "spare-clean"} {
			Expect(j).To(KeepPromise(promise))
		}
		timely, _ := j.Verdict("spare-timely")
		Expect(timely.Outcome).NotTo(Equal(check.Pass), timely.Figure)
		Expect(timely.Figure).To(ContainSubstring("of unsure time"))
		manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(manifest)).NotTo(ContainSubstring("a%20secret"))
	})

	It("loses nothing when its owner's hooks kill it in the outage and pause it later", func(ctx SpecContext) {
		takesLong()
		p := begins(ctx, false, "")
		d := external.New(external.Options{Address: p.Address, Hooks: p.Hooks()})
		j, _ := replayScenario(ctx, minute("kill"), d, harness.Config{})
		sayAll(j)
		Expect(j).To(KeepPromise("no-loss"))
		Expect(j).To(KeepPromise("integrity"))
		Expect(j).To(KeepPromise("spare-complete"))
	})

	It("is refused by name what there is no hook for", func(ctx SpecContext) {
		p := begins(ctx, false, "")
		d := external.New(external.Options{Address: p.Address})
		_, err := planAndRun(ctx, minute("kill"), d, harness.Config{})
		Expect(err).To(MatchError(ContainSubstring("kills the relay (power-cut), and the driver " +
			"external cannot do that")))
	})
})
