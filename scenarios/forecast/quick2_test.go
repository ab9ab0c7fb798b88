package forecast

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

const huge = `
name: huge
title: Ten hours, ten thousand tenants
zone: UTC
from: 2026-03-03 08:00
until: "20:00"
outage: {from: "09:00", heal: "19:00"}
cohorts:
  - {name: ours, at: office365, region: emea, forest: eurprd02, domains: [%s], mailboxes: 50}
  - {name: senders, at: internet, domains: [senders.test], mailboxes: 200}
routes:
  - {name: in, from: senders, to: ours, peak: 10000000, goes: inbound}
faults:
  - {name: dead, where: {forests: [eurprd02]}, stage: connect, do: reset, from: "09:00", heal: "19:00"}
expect: {no-loss: {}, drain: {within: 60m}}
`

func TestHuge(t *testing.T) {
	var domains []string
	for i := range 10000 {
		domains = append(domains, fmt.Sprintf("t%d.example", i))
	}
	s, err := scenarios.Read("huge.yaml", []byte(fmt.Sprintf(huge, domains[0])))
	if err != nil {
		t.Fatal(err)
	}
	s.Cohorts[0].Domains = domains
	tl, _ := timeline.Plan(s, timeline.Options{Seed: 1})
	m, _ := Shipped("postfix")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := time.Now()
	f, err := Predict(Case{Scenario: s, Timeline: tl}, m, Options{Tries: 1})
	runtime.ReadMemStats(&after)
	t.Logf("%v %v MB %+v", time.Since(begin), (after.TotalAlloc-before.TotalAlloc)>>20, f.Figures)
}
