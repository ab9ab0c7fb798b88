package acceptance

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/hansei-mail/hansei/harness"
	. "github.com/hansei-mail/hansei/harness/matchers"
	"github.com/hansei-mail/hansei/harness/relay/reference"
)

var _ = Describe("the reference relay", Label("reference"), func() {
	for _, name := range []string{"ex196121", "ex196121/kill", "ex196121/slow-recovery"} {
		It("keeps every promise of "+name, func(ctx SpecContext) {
			j, _ := replay(ctx, name, reference.New(reference.Options{}), harness.Config{})
			Expect(j).To(KeepEveryPromise())
		})
	}
})
