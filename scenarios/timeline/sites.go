package timeline

import (
	"fmt"
	"strings"

	"github.com/hansei-mail/hansei/scenarios"
)

// SpareAddress is where the spare store listens, on port 25.
const SpareAddress = "127.27.0.1"

// The front ends' networks: forest F has 127.25.F.1 and up, internet cohort C
// has 127.26.C.1.
const (
	officeNet   = "127.25"
	internetNet = "127.26"
)

// mxZone is the reserved name that stands for Exchange Online's own zone.
const mxZone = ".mail.protection.outlook.test"

// frontEnds is how many A records an MX host has: 2 before about 2023, 4 since
// (S20, MX look-ups published in public logs).
func frontEnds(era string) int {
	if era == "2019" {
		return 2
	}
	return 4
}

// sites lists the world outside, in the order of the scenario.
func sites(s *scenarios.Scenario, era string) []Site {
	var out []Site
	forests, internets := map[string]int{}, 0
	hosts := map[string]bool{}
	for _, c := range s.Cohorts {
		net, count := "", 1
		if c.At == scenarios.Internet {
			internets++
			net = fmt.Sprintf("%s.%d", internetNet, internets)
		} else {
			if forests[c.Forest] == 0 {
				forests[c.Forest] = len(forests) + 1
			}
			net, count = fmt.Sprintf("%s.%d", officeNet, forests[c.Forest]), frontEnds(era)
		}
		var addresses []string
		for n := range count {
			addresses = append(addresses, fmt.Sprintf("%s.%d", net, n+1))
		}
		for _, domain := range c.Domains {
			out = append(out, Site{
				Domain: domain, Cohort: c.Name, At: c.At, Region: c.Region, Forest: c.Forest,
				Spare: c.Spare, Control: c.Control, MX: host(c.At, domain, hosts),
				FrontEnds: addresses, Fallback: fallback(s, c),
			})
		}
	}
	return out
}

// fallback is the first domain of the cohort that a cohort falls back to; all of
// an internet cohort's hosts are one machine.
func fallback(s *scenarios.Scenario, c scenarios.Cohort) string {
	for _, other := range s.Cohorts {
		if c.Fallback != "" && other.Name == c.Fallback && len(other.Domains) > 0 {
			return other.Domains[0]
		}
	}
	return ""
}

// host is the name in a domain's MX record. Exchange Online turns dots into
// hyphens and, where two domains then meet in one name, adds a suffix such as
// "01c" (seen in public logs).
func host(at scenarios.Kind, domain string, taken map[string]bool) string {
	if at == scenarios.Internet {
		return "mx." + domain
	}
	label := strings.ReplaceAll(domain, ".", "-")
	name := label + mxZone
	for n := 1; taken[name]; n++ {
		name = fmt.Sprintf("%s%02dc%s", label, n, mxZone)
	}
	taken[name] = true
	return name
}

// selected are the domains that a fault or link is about, never nil.
func selected(s *scenarios.Scenario, w scenarios.Where) []string {
	out := []string{}
	for _, c := range s.Cohorts {
		if !w.Selects(c) {
			continue
		}
		for _, d := range c.Domains {
			if w.SelectsTenant(d) {
				out = append(out, d)
			}
		}
	}
	return out
}
