package matchers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega/types"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/matchers"
	"github.com/hansei-mail/hansei/scenarios"
)

// run is a judgement that asks for every promise, with these outcomes and the
// others kept.
func run(but outcomes) *check.Judgement {
	j := &check.Judgement{}
	for _, name := range scenarios.PromiseNames {
		v := check.Verdict{Promise: name, Asked: true, Outcome: check.Pass, Figure: "figure of " + name}
		if o, ok := but[name]; ok {
			v.Outcome, v.Reason = o, "reason of "+name
			for range 5 {
				v.Witnesses = append(v.Witnesses, check.Witness{Msg: "m7", What: "gone"})
			}
		}
		j.Verdicts = append(j.Verdicts, v)
	}
	j.Outcome = check.Overall(j.Verdicts)
	return j
}

// TestEachMatcherReadsItsPromises: it succeeds when they are kept, not when one
// is broken or open, and whatever becomes of the others.
func TestEachMatcherReadsItsPromises(t *testing.T) {
	for name, c := range map[string]struct {
		matcher types.GomegaMatcher
		reads   []string
	}{
		"Keep":               {matchers.Keep("drain", "isolation"), []string{"drain", "isolation"}},
		"LoseNothing":        {matchers.LoseNothing(), []string{"no-loss"}},
		"DeliverWhatWasSent": {matchers.DeliverWhatWasSent(), []string{"integrity", "no-invention"}},
		"CopyEverythingToSpare": {
			matchers.CopyEverythingToSpare(), []string{"spare-complete", "spare-timely", "spare-clean"},
		},
		"BounceNothingEarly": {matchers.BounceNothingEarly(), []string{"no-early-bounce"}},
		"KeepItsManners":     {matchers.KeepItsManners(), []string{"retry-manners"}},
		"GoOnAccepting":      {matchers.GoOnAccepting(), []string{"acceptance"}},
		"LeaveOthersAlone":   {matchers.LeaveOthersAlone(), []string{"isolation", "sending-goes-on"}},
		"PassEveryPromise":   {matchers.PassEveryPromise(), scenarios.PromiseNames},
	} {
		t.Run(name, func(t *testing.T) {
			others := outcomes{}
			for _, promise := range scenarios.PromiseNames {
				others[promise] = check.Fail
			}
			for _, promise := range c.reads {
				delete(others, promise)
				for _, o := range []check.Outcome{check.Fail, check.Inconclusive} {
					j := run(outcomes{promise: o})
					if ok, err := c.matcher.Match(j); ok || err != nil {
						t.Errorf("%s is %s, and it matches: %v", promise, o, err)
					}
					if text := c.matcher.FailureMessage(j); !strings.Contains(text, "reason of "+promise) {
						t.Errorf("no reason in\n%s", text)
					}
				}
			}
			j := run(others)
			if ok, err := c.matcher.Match(j); !ok || err != nil {
				t.Errorf("all of its own are kept, and it does not match: %v", err)
			}
			text := c.matcher.NegatedFailureMessage(j)
			if !strings.HasPrefix(text, "Expected the run not to ") || strings.Contains(text, "reason of") {
				t.Errorf("negated:\n%s", text)
			}
		})
	}
}

// TestFigures: the matchers with a limit of their own read the figures, and no
// run that proves nothing matches.
func TestFigures(t *testing.T) {
	drained := func(o check.Outcome, took time.Duration, left int) *check.Judgement {
		j := run(outcomes{"drain": o})
		j.Figures.Drain = check.Drained{Pairs: 9, Took: took, Left: left}
		return j
	}
	twice := func(o check.Outcome, n int) *check.Judgement {
		j := run(outcomes{"duplicates": o})
		j.Figures.Duplicates = n
		return j
	}
	hour := matchers.DrainWithin(time.Hour)
	for name, c := range map[string]struct {
		matcher types.GomegaMatcher
		actual  *check.Judgement
		want    bool
	}{
		"in time":                    {hour, drained(check.Pass, time.Hour, 0), true},
		"in time, by another limit":  {hour, drained(check.Fail, time.Minute, 0), true},
		"late":                       {hour, drained(check.Pass, time.Hour+1, 0), false},
		"not all":                    {hour, drained(check.Fail, time.Minute, 1), false},
		"nobody knows":               {hour, drained(check.Inconclusive, 0, 0), false},
		"twice and allowed":          {matchers.DeliverTwiceAtMost(2), twice(check.Fail, 2), true},
		"too often":                  {matchers.DeliverTwiceAtMost(2), twice(check.Pass, 3), false},
		"twice, but nobody knows":    {matchers.DeliverTwiceAtMost(2), twice(check.Inconclusive, 0), false},
		"passed is conclusive":       {matchers.BeConclusive(), run(nil), true},
		"failed is conclusive":       {matchers.BeConclusive(), run(outcomes{"drain": check.Fail}), true},
		"inconclusive is not":        {matchers.BeConclusive(), run(outcomes{"drain": 0}), false},
		"failed beats inconclusive ": {matchers.BeConclusive(), run(outcomes{"drain": 0, "no-loss": check.Fail}), true},
	} {
		if ok, err := c.matcher.Match(c.actual); ok != c.want || err != nil {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
}

// TestNewMisuseIsAnError: what the scenario does not ask for cannot be expected.
func TestNewMisuseIsAnError(t *testing.T) {
	j := judged(outcomes{"no-loss": check.Pass})
	for name, m := range map[string]types.GomegaMatcher{
		"none named": matchers.Keep(), "unknown": matchers.Keep("no-los"),
		"spare": matchers.CopyEverythingToSpare(), "manners": matchers.KeepItsManners(),
		"drain": matchers.DrainWithin(time.Hour), "duplicates": matchers.DeliverTwiceAtMost(1),
		"others": matchers.LeaveOthersAlone(),
	} {
		if ok, err := m.Match(j); ok || err == nil {
			t.Errorf("%s: %v without an error", name, ok)
		}
	}
	for _, none := range []any{(*matchers.Run)(nil), &matchers.Run{}} {
		if ok, err := matchers.LoseNothing().Match(none); ok || err == nil {
			t.Errorf("%#v is no run", none)
		}
	}
}

// TestARunTellsHowToRepeatIt: a failure says where the run came from.
func TestARunTellsHowToRepeatIt(t *testing.T) {
	r := &matchers.Run{
		Judgement: run(outcomes{"no-loss": check.Fail}), Name: "last-night against postfix", Seed: 7,
		Command: "hansei run last-night.yaml --seed 7", Folder: "runs/x",
	}
	m := matchers.LoseNothing()
	if ok, err := m.Match(r); ok || err != nil {
		t.Fatalf("%v, %v", ok, err)
	}
	text := m.FailureMessage(r)
	for _, want := range []string{
		"Expected last-night against postfix to lose nothing; it came out as fail",
		"no-loss: fail, figure of no-loss\n  because reason of no-loss\n  witness m7: gone",
		"seed 7\nrepeat it with: hansei run last-night.yaml --seed 7\n" +
			"the story: hansei explain runs/x m7",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
