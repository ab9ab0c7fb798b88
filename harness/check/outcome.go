package check

import "fmt"

// Outcome is how a promise, or the whole run, came out. The zero value is
// Inconclusive, so that nothing passes by having been forgotten.
type Outcome int8

// The outcomes.
const (
	Inconclusive Outcome = iota
	Pass
	Fail
)

// String is the outcome's word in verdicts.json.
func (o Outcome) String() string {
	switch o {
	case Pass:
		return "pass"
	case Fail:
		return "fail"
	default:
		return "inconclusive"
	}
}

// MarshalText writes the outcome's word.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads the outcome's word and refuses all others.
func (o *Outcome) UnmarshalText(text []byte) error {
	for _, known := range []Outcome{Inconclusive, Pass, Fail} {
		if known.String() == string(text) {
			*o = known
			return nil
		}
	}
	return fmt.Errorf("reading an outcome: %q is none of pass, fail, inconclusive", text)
}

// Overall is the outcome of several verdicts together: fail beats
// inconclusive beats pass. Verdicts that were not asked for, or are waived, do
// not count, and none at all is inconclusive.
func Overall(verdicts []Verdict) Outcome {
	overall, asked := Pass, false
	for _, v := range verdicts {
		if !v.Asked || v.Waived {
			continue
		}
		asked = true
		switch {
		case v.Outcome == Fail:
			return Fail
		case v.Outcome == Inconclusive:
			overall = Inconclusive
		}
	}
	if !asked {
		return Inconclusive
	}
	return overall
}
