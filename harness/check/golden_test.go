package check

import (
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

var update = flag.Bool("update", false, "write testdata/judgements.txt anew")

// judged is a history with a name, and what it is judged by.
type judged struct {
	name string
	s    *scenarios.Scenario
	h    *history
}

// everyHistory is all the histories of the tests of this package, and some in
// which chance did several things to a healthy one.
func everyHistory(t *testing.T) []judged {
	var all []judged
	add := func(
		name string, given func(*scenarios.Scenario), change func(*testing.T, *history),
	) {
		s, h := theScenario(), healthy()
		if given != nil {
			given(s)
		}
		if change != nil {
			change(t, h)
		}
		h.sort()
		all = append(all, judged{name, s, h})
	}
	add("healthy", nil, nil)
	for _, d := range defects {
		add("defect: "+d.name, nil, d.change)
	}
	for _, r := range slices.Concat(rules, mannersRules, footprintRules, finer) {
		add("rule: "+r.promise+": "+r.name, r.given, r.change)
	}
	for _, x := range excuses {
		add("excuse: "+x.promise+": "+x.name, x.given, func(t *testing.T, h *history) {
			x.change(t, h)
			for _, s := range x.stalls {
				h.stall(s[0], s[1])
			}
		})
	}
	for _, b := range brokens {
		add("premise: "+b.premise+": "+b.reason, b.given, func(_ *testing.T, h *history) {
			if b.change != nil {
				b.change(h)
			}
		})
	}
	for _, x := range edges {
		for over := range time.Duration(2) {
			add(fmt.Sprintf("edge: %s + %d", x.name, over), x.given,
				func(_ *testing.T, h *history) { x.change(h, over) })
		}
	}
	for seed := range uint64(60) {
		add(fmt.Sprint("chance: ", seed), nil, func(_ *testing.T, h *history) { h.chance(seed) })
	}
	return all
}

// theScenario is given, where that name means something else.
func theScenario() *scenarios.Scenario { return given() }

// chance does a few things to a history at random.
func (h *history) chance(seed uint64) {
	dice := rand.New(rand.NewPCG(seed, 7))
	upTo := func(most time.Duration) time.Duration { return time.Duration(dice.Int64N(int64(most))) }
	for range 2 + dice.IntN(12) {
		i := 1 + dice.IntN(len(h.events)-3)
		e := h.events[i]
		switch dice.IntN(9) {
		case 0:
			h.events = slices.Delete(h.events, i, i+1)
		case 1:
			shift(upTo(40 * minute))(&h.events[i])
		case 2:
			shift(upTo(hour))(&e)
			e.Withheld = dice.IntN(2) == 0
			h.events = append(h.events, e)
		case 3:
			h.events[i].Withheld, h.events[i].Left = true, e.T+upTo(20*minute)
		case 4:
			h.stall(e.T, e.T+upTo(20*minute))
		case 5:
			if e.Kind == evidence.KindSubmission {
				h.add(e.T+upTo(hour), bounceOf(e.Msg, "failed", e.To[:1]...))
			}
		case 6:
			if e.Kind == evidence.KindSubmission {
				outcomes := []evidence.Outcome{evidence.Unknown, evidence.Refused, evidence.Deferred,
					evidence.Broken}
				h.events[i].Outcome = outcomes[dice.IntN(len(outcomes))]
			}
		case 7:
			h.before(is(evidence.KindListing, "", ""), evidence.Event{Kind: evidence.KindQueued,
				Msg: e.Msg, Queue: fmt.Sprint("Q", i)})
		case 8:
			e.Kind, e.Fault, e.Outcome = evidence.KindAttempt, "resets", evidence.Broken
			e.Msg, e.Code = "", 421*dice.IntN(2)
			h.events = append(h.events, e)
		}
	}
}

// tellAll writes a judgement a line a fact; the curve is only its sum.
func tellAll(j *Judgement) []string {
	lines := []string{"outcome " + j.Outcome.String()}
	for _, v := range j.Verdicts {
		lines = append(lines, fmt.Sprintf("%s %s | %s | %s", v.Promise, v.Outcome, v.Figure, v.Reason))
		for _, w := range v.Witnesses {
			lines = append(lines, fmt.Sprintf("%s witness %s %s: %s", v.Promise, w.Msg, w.Recipient, w.What))
		}
	}
	for _, p := range j.Premises {
		lines = append(lines, fmt.Sprintf("premise %s %t %s %v %v | %s | %s", p.Name, p.Held, p.Weight,
			p.For, p.TrustFor, p.Figure, p.Reason))
	}
	f := j.Figures
	sum := fnv.New64a()
	fmt.Fprint(sum, f.Bins)
	lines = append(lines, fmt.Sprintf("bins %d of %s: %x", len(f.Bins), f.Bin, sum.Sum64()))
	for _, p := range f.Phases {
		lines = append(lines, fmt.Sprintf("phase %+v", p))
	}
	f.Bins, f.Phases = nil, nil
	text, _ := json.Marshal(f)
	return append(lines, "figures "+string(text))
}

// TestJudgementsStayAsTheyWere judges every history there is and holds all that
// is said about it against what was said when somebody last looked at it: for
// the healthy one everything, for the others what differs from that. Look at the
// difference, then run it with -update.
func TestJudgementsStayAsTheyWere(t *testing.T) {
	const file = "testdata/judgements.txt"
	var b strings.Builder
	var healthyLines []string
	for i, x := range everyHistory(t) {
		fmt.Fprintf(&b, "== %s\n", x.name)
		lines := tellAll(Judge(x.s, x.h.all()))
		if i == 0 {
			healthyLines = lines
			fmt.Fprintln(&b, strings.Join(lines, "\n"))
			continue
		}
		for _, line := range lines {
			if !slices.Contains(healthyLines, line) {
				fmt.Fprintln(&b, shortened(line))
			}
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("judgements differ (-was +is); look, then run with -update:\n%s",
			firstLines(cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n"))))
	}
}

// shortened makes of the long lines only a sum: what they say is seen of the
// healthy history, that they stay the same of all.
func shortened(line string) string {
	name, _, _ := strings.Cut(line, " ")
	if name != "phase" && name != "figures" {
		return line
	}
	sum := fnv.New64a()
	fmt.Fprint(sum, line)
	return fmt.Sprintf("%s %x", name, sum.Sum64())
}

// firstLines is enough of a difference to see what it is.
func firstLines(text string) string { return text[:min(len(text), 4000)] }
