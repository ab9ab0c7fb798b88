package main

import (
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

// TestAllOfAFaultIsShown: whatever a scenario says of a fault, its reader is told.
func TestAllOfAFaultIsShown(t *testing.T) {
	at := scenarios.Moment{Text: "10:00", Time: time.Date(2024, 3, 5, 10, 0, 0, 0, time.UTC)}
	minute := scenarios.Span(time.Minute)
	p := &shown{s: &scenarios.Scenario{From: at}}
	said := strings.Join(p.details(scenarios.Fault{
		Where: scenarios.Where{
			At: "internet", Regions: []string{"apac"}, Forests: []string{"jpnprd01"},
			Cohorts: []string{"japan"}, Tenants: []string{"kaede.example"}, FrontEnds: 0.5,
			Sources: []string{"127.0.0.0/8"}, Recipients: []string{"*@ume.test"},
			MinBytes: 1001, MaxBytes: 2002, Attachment: true,
		},
		Stage: scenarios.StageRcpt, Reply: "451 4.3.2 later", Odd: true, Delay: 3 * minute,
		After: 3003, Bytes: 44, Rate: 5000, Lookup: []string{"mx"}, Answers: []string{"mx.test"},
		As: "apcprd01", TTL: 6 * minute, Share: []scenarios.SharePoint{{At: at, Is: 0.3}},
		Shape: scenarios.Step, Wave: &scenarios.Wave{Period: 8 * minute, On: 5 * minute},
		Hours: []scenarios.Hours{{From: "13:00", To: "20:00"}}, Attempts: 7, First: 8, Every: 9,
		Feedback: &scenarios.Feedback{Normal: 600, Gain: 0.25, Max: 0.98},
		Cap:      []scenarios.CapPoint{{At: at, Is: 17}},
		History:  &scenarios.History{Over: 2.5, Window: 11 * minute, For: 12 * minute},

		Avoidable: true,
	}), "\n")
	for _, want := range []string{
		"at internet, regions apac, forests jpnprd01, cohorts japan, tenants kaede.example",
		"50% of the front ends", "clients 127.0.0.0/8", "recipients *@ume.test",
		"1001 bytes and more", "2002 bytes at most", "attachment",
		"451 4.3.2 later", "breaks RFC 3463", "delay 3m", "after 3003 bytes", "first 44 bytes",
		"5.0 kB a second", "questions for mx", "answers mx.test", "as forest apcprd01", "kept for 6m",
		"30% at 10:00, in steps", "5m of each 8m", "daily from 13:00 to 20:00",
		"first 7 attempts", "only the first 8", "one in every 9", "above 600 an hour", "0.25", "98%",
		"17 at 10:00", "2.5 times", "over 11m", "for 12m after", "gives no cause",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in\n%s", want, said)
		}
	}
}
