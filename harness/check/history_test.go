package check

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

var start = time.Date(2019, 11, 19, 9, 0, 0, 0, time.FixedZone("JST", 9*3600))

func moment(d time.Duration) scenarios.Moment { return scenarios.Moment{Time: start.Add(d)} }

const (
	outageAt = 2 * time.Hour
	healAt   = 4 * time.Hour
	untilAt  = 6 * time.Hour
	alarmAt  = outageAt + 4*time.Minute
	pageAt   = outageAt + 40*time.Minute
)

// given is a small outage that asks for every promise there is a check for.
func given() *scenarios.Scenario {
	hours := func(h int) scenarios.Span { return scenarios.Span(time.Duration(h) * time.Hour) }
	minutes := func(m int) scenarios.Span { return scenarios.Span(time.Duration(m) * time.Minute) }
	return &scenarios.Scenario{
		Name: "small", Zone: "Asia/Tokyo",
		From: moment(0), Until: moment(untilAt),
		Outage: scenarios.Window{From: moment(outageAt), Heal: moment(healAt)},
		Cohorts: []scenarios.Cohort{
			{Name: "hurt", At: scenarios.Office365, Region: "apac", Forest: "jpn",
				Domains: []string{"kaede.example", "sakura.example"}, Spare: true},
			{Name: "fine", At: scenarios.Office365, Region: "emea", Forest: "eur",
				Domains: []string{"linde.example"}, Control: true},
			{Name: "shops", At: scenarios.Internet, Domains: []string{"shop.test"}},
		},
		Routes: []scenarios.Route{
			{Name: "in", From: "shops", To: "hurt", Peak: 60, Goes: scenarios.Inbound},
			{Name: "calm", From: "shops", To: "fine", Peak: 60, Goes: scenarios.Inbound},
			{Name: "off", From: "hurt", To: "shops", Peak: 60, Goes: scenarios.Elsewhere},
		},
		Faults: []scenarios.Fault{{
			Name: "resets", Where: scenarios.Where{Regions: []string{"apac"}},
			Stage: scenarios.StageConnect, Do: scenarios.Reset,
			From: moment(outageAt), Heal: moment(healAt),
		}},
		Health: []scenarios.HealthIssue{
			{Issue: "EX1", Title: "Another matter", Visible: moment(time.Hour)},
			{Issue: "EX2", Title: "Mail waits", Visible: moment(pageAt), Starts: moment(outageAt)},
		},
		Expect: scenarios.Expect{
			Alarm:  &scenarios.Alarm{Within: minutes(15)},
			NoLoss: &scenarios.NoLoss{}, Integrity: &scenarios.Integrity{},
			NoInvention: &scenarios.NoInvention{}, Duplicates: &scenarios.Duplicates{},
			SpareComplete: &scenarios.SpareComplete{},
			SpareTimely:   &scenarios.SpareTimely{Within: minutes(5)},
			SpareClean:    &scenarios.SpareClean{},
			Acceptance:    &scenarios.Acceptance{Share: 1, Within: minutes(1)},
			SendingGoesOn: &scenarios.SendingGoesOn{Within: minutes(10)},
			Drain:         &scenarios.Drain{Within: minutes(60)},
			Isolation:     &scenarios.Isolation{Ratio: 3, Floor: minutes(1)},
			RetryManners:  &scenarios.RetryManners{PerMinute: 5, InTotal: 8, Connections: 3},
			NoEarlyBounce: &scenarios.NoEarlyBounce{Lifetime: hours(72)},
			Footprint: &scenarios.Footprint{
				Memory: 100 << 20, Disk: 500 << 20, OpenFiles: 200, Processes: 50, Ratio: 2,
			},
		},
	}
}

// history is evidence in the making; wall time runs as scenario time does.
type history struct{ events []evidence.Event }

func (h *history) add(t time.Duration, e evidence.Event) {
	e.At, e.T = t, t
	h.events = append(h.events, e)
}

// mail is one message of a history.
type mail struct {
	msg, route, from, dirt string
	goes                   scenarios.Goes
	to                     []string
	due                    time.Duration
}

func (m mail) submitted(h *history, outcome evidence.Outcome, code int) {
	h.add(m.due+time.Second, evidence.Event{
		Kind: evidence.KindSubmission, Actor: evidence.Load, Msg: m.msg, Attempt: 1,
		Route: m.route, Goes: string(m.goes), From: m.from, To: m.to, Size: 1000,
		Digest: "digest-" + m.msg, Dirt: m.dirt, Due: m.due, Began: m.due,
		Outcome: outcome, Code: code, Reply: "2.0.0 Ok: queued as 4Q" + m.msg + "9Z",
	})
}

func (m mail) arrived(h *history, at time.Duration, endpoint string) {
	for _, to := range m.to {
		site := domainOf(to)
		if endpoint == endpointSpare {
			to = spareOf(to)
			site = spareDomain
		}
		h.add(at, evidence.Event{
			Kind: evidence.KindDelivery, Actor: evidence.Fake, Endpoint: endpoint, Site: site,
			Msg: m.msg, From: m.from, To: []string{to}, Size: 1100, Digest: "digest-" + m.msg,
			Session: "s" + m.msg,
			Began:   at - time.Second, Outcome: evidence.Accepted, Code: 250,
		})
	}
}

func spareOf(to string) string {
	for i := range to {
		if to[i] == '@' {
			return to[:i] + "=" + to[i+1:] + "@" + spareDomain
		}
	}
	return to
}

// healthy is the evidence of a relay that keeps every promise. Messages come
// every four minutes on each route; m3, m13, ... are dirty.
func healthy() *history {
	h := &history{}
	h.add(0, evidence.Event{Kind: evidence.KindBegin, Note: "test"})
	h.add(0, evidence.Event{Kind: evidence.KindWatch, Actor: evidence.Relay, Name: "the watch"})
	h.add(alarmAt, alarmOf("firing"))
	h.add(healAt+20*time.Minute, alarmOf("resolved"))
	n := 0
	for due := time.Minute; due < untilAt-30*time.Minute; due += 4 * time.Minute {
		n++
		in := mail{
			msg: fmt.Sprintf("m%d", 3*n-2), route: "in", goes: scenarios.Inbound,
			from: "taro@shop.test", due: due,
			to: []string{fmt.Sprintf("u%d@kaede.example", n), fmt.Sprintf("v%d@sakura.example", n)},
		}
		in.inbound(h)
		calm := mail{
			msg: fmt.Sprintf("m%d", 3*n-1), route: "calm", goes: scenarios.Inbound,
			from: "taro@shop.test", due: due, to: []string{"karl@linde.example"},
		}
		calm.submitted(h, evidence.Accepted, 250)
		calm.arrived(h, due+5*time.Second, "office365")
		off := mail{
			msg: fmt.Sprintf("m%d", 3*n), route: "off", goes: scenarios.Elsewhere,
			from: "u1@kaede.example", due: due, to: []string{"order@shop.test"},
		}
		if n%10 == 1 {
			off.dirt = "gtube"
			off.submitted(h, evidence.Refused, 550)
			continue
		}
		off.submitted(h, evidence.Accepted, 250)
		off.arrived(h, due+6*time.Second, "internet")
	}
	for t := time.Minute; t < untilAt; t += 10 * time.Minute {
		h.add(t, sampleAt(t))
	}
	h.add(untilAt, evidence.Event{Kind: evidence.KindListing, Actor: evidence.Relay})
	h.add(untilAt, evidence.Event{Kind: evidence.KindEnd, Outcome: evidence.Settled})
	h.sort()
	return h
}

func alarmOf(action string) evidence.Event {
	return evidence.Event{
		Kind: evidence.KindAlarm, Actor: evidence.Monitor, Name: "MailWaits", Action: action,
	}
}

// sampleAt is what the relay uses: more disk and files while the backlog lasts.
func sampleAt(t time.Duration) evidence.Event {
	values := map[string]float64{
		"rss": 60 << 20, "disk_bytes": 4 << 20, "disk_files": 30, "open_files": 40, "processes": 9,
	}
	if t >= outageAt && t < healAt+15*time.Minute {
		values["disk_bytes"], values["disk_files"], values["open_files"] = 300<<20, 900, 120
	}
	return evidence.Event{
		Kind: evidence.KindSample, Actor: evidence.Harness, Name: "relay", Values: values,
	}
}

// inbound is one message to the hurt cohort: copied at once, delivered at once
// or after the heal, with a session before that which names its first recipient.
func (m mail) inbound(h *history) {
	m.submitted(h, evidence.Accepted, 250)
	m.arrived(h, m.due+3*time.Second, endpointSpare)
	if m.due < outageAt || m.due >= healAt {
		m.arrived(h, m.due+5*time.Second, "office365")
		return
	}
	h.add(m.due+5*time.Second, evidence.Event{
		Kind: evidence.KindAttempt, Actor: evidence.Fake, Endpoint: "office365",
		Site: "kaede.example", To: m.to[:1], Session: "f" + m.msg,
		Began: m.due + 4*time.Second, Stage: "rcpt",
		Outcome: evidence.Broken, Fault: "resets",
	})
	m.arrived(h, healAt+10*time.Minute+m.due/100, "office365")
}

func (h *history) sort() {
	slices.SortStableFunc(h.events, func(a, b evidence.Event) int { return int(a.At - b.At) })
}

func (h *history) all() iter.Seq2[evidence.Event, error] { return feed(h.events, nil) }

// feed yields events and then, if there is one, an error.
func feed(events []evidence.Event, err error) iter.Seq2[evidence.Event, error] {
	return func(yield func(evidence.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
		if err != nil {
			yield(evidence.Event{}, err)
		}
	}
}

// drop removes the events that match.
func (h *history) drop(match func(evidence.Event) bool) {
	h.events = slices.DeleteFunc(h.events, match)
}

// edit changes the events that match, and puts them where they then belong.
func (h *history) edit(match func(evidence.Event) bool, change func(*evidence.Event)) {
	for i := range h.events {
		if match(h.events[i]) {
			change(&h.events[i])
		}
	}
	h.sort()
}

// is matches events of one kind about a message, at an endpoint if one is named.
func is(kind evidence.Kind, msg, endpoint string) func(evidence.Event) bool {
	return func(e evidence.Event) bool {
		return e.Kind == kind && e.Msg == msg && (endpoint == "" || e.Endpoint == endpoint)
	}
}

func shift(d time.Duration) func(*evidence.Event) {
	return func(e *evidence.Event) { e.At += d; e.T += d; e.Began += d }
}

// again adds a copy of the first event that matches, changed.
func (h *history) again(
	t *testing.T, match func(evidence.Event) bool, change func(*evidence.Event),
) {
	t.Helper()
	i := slices.IndexFunc(h.events, match)
	if i < 0 {
		t.Fatal("no such event in the history")
	}
	e := h.events[i]
	change(&e)
	h.events = append(h.events, e)
	h.sort()
}

// outcomes are the outcomes of all promises that were asked, by name.
func outcomes(j *Judgement) map[string]Outcome {
	by := map[string]Outcome{}
	for _, v := range j.Verdicts {
		if v.Asked {
			by[v.Promise] = v.Outcome
		}
	}
	return by
}

var errCut = errors.New("the last line is cut")
