package suitetest_test

import (
	"strings"
	"testing"

	"github.com/onsi/gomega"

	"github.com/hansei-mail/hansei/harness/matchers"
	"github.com/hansei-mail/hansei/harness/relay/reference"
	"github.com/hansei-mail/hansei/harness/suitetest"
)

// TestUnderGoTestAlone has a subtest for each promise.
func TestUnderGoTestAlone(t *testing.T) {
	suitetest.Test(t, "ex196121", suitetest.Scale(0.4), suitetest.InMemory(), suitetest.MustTell())
}

// TestABrokenPromiseIsABugReport: the text says what to repeat and to look at.
func TestABrokenPromiseIsABugReport(t *testing.T) {
	d := reference.New(reference.Options{
		Flaw: "truncate-spare", Settings: reference.Settings{NoSync: true},
	})
	run, err := suitetest.Run(t.Context(), "ex196121", t.TempDir(), suitetest.Driver(d),
		suitetest.Scale(0.1), suitetest.InMemory(), suitetest.Seeds(7))
	if err != nil {
		t.Fatal(err)
	}
	var said string
	g := gomega.NewGomega(func(message string, _ ...int) { said = message })
	g.Expect(run).To(matchers.DeliverWhatWasSent())
	for _, want := range []string{
		"Expected ex196121 against reference to deliver what was sent", "came out as fail",
		"integrity: fail, ", "witness m", "content differs", "seed 7",
		"repeat it with: hansei run ex196121 --relay reference --seed 7 --scale 0.1",
		"the story: hansei explain " + run.Folder + " m",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	if n := strings.Count(said, "witness m"); n > 5 {
		t.Errorf("%d witnesses", n)
	}
}

// TestMisuseIsTold: what cannot be played is an error, not a pass.
func TestMisuseIsTold(t *testing.T) {
	for want, options := range map[string][]suitetest.Option{
		"no relay":  {suitetest.Relay("postfax")},
		"in memory": {suitetest.Relay("postfix"), suitetest.InMemory()},
	} {
		_, err := suitetest.Run(t.Context(), "ex196121", t.TempDir(), options...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for _, scenario := range []string{"nowhere", "ex196121/nowhere", "nowhere.yaml"} {
		if _, err := suitetest.Run(t.Context(), scenario, t.TempDir()); err == nil {
			t.Errorf("%s was found", scenario)
		}
	}
}
