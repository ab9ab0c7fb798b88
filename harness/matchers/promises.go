package matchers

import (
	"fmt"
	"strings"
	"time"

	"github.com/onsi/gomega/types"

	"github.com/hansei-mail/hansei/harness/check"
)

// Keep succeeds when every one of these promises is kept. Naming none, or one
// that the scenario does not ask for, is misuse, and an error.
func Keep(names ...string) types.GomegaMatcher {
	return kept("to keep "+listed(names), names...)
}

// LoseNothing succeeds when every accepted message has a fate other than lost.
func LoseNothing() types.GomegaMatcher { return kept("to lose nothing", "no-loss") }

// DeliverWhatWasSent succeeds when every copy is what was submitted, and nothing
// arrived that nobody sent.
func DeliverWhatWasSent() types.GomegaMatcher {
	return kept("to deliver what was sent and nothing else", "integrity", "no-invention")
}

// CopyEverythingToSpare succeeds when every clean message has its spare copy, in
// time where the scenario asks for that too, and no other message has one.
func CopyEverythingToSpare() types.GomegaMatcher {
	return &matcher{
		want: "to copy everything to the spare, in time and clean",
		look: func(j *check.Judgement) (bool, []check.Verdict, error) {
			if _, err := asked(j, "spare-complete"); err != nil {
				return false, nil, err
			}
			return together(j, "spare-complete", "spare-timely", "spare-clean")
		},
	}
}

// BounceNothingEarly succeeds when nothing was given up before its lifetime.
func BounceNothingEarly() types.GomegaMatcher {
	return kept("to bounce nothing early", "no-early-bounce")
}

// KeepItsManners succeeds when no destination was hammered or run over.
func KeepItsManners() types.GomegaMatcher { return kept("to keep its manners", "retry-manners") }

// GoOnAccepting succeeds when senders were not turned away.
func GoOnAccepting() types.GomegaMatcher { return kept("to go on accepting mail", "acceptance") }

// LeaveOthersAlone succeeds when those whom the outage does not concern noticed
// nothing of it: other tenants, and mail to the rest of the world.
func LeaveOthersAlone() types.GomegaMatcher {
	return &matcher{
		want: "to leave alone whom the outage does not concern",
		look: func(j *check.Judgement) (bool, []check.Verdict, error) {
			return together(j, "isolation", "sending-goes-on")
		},
	}
}

// PassEveryPromise is KeepEveryPromise by another name.
func PassEveryPromise() types.GomegaMatcher { return KeepEveryPromise() }

// BeConclusive succeeds when the run proved something: it passed or failed.
func BeConclusive() types.GomegaMatcher {
	return &matcher{
		want: "to be conclusive",
		look: func(j *check.Judgement) (bool, []check.Verdict, error) {
			return j.Outcome != check.Inconclusive, others(j, check.Pass), nil
		},
	}
}

// DrainWithin succeeds when the backlog was gone that long after the heal, be
// that more or less than the scenario allows. A run that could not tell when has
// not drained.
func DrainWithin(limit time.Duration) types.GomegaMatcher {
	return &matcher{
		want: fmt.Sprintf("to drain within %s", limit),
		look: func(j *check.Judgement) (bool, []check.Verdict, error) {
			v, err := asked(j, "drain")
			if err != nil {
				return false, nil, err
			}
			d := j.Figures.Drain
			return v.Outcome != check.Inconclusive && d.Left == 0 && d.Took <= limit,
				[]check.Verdict{v}, nil
		},
	}
}

// DeliverTwiceAtMost succeeds when at most n second deliveries are unexplained,
// whatever the scenario allows; a run that proves nothing of it is no success.
func DeliverTwiceAtMost(n int) types.GomegaMatcher {
	return &matcher{
		want: fmt.Sprintf("to deliver twice at most %d times", n),
		look: func(j *check.Judgement) (bool, []check.Verdict, error) {
			v, err := asked(j, "duplicates")
			if err != nil {
				return false, nil, err
			}
			return v.Outcome != check.Inconclusive && j.Figures.Duplicates <= n,
				[]check.Verdict{v}, nil
		},
	}
}

// kept succeeds when all of these are kept; each must be asked for.
func kept(want string, names ...string) types.GomegaMatcher {
	return &matcher{want: want, look: func(j *check.Judgement) (bool, []check.Verdict, error) {
		if len(names) == 0 {
			return false, nil, fmt.Errorf("expected %s: name a promise", want)
		}
		for _, name := range names {
			if _, err := asked(j, name); err != nil {
				return false, nil, err
			}
		}
		return together(j, names...)
	}}
}

// together looks at those of the promises that the scenario asks for; none is an
// error. Told are those that were not kept or, where all were, all of them: that
// is what an expectation to the contrary needs.
func together(j *check.Judgement, names ...string) (bool, []check.Verdict, error) {
	var all, not []check.Verdict
	for _, name := range names {
		v, ok := j.Verdict(name)
		if !ok || !v.Asked {
			continue
		}
		all = append(all, v)
		if v.Outcome != check.Pass {
			not = append(not, v)
		}
	}
	switch {
	case len(all) == 0:
		return false, nil, fmt.Errorf("the scenario asks for none of %s", listed(names))
	case len(not) == 0:
		return true, all, nil
	}
	return false, not, nil
}

func listed(names []string) string { return strings.Join(names, ", ") }
