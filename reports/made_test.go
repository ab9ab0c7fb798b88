package reports_test

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/reports/course"
	"github.com/hansei-mail/hansei/scenarios/catalog"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// hostile is what a relay may say to whoever reads its replies.
const hostile = "250 <script>document.title='owned'</script>\"'\x1b[2J\x07\u202e&amp;|`$(id)"

// made is a judged run of the catalogue's first incident, its evidence made by
// hand from the plan: everything for the affected cohorts waits for the heal, and
// the last deliveries come too late; one message is lost.
func made(t testing.TB, scale float64) reports.Input { return madeWith(t, scale, 10*time.Minute) }

// madeWith is made by a relay that knocks so often.
func madeWith(t testing.TB, scale float64, every time.Duration) reports.Input {
	t.Helper()
	s, err := catalog.Load("ex196121")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := timeline.Plan(s, timeline.Options{Seed: 1, Scale: scale})
	if err != nil {
		t.Fatal(err)
	}
	events := witnessed(plan, every)
	in := incident()
	in.Style.Unicode = true
	in.Scenario, in.Judgement = s, check.Judge(s, replay(events))
	in.Run.Changes = []string{"main.cf: myhostname = relay.hansei.test (" + hostile + ")"}
	in.Run.Settings = map[string]string{"maximal_backoff_time": "4000s", "queue_run_delay": "300s"}
	in.Course = course.Look(course.Plan{
		Scenario: s, Sites: plan.Header().Sites, Figures: in.Judgement.Figures,
		Stories: in.Stories(),
	}, replay(events))
	return in
}

func replay(events []evidence.Event) iter.Seq2[evidence.Event, error] {
	return func(yield func(evidence.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// endless is a reply that no page should tell whole.
var endless = hostile + strings.Repeat("x", 10_000)

// witnessed is what would be seen if the plan were played against a relay that
// knocks so often.
func witnessed(plan *timeline.Timeline, every time.Duration) []evidence.Event {
	h := plan.Header()
	sites := map[string]timeline.Site{}
	for _, site := range h.Sites {
		sites[site.Domain] = site
	}
	events := []evidence.Event{{Kind: evidence.KindBegin, Actor: evidence.Harness}}
	n := 0
	for step := range plan.Steps() {
		if step.Submit == nil {
			events = append(events, evidence.Event{
				T: step.At, Kind: evidence.KindStep, Actor: evidence.Harness, Step: string(step.Verb),
				Name: step.Name, Due: step.At,
			})
			continue
		}
		n++
		m := step.Submit
		e := evidence.Event{
			T: step.At + time.Second, Kind: evidence.KindSubmission, Actor: evidence.Load,
			Msg: m.ID, Attempt: 1, Route: m.Route, Goes: string(m.Goes), From: m.From, To: m.To,
			Size: int64(m.Size), Due: step.At, Began: step.At, Outcome: evidence.Accepted, Code: 250,
			Reply: endless,
		}
		events = append(events, e)
		for _, to := range m.To {
			if n != 40 {
				events = append(events, delivered(h, sites[to[strings.LastIndexByte(to, '@')+1:]],
					e, to, n, every)...)
			}
		}
	}
	events = append(events, evidence.Event{
		T: h.Length, Kind: evidence.KindListing, Actor: evidence.Relay,
	}, evidence.Event{
		T: h.Length, Kind: evidence.KindEnd, Actor: evidence.Harness, Outcome: evidence.Settled,
	})
	slices.SortStableFunc(events, func(a, b evidence.Event) int { return int(a.T - b.T) })
	for i := range events {
		events[i].At = events[i].T / 600
	}
	return events
}

// delivered is what happens to one pair.
func delivered(
	h timeline.Header, site timeline.Site, e evidence.Event, to string, n int,
	every time.Duration,
) []evidence.Event {
	arrival := evidence.Event{
		T: e.T + 2*time.Second, Kind: evidence.KindDelivery, Actor: evidence.Fake, Msg: e.Msg,
		From: e.From, To: []string{to}, Size: e.Size, Outcome: evidence.Accepted,
		Endpoint: string(site.At), Site: site.Domain, Address: "127.26.0.1:25", Stage: "eod",
		Reply: "250 2.6.0 Queued mail for delivery", Code: 250,
	}
	if len(site.FrontEnds) > 0 {
		arrival.Address = site.FrontEnds[n%len(site.FrontEnds)] + ":25"
	}
	var events []evidence.Event
	if site.Spare {
		spare := arrival
		local, domain, _ := strings.Cut(to, "@")
		spare.To = []string{fmt.Sprintf("%s=%s@%s", local, domain, timeline.SpareDomain)}
		spare.T, spare.Endpoint, spare.Site = e.T+time.Second, "spare", timeline.SpareDomain
		events = append(events, spare)
	}
	if site.Region == "apac" && e.T >= h.Outage && e.T < h.Heal {
		for t := arrival.T; t < h.Heal; t += every {
			events = append(events, evidence.Event{
				T: t, Began: t, Kind: evidence.KindAttempt, Actor: evidence.Fake,
				Endpoint: arrival.Endpoint, Address: arrival.Address, Stage: "connect",
				Outcome: evidence.Broken, Fault: "reset",
			})
		}
		arrival.T = h.Heal + 10*time.Minute + time.Duration(n%70)*time.Minute
	}
	arrival.Began = arrival.T
	return append(events, arrival)
}
