package acceptance

import (
	"context"
	"os"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/hansei-mail/hansei/harness"
	. "github.com/hansei-mail/hansei/harness/matchers"
	"github.com/hansei-mail/hansei/harness/relay/postfix"
	"github.com/hansei-mail/hansei/scenarios"
)

// A bcc copy of Postfix's is queued with the message and delivered beside it,
// not before it; and a message deferred just before the heal waits up to
// maximal_backoff_time (4000 s) and a queue scan (300 s) for its next attempt.
// So these two promises are Postfix's own to keep or break: what is true of
// them is told by the run, and not demanded here.
var _ = Describe("a stock Postfix", Label("postfix"), Serial, func() {
	BeforeEach(func() { need("postfix", postfix.Driver{}.Ready(context.Background())) })

	sure := []string{
		"no-loss", "integrity", "no-invention", "duplicates", "spare-complete", "spare-clean",
		"acceptance", "sending-goes-on", "isolation", "no-early-bounce",
	}

	It("loses nothing in the ten-hour outage", func(ctx SpecContext) {
		j, _ := replay(ctx, "ex196121", postfix.Driver{}, harness.Config{})
		for _, promise := range sure {
			Expect(j).To(KeepPromise(promise))
		}
	})

	It("loses nothing when it is killed in the middle of it", func(ctx SpecContext) {
		j, _ := replay(ctx, "ex196121/kill", postfix.Driver{}, harness.Config{})
		Expect(j).To(KeepPromise("no-loss"))
		Expect(j).To(KeepPromise("integrity"))
		Expect(j).To(KeepPromise("spare-complete"))
	})

	It("loses nothing when the links are slow and cut in the recovery", func(ctx SpecContext) {
		j, _ := replay(ctx, "ex196121/slow-recovery", postfix.Driver{}, harness.Config{})
		Expect(j).To(KeepPromise("no-loss"))
		Expect(j).To(KeepPromise("integrity"))
	})

	// With no space left, Postfix refuses mail for now ("452 4.3.1 Insufficient
	// system storage", smtpd(8), queue_minfree); what it has is not touched.
	It("loses nothing when its queue's disk is full", func(ctx SpecContext) {
		takesLong()
		j, _ := replay(ctx, "ex196121/disk-full", postfix.Driver{}, harness.Config{})
		for _, promise := range []string{
			"no-loss", "integrity", "no-invention", "duplicates", "spare-complete", "acceptance",
		} {
			Expect(j).To(KeepPromise(promise))
		}
	})

	It("is caught by no-early-bounce alone when its queue lifetime is two hours", func(ctx SpecContext) {
		text, err := os.ReadFile("testdata/inbound.yaml")
		Expect(err).NotTo(HaveOccurred())
		s, err := scenarios.Read("testdata/inbound.yaml", text)
		Expect(err).NotTo(HaveOccurred())
		j, _ := replayScenario(ctx, s, postfix.Driver{}, harness.Config{
			Overlay: "maximal_queue_lifetime = 2h\n",
		})
		Expect(j).To(FailOnly("no-early-bounce"))
	})
})
