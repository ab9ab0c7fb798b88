package acceptance

import (
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/check"
	. "github.com/hansei-mail/hansei/harness/matchers"
	"github.com/hansei-mail/hansei/harness/relay/container"
	"github.com/hansei-mail/hansei/scenarios"
)

// image is the driver of a shipped description, whose image can be had.
func image(ctx SpecContext, name string) container.Driver {
	GinkgoHelper()
	for _, d := range container.Shipped() {
		if d.Name() == name {
			need("docker", d.Prepare(ctx))
			return d
		}
	}
	Fail("no description of " + name + " is shipped")
	return container.Driver{}
}

// read is a scenario of testdata.
func read(name, variant string) *scenarios.Scenario {
	GinkgoHelper()
	path := "testdata/" + name + ".yaml"
	text, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	s, err := scenarios.Read(path, text)
	Expect(err).NotTo(HaveOccurred())
	if variant != "" {
		s, err = s.With(variant)
		Expect(err).NotTo(HaveOccurred())
	}
	return s
}

var _ = Describe("a relay in a container", Label("docker"), Serial, func() {
	It("is Postfix, on the shared clock through a whole incident", func(ctx SpecContext) {
		d := image(ctx, "container-postfix")
		j, dir := replay(ctx, "ex196121", d, harness.Config{})
		sayAll(j)
		for _, promise := range []string{
			"no-loss", "integrity", "no-invention", "duplicates", "spare-complete", "spare-clean",
		} {
			Expect(j).To(KeepPromise(promise))
		}
		manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(manifest)).To(ContainSubstring("in a container of the image hansei-postfix:"))
	})

	It("is chasquid, which nobody can hurry", func(ctx SpecContext) {
		takesLong()
		d := image(ctx, "container-chasquid")
		_, err := planAndRun(ctx, read("nospare", ""), d, harness.Config{Speed: 60})
		Expect(err).To(MatchError(ContainSubstring("cannot be accelerated")))
		s := read("nospare", "kill")
		s.Expect.Alarm = &scenarios.Alarm{Within: scenarios.Span(time.Minute)}
		j, _ := replayScenario(ctx, s, d, harness.Config{})
		sayAll(j)
		for _, promise := range []string{
			"no-loss", "integrity", "no-invention", "duplicates", "drain",
		} {
			Expect(j).To(KeepPromise(promise))
		}
		alarm, _ := j.Verdict("alarm")
		Expect(alarm.Outcome).NotTo(Equal(check.Pass), "a container has no monitor beside it")
	})

	It("is refused by name what it cannot do", func(ctx SpecContext) {
		d := image(ctx, "container-chasquid")
		_, err := planAndRun(ctx, minute(""), d, harness.Config{})
		Expect(err).To(MatchError(ContainSubstring("has no means of copying mail")))
	})
})
