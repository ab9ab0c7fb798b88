// Package matchers owns the Gomega matchers over a judgement, so that suites say
// what they expect of a run in the words of the scenario and a failure reads
// like a bug report: figure, reason and witnesses.
//
// It must not judge: it only compares what package check has found.
package matchers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/hansei-mail/hansei/harness/check"
)

// KeepPromise succeeds when the verdict on the promise is a pass. A promise that
// the scenario does not ask for is misuse, and an error.
func KeepPromise(name string) types.GomegaMatcher {
	return &matcher{
		want: "to keep the promise " + name,
		look: func(j *check.Judgement) (bool, []check.Verdict, error) {
			v, err := asked(j, name)
			return v.Outcome == check.Pass, []check.Verdict{v}, err
		},
	}
}

// KeepEveryPromise succeeds when every promise that the scenario asks for is
// kept, and there is one.
func KeepEveryPromise() types.GomegaMatcher {
	return &matcher{
		want: "to keep every promise",
		look: func(j *check.Judgement) (bool, []check.Verdict, error) {
			not := others(j, check.Pass)
			return j.Outcome == check.Pass && len(not) == 0, not, nil
		},
	}
}

// FailOnly succeeds when exactly these promises fail; the others may be kept or
// inconclusive. Naming none, or one that is not asked for, is misuse.
func FailOnly(names ...string) types.GomegaMatcher {
	return &matcher{
		want: "to fail only " + strings.Join(names, ", "),
		look: func(j *check.Judgement) (bool, []check.Verdict, error) {
			if len(names) == 0 {
				return false, nil, fmt.Errorf("FailOnly needs the name of a promise")
			}
			var wrong []check.Verdict
			for _, name := range names {
				v, err := asked(j, name)
				if err != nil {
					return false, nil, err
				}
				if v.Outcome != check.Fail {
					wrong = append(wrong, v)
				}
			}
			for _, v := range j.Verdicts {
				if v.Asked && v.Outcome == check.Fail && !slices.Contains(names, v.Promise) {
					wrong = append(wrong, v)
				}
			}
			return len(wrong) == 0, wrong, nil
		},
	}
}

// BeInconclusiveBecause succeeds when the whole is inconclusive and a verdict or
// a premise that does not hold gives a reason with these words in it.
func BeInconclusiveBecause(words string) types.GomegaMatcher {
	return &matcher{
		want: fmt.Sprintf("to be inconclusive because of %q", words),
		look: func(j *check.Judgement) (bool, []check.Verdict, error) {
			if words == "" {
				return false, nil, fmt.Errorf("BeInconclusiveBecause needs words of the reason")
			}
			return j.Outcome == check.Inconclusive && gives(j, words), others(j, check.Pass), nil
		},
	}
}

// gives says whether any reason for being inconclusive has the words in it.
func gives(j *check.Judgement, words string) bool {
	for _, v := range j.Verdicts {
		if v.Asked && v.Outcome == check.Inconclusive && strings.Contains(v.Reason, words) {
			return true
		}
	}
	for _, p := range j.Premises {
		if !p.Held && strings.Contains(p.Reason, words) {
			return true
		}
	}
	return false
}

// others are the verdicts that were asked for and came out otherwise; a waived
// one says nothing.
func others(j *check.Judgement, than check.Outcome) []check.Verdict {
	var found []check.Verdict
	for _, v := range j.Verdicts {
		if v.Asked && !v.Waived && v.Outcome != than {
			found = append(found, v)
		}
	}
	return found
}

// asked is the verdict on a promise; an error if there is none or the scenario
// does not ask for it.
func asked(j *check.Judgement, name string) (check.Verdict, error) {
	v, ok := j.Verdict(name)
	switch {
	case !ok:
		return v, fmt.Errorf("no promise is called %q", name)
	case !v.Asked:
		return v, fmt.Errorf("the scenario does not ask for the promise %q", name)
	}
	return v, nil
}
