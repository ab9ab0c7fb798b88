package forecast

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

const question = `
name: question
title: An outage of one forest
zone: UTC
from: 2026-03-03 06:00
until: 2026-03-04 06:00
outage: {from: "08:00", heal: "%s"}
cohorts:
  - {name: ours, at: office365, region: emea, forest: eurprd02, mailboxes: 50,
     domains: [linden.example, ash.example, oak.example, elm.example]}
  - {name: others, at: office365, region: nam, forest: namprd03, mailboxes: 50, control: true,
     domains: [sequoia.example]}
  - {name: senders, at: internet, domains: [senders.test], mailboxes: 200}
routes:
  - {name: in, from: senders, to: ours, peak: %d, goes: inbound}
  - {name: else, from: senders, to: others, peak: 600, goes: inbound}
mail:
  recipients: [{count: 1, share: 0.9}, {count: 3, share: 0.1}]
  across: 0.3
faults:
  - {name: dead, where: {forests: [eurprd02]}, stage: %s, do: %s, from: "08:00", heal: "%s"%s}
expect: {no-loss: {}, drain: {within: 60m}}
`

// asked is a case made from a few numbers.
func asked(t interface{ Fatal(...any) }, hours float64, rate int, how string) Case {
	heal := time.Date(0, 1, 1, 8, 0, 0, 0, time.UTC).Add(span(hours * 3600)).Format("15:04")
	stage, do, more := "connect", "reset", ""
	if how == "defer" {
		stage, do, more = "mail", "reply", `, reply: "451 4.7.500 Server busy"`
	}
	text := fmt.Sprintf(question, heal, rate, stage, do, heal, more)
	s, err := scenarios.Read("question.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return planned(t, s, 1)
}

func planned(t interface{ Fatal(...any) }, s *scenarios.Scenario, scale float64) Case {
	tl, err := timeline.Plan(s, timeline.Options{Seed: 1, Scale: scale})
	if err != nil {
		t.Fatal(err)
	}
	return Case{Scenario: s, Timeline: tl}
}

// both asks both engines.
func both(t interface{ Fatal(...any) }, c Case, m Model) (events, cohorts Figures) {
	w, err := newWorld(c)
	if err != nil {
		t.Fatal(err)
	}
	return newEvents(w, &m, w.drawnLoad(1), 1).run().figures(),
		newCohorts(w, &m, maxSteps).run().figures()
}

// apart is the difference as a share of the first.
func apart(a, b float64) float64 { return math.Abs(a-b) / max(math.Abs(a), 1e-9) }

// fixedList retries at the same few times, and never suspends a destination.
func fixedList() Model {
	m := postfix()
	m.Name, m.Dead = "list", Dead{Scope: ByDestination}
	m.Retry = Retry{Kind: RetryList, Waits: []float64{300, 600, 1200, 1800}}
	return m
}

func exponential() Model {
	m := postfix()
	m.Name, m.Dead = "exponential", Dead{Scope: ByDestination}
	m.Retry = Retry{Kind: RetryExponential, Min: 300, Factor: 2, Max: 3600}
	return m
}

// narrow can hardly carry more than what comes. It suspends nothing: whether one of
// its destinations happens to be suspended at the heal is chance, of which a fluid
// knows the mean alone; the drains are then up to 6 % apart.
func narrow() Model {
	m := postfix()
	m.Name, m.Dead = "narrow", Dead{Scope: ByDestination}
	m.Concurrency.PerDestination, m.Concurrency.Initial = 3, 3
	m.Service.Message = 0.25
	return m
}

// offScans lets no scan meet the heal to the second, as no relay's does.
func offScans(m Model) Model {
	if m.Retry.Scan > 0 {
		m.Retry.Phase = -117
	}
	return m
}

// TestTheEnginesAgree: peak and drain within 2 %, wherever both can run.
func TestTheEnginesAgree(t *testing.T) {
	if testing.Short() {
		t.Skip("thirty days of outages take a while")
	}
	for _, m := range []Model{postfix(), fixedList(), exponential(), opensmtpd(), narrow()} {
		// Enough mail that chance does not part one destination from the next.
		rate := 4000
		if m.Name == "narrow" {
			rate = 60_000
		}
		for _, how := range []string{"reset", "defer"} {
			for _, hours := range []float64{2, 5.5, 9} {
				t.Run(fmt.Sprintf("%s-%s-%gh", m.Name, how, hours), func(t *testing.T) {
					a, b := both(t, asked(t, hours, rate, how), offScans(m))
					peak, drain := apart(a.Peak, b.Peak), apart(a.Drain.Seconds(), b.Drain.Seconds())
					t.Logf("peak %.0f and %.0f (%.2f %%), drain %s and %s (%.2f %%)", a.Peak, b.Peak,
						100*peak, a.Drain, b.Drain, 100*drain)
					if peak > 0.02 || drain > 0.02 {
						t.Errorf("peak %.2f %% apart, drain %.2f %%", 100*peak, 100*drain)
					}
				})
			}
		}
	}
}

// TestTheEnginesAgreeOnTheIncident: with both of its gradual changes.
func TestTheEnginesAgreeOnTheIncident(t *testing.T) {
	s, err := catalog.Load("ex196121")
	if err != nil {
		t.Fatal(err)
	}
	a, b := both(t, planned(t, s, 100), offScans(postfix()))
	t.Logf("peak %.0f and %.0f, drain %s and %s, disk %.0f and %.0f", a.Peak, b.Peak, a.Drain,
		b.Drain, a.Disk, b.Disk)
	for name, off := range map[string]float64{
		"messages": apart(a.Messages, b.Messages), "pairs": apart(a.Pairs, b.Pairs),
		"peak": apart(a.Peak, b.Peak), "drain": apart(a.Drain.Seconds(), b.Drain.Seconds()),
		"disk": apart(a.Disk, b.Disk), "oldest": apart(a.Oldest.Seconds(), b.Oldest.Seconds()),
		"spare": apart(a.Spare, b.Spare), "bytes": apart(a.PeakBytes, b.PeakBytes),
	} {
		if off > 0.02 {
			t.Errorf("%s: %.2f %% apart", name, 100*off)
		}
	}
}

// TestNothingIsLostInAForecast: every pair that is accepted is delivered,
// bounced or left, by both engines and for any model.
func TestNothingIsLostInAForecast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, err := Shipped(rapid.SampledFrom(ShippedNames()).Draw(t, "model"))
		if err != nil {
			t.Fatal(err)
		}
		m.Lifetime = rapid.Float64Range(1800, 12*3600).Draw(t, "lifetime")
		m.Concurrency.Total = rapid.IntRange(1, 50).Draw(t, "total")
		m.Service.Message = rapid.Float64Range(0.05, 20).Draw(t, "message")
		how := rapid.SampledFrom([]string{"reset", "defer"}).Draw(t, "how")
		hours := rapid.Float64Range(0.5, 10).Draw(t, "hours")
		c := asked(t, math.Round(hours*2)/2, rapid.IntRange(20, 400).Draw(t, "rate"), how)
		w, err := newWorld(c)
		if err != nil {
			t.Fatal(err)
		}
		a := newEvents(w, &m, w.drawnLoad(1), 1).run().figures()
		b := newCohorts(w, &m, coarseSteps).run().figures()
		for engine, f := range map[string]Figures{"events": a, "cohorts": b} {
			sum := f.Delivered + f.Bounced + f.Left
			if math.Abs(sum-f.Pairs) > 1e-6*f.Pairs+1e-6 {
				t.Fatalf("%s: of %v pairs %v delivered, %v bounced, %v left", engine, f.Pairs,
					f.Delivered, f.Bounced, f.Left)
			}
			if f.Left < -1e-6 || f.Peak > f.Pairs+1e-6 {
				t.Fatalf("%s: %+v", engine, f)
			}
		}
	})
}
