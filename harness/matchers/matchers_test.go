package matchers_test

import (
	"strings"
	"testing"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/matchers"
)

// judged is a judgement with these verdicts, and alarm not asked for.
func judged(outcomes map[string]check.Outcome) *check.Judgement {
	j := &check.Judgement{Verdicts: []check.Verdict{{Promise: "alarm", Reason: "not asked"}}}
	for _, name := range []string{"no-loss", "integrity", "drain"} {
		if o, ok := outcomes[name]; ok {
			v := check.Verdict{Promise: name, Asked: true, Outcome: o, Figure: "7 of " + name}
			if o != check.Pass {
				v.Reason = "reason of " + name
				v.Witnesses = []check.Witness{{Msg: "m7", Recipient: "anna@kaede.example", What: "gone"}}
			}
			j.Verdicts = append(j.Verdicts, v)
		}
	}
	j.Outcome = check.Overall(j.Verdicts)
	return j
}

type outcomes = map[string]check.Outcome

func TestMatchers(t *testing.T) {
	kept := judged(outcomes{"no-loss": check.Pass, "drain": check.Pass})
	lost := judged(outcomes{"no-loss": check.Fail, "drain": check.Inconclusive, "integrity": check.Pass})
	both := judged(outcomes{"no-loss": check.Fail, "drain": check.Fail})
	unsure := judged(outcomes{"no-loss": check.Inconclusive, "drain": check.Pass})
	cut := judged(outcomes{"no-loss": check.Inconclusive})
	cut.Premises = []check.Premise{{Name: "evidence-whole", Reason: "it is cut"}}
	for _, c := range []struct {
		name    string
		matcher types.GomegaMatcher
		actual  any
		want    bool
	}{
		{"kept", matchers.KeepPromise("no-loss"), kept, true},
		{"failed", matchers.KeepPromise("no-loss"), lost, false},
		{"inconclusive is not kept", matchers.KeepPromise("no-loss"), unsure, false},
		{"another failed", matchers.KeepPromise("integrity"), lost, true},
		{"all kept", matchers.KeepEveryPromise(), kept, true},
		{"one failed", matchers.KeepEveryPromise(), lost, false},
		{"one inconclusive", matchers.KeepEveryPromise(), unsure, false},
		{"nothing asked", matchers.KeepEveryPromise(), judged(nil), false},
		{"that alone", matchers.FailOnly("no-loss"), lost, true},
		{"another too", matchers.FailOnly("no-loss"), both, false},
		{"both", matchers.FailOnly("drain", "no-loss"), both, true},
		{"none", matchers.FailOnly("no-loss"), kept, false},
		{"inconclusive is no failure", matchers.FailOnly("no-loss"), unsure, false},
		{"for that reason", matchers.BeInconclusiveBecause("reason of no"), unsure, true},
		{"for a premise", matchers.BeInconclusiveBecause("is cut"), cut, true},
		{"for another reason", matchers.BeInconclusiveBecause("weather"), unsure, false},
		{"failed, not inconclusive", matchers.BeInconclusiveBecause("reason of drain"), lost, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.matcher.Match(c.actual)
			if err != nil || got != c.want {
				t.Errorf("%v (%v), want %v: %s", got, err, c.want, c.matcher.FailureMessage(c.actual))
			}
		})
	}
}

func TestMisuseIsAnError(t *testing.T) {
	j := judged(outcomes{"no-loss": check.Pass})
	for name, c := range map[string]struct {
		matcher types.GomegaMatcher
		actual  any
	}{
		"not a judgement":  {matchers.KeepEveryPromise(), "pass"},
		"no pointer":       {matchers.KeepEveryPromise(), *j},
		"nil":              {matchers.KeepEveryPromise(), (*check.Judgement)(nil)},
		"no such promise":  {matchers.KeepPromise("no-los"), j},
		"not asked":        {matchers.KeepPromise("alarm"), j},
		"fails no promise": {matchers.FailOnly(), j},
		"fails not asked":  {matchers.FailOnly("alarm"), j},
		"no words":         {matchers.BeInconclusiveBecause(""), j},
	} {
		if ok, err := c.matcher.Match(c.actual); err == nil || ok {
			t.Errorf("%s: %v, no error", name, ok)
		}
	}
}

func TestFailureTextIsABugReport(t *testing.T) {
	j := judged(outcomes{"no-loss": check.Fail, "drain": check.Pass})
	j.Premises = []check.Premise{{Name: "clock-true", Reason: "2 s off", Figure: "9 looks"}}
	var said string
	g := gomega.NewGomega(func(message string, _ ...int) { said = message })
	g.Expect(j).To(matchers.KeepEveryPromise())
	for _, want := range []string{
		"to keep every promise; it came out as fail",
		"no-loss: fail, 7 of no-loss\n  because reason of no-loss\n" +
			"  witness m7 anna@kaede.example: gone",
		"premise clock-true does not hold: 2 s off (9 looks)",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	if strings.Contains(said, "drain:") {
		t.Errorf("a promise that was kept in\n%s", said)
	}
	g.Expect(j).NotTo(matchers.FailOnly("no-loss"))
	if !strings.Contains(said, "not to fail only no-loss") {
		t.Errorf("negated: %s", said)
	}
}
