package acceptance

import (
	"context"
	"os"
	"os/exec"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/hansei-mail/hansei/harness"
	. "github.com/hansei-mail/hansei/harness/matchers"
	"github.com/hansei-mail/hansei/harness/relay/postfix"
	"github.com/hansei-mail/hansei/scenarios"
)

// Postfix raises no alarms; its operator's monitor does, on the same clock.
var _ = Describe("an operator's monitor beside Postfix", Label("postfix"), Serial, func() {
	var s *scenarios.Scenario
	BeforeEach(func() {
		need("postfix", postfix.Driver{}.Ready(context.Background()))
		_, err := exec.LookPath("curl")
		need("curl", err)
		text, err := os.ReadFile("testdata/watched.yaml")
		Expect(err).NotTo(HaveOccurred())
		s, err = scenarios.Read("testdata/watched.yaml", text)
		Expect(err).NotTo(HaveOccurred())
	})

	It("raises the alarm before the page", func(ctx SpecContext) {
		j, dir := replayScenario(ctx, s, postfix.Driver{}, harness.Config{
			Watch: "sh testdata/monitor.sh", Speed: 120,
		})
		said, _ := os.ReadFile(dir + "/monitor.log")
		Expect(j).To(KeepPromise("alarm"), string(said))
	})

	It("fails the promise when it says nothing", func(ctx SpecContext) {
		j, _ := replayScenario(ctx, s, postfix.Driver{}, harness.Config{
			Watch: "exec sleep 864000", Speed: 120,
		})
		Expect(j).To(FailOnly("alarm"))
	})
})
