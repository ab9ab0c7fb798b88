package suitetest_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/hansei-mail/hansei/harness/matchers"
	"github.com/hansei-mail/hansei/harness/suitetest"
)

// A suite of one's own: the outage of 2019-11-19, once with every promise as a
// spec, and once with expectations in words.
var _ = suitetest.Replay("ex196121", suitetest.Scale(0.4), suitetest.Seeds(1, 2), suitetest.InMemory())

var _ = Describe("our relay", func() {
	It("comes through a power cut", func(ctx SpecContext) {
		run, err := suitetest.Run(ctx, "ex196121/kill", GinkgoT().TempDir(),
			suitetest.Scale(0.4), suitetest.InMemory())
		Expect(err).NotTo(HaveOccurred())
		Expect(run).To(And(LoseNothing(), CopyEverythingToSpare(), BounceNothingEarly(),
			DeliverTwiceAtMost(5), LeaveOthersAlone(), BeConclusive()))
	})
})

func TestSuite(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "a suite of one's own")
}

func Example() {
	var t *testing.T // the test's own

	// Under go test alone the same is one call.
	run := func() { suitetest.Test(t, "ex196121", suitetest.Relay("postfix"), suitetest.Tries(2)) }
	_ = run
}
