package timeline_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// drawScenario makes any scenario that a plan can be made of.
func drawScenario(t *rapid.T) *scenarios.Scenario {
	from := time.Date(2024, 3, 30, 0, 0, 0, 0, time.UTC).
		Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "from")) * time.Minute)
	at := func(d time.Duration) scenarios.Moment { return scenarios.Moment{Text: "t", Time: from.Add(d)} }
	length := time.Duration(rapid.IntRange(30, 5000).Draw(t, "length")) * time.Minute
	s := &scenarios.Scenario{
		Name: "random", From: at(0), Until: at(length),
		Zone:   rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "Asia/Tokyo", "America/New_York"}).Draw(t, "zone"),
		Outage: scenarios.Window{From: at(length / 4), Heal: at(length / 2)},
		Curves: map[string]scenarios.Curve{"day": drawCurve(t)},
		Mail: scenarios.Mail{
			Across:     rapid.Float64Range(0, 1).Draw(t, "across"),
			Recipients: []scenarios.RecipientShare{{Count: 1, Share: 0.5}, {Count: 4, Share: 0.5}},
			Dirty:      map[scenarios.Dirt]float64{scenarios.GTUBE: 0.1, scenarios.EICAR: 0.2},
		},
	}
	for c := range rapid.IntRange(1, 4).Draw(t, "cohorts") {
		cohort := scenarios.Cohort{
			Name: fmt.Sprintf("c%d", c), At: scenarios.Office365, Region: "r",
			Forest:    fmt.Sprintf("f%d", rapid.IntRange(0, 2).Draw(t, "forest")),
			Mailboxes: rapid.IntRange(4, 30).Draw(t, "mailboxes"),
		}
		for d := range rapid.IntRange(1, 4).Draw(t, "domains") {
			cohort.Domains = append(cohort.Domains, fmt.Sprintf("d%d-%d.test", c, d))
		}
		s.Cohorts = append(s.Cohorts, cohort)
	}
	last := len(s.Cohorts) - 1
	for r := range rapid.IntRange(1, 5).Draw(t, "routes") {
		s.Routes = append(s.Routes, scenarios.Route{
			Name:  fmt.Sprintf("r%d", r),
			From:  s.Cohorts[rapid.IntRange(0, last).Draw(t, "sender")].Name,
			To:    s.Cohorts[rapid.IntRange(0, last).Draw(t, "receiver")].Name,
			Curve: rapid.SampledFrom([]string{"", "day"}).Draw(t, "curve"),
			Peak:  rapid.Float64Range(0.1, 60).Draw(t, "peak"),
		})
	}
	return s
}

func drawCurve(t *rapid.T) scenarios.Curve {
	var c scenarios.Curve
	for minute := rapid.IntRange(0, 600).Draw(t, "first"); minute <= 1440; {
		c = append(c, scenarios.CurvePoint{
			At: fmt.Sprintf("%02d:%02d", minute/60, minute%60),
			Is: rapid.Float64Range(0, 1).Draw(t, "share"),
		})
		minute += rapid.IntRange(1, 700).Draw(t, "gap")
	}
	return c
}

func TestAnyScenario(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScenario(rt)
		o := timeline.Options{Seed: rapid.Uint64().Draw(rt, "seed")}
		tl, err := timeline.Plan(s, o)
		if err != nil {
			rt.Fatal(err)
		}
		n := checkSteps(t, tl)
		// Six standard deviations: one of a billion plans may be further off.
		if mean := tl.Expected(); math.Abs(float64(n)-mean) > 6*math.Sqrt(mean)+6 {
			rt.Fatalf("%d submissions, expected about %.1f", n, mean)
		}
		again, err := timeline.Plan(s, o)
		if err != nil {
			rt.Fatal(err)
		}
		if text(t, tl) != text(t, again) {
			rt.Fatal("the same scenario and seed gave another plan")
		}
		if t.Failed() {
			rt.FailNow()
		}
	})
}

// The rate between two points is exact: over the whole window the count expected
// is the area under the curve, which a sum of small steps gives too.
func TestExpectedIsTheAreaUnderTheCurve(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScenario(rt)
		s.Zone = "UTC"
		tl, err := timeline.Plan(s, timeline.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		want := 0.0
		for _, r := range s.Routes {
			for m := range int(s.Length() / time.Minute) {
				now := s.Start().Add(time.Duration(m)*time.Minute + 30*time.Second)
				minute := float64(now.Hour()*60+now.Minute()) + 0.5
				want += r.Peak * shareAt(s.Curves[r.Curve], minute) / 60
			}
		}
		// A minute in which the curve breaks may be off by half of its share.
		if got := tl.Expected(); math.Abs(got-want) > 0.01*want+float64(len(s.Routes)) {
			rt.Fatalf("expected %.2f, the area is %.2f", got, want)
		}
	})
}

func shareAt(c scenarios.Curve, minute float64) float64 {
	minutes, shares := c.Minutes()
	for i := 1; i < len(minutes); i++ {
		a, b := float64(minutes[i-1]), float64(minutes[i])
		if minute <= b {
			return shares[i-1] + (shares[i]-shares[i-1])*(minute-a)/(b-a)
		}
	}
	return shares[len(shares)-1]
}

func BenchmarkSteps(b *testing.B) {
	tl := plan(b, "ex196121", timeline.Options{Scale: 1e5})
	b.ReportAllocs()
	next := 0
	for range tl.Steps() {
		if next++; next >= b.N {
			break
		}
	}
}
