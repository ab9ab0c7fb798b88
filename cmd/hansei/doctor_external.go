package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// stockRetry is how long a stock relay may wait between two attempts: Postfix's
// maximal_backoff_time (postconf(5)).
const stockRetry = 4000 * time.Second

// instructExternal prints what a relay must be told that hansei does not start.
// Without a scenario it prints what all of them have in common.
func instructExternal(out io.Writer, arg string, flags planFlags) error {
	var b strings.Builder
	if arg == "" {
		fmt.Fprint(&b, "A relay that runs already, as the one under test. With a scenario, hansei "+
			"doctor --external SCENARIO\nalso says which domains it meets.\n")
		instruct(&b, nil, nil)
		_, err := io.WriteString(out, b.String())
		return err
	}
	s, tl, err := flags.plan(arg)
	if err != nil {
		return err
	}
	h := tl.Header()
	fmt.Fprintf(&b, "A relay that runs already, for\n  hansei run %s --relay external "+
		"--relay-address 127.0.0.1:2525\n", quote(arg))
	instruct(&b, s, &h)
	_, err = io.WriteString(out, b.String())
	return err
}

func instruct(b *strings.Builder, s *scenarios.Scenario, h *timeline.Header) {
	around := harness.Outside(h)
	part := func(title string, lines ...string) {
		fmt.Fprintf(b, "\n%s\n", title)
		for _, line := range lines {
			fmt.Fprintf(b, "  %s\n", reports.Escape(line))
		}
	}
	part("Where it is",
		"It takes mail at an address of 127.0.0.0/8, and may relay for all senders of 127.0.0.0/8.",
		"hansei sends its load to loopback only and refuses any other address. One on another machine",
		"is brought here by tunnels: ssh -L 127.0.0.1:2525:127.0.0.1:25 HOST, and ssh -R for the",
		"addresses below. hansei starts, stops and configures nothing there but by your hooks.")
	part("Names: all from the name server "+around.DNS+", while a run goes on",
		"nameserver "+strings.TrimSuffix(around.DNS, ":53")+"   (in the resolv.conf that the relay reads)",
		"Nothing else may resolve names for it: then no mail can leave this machine.")
	if h != nil {
		instructDomains(part, around)
	}
	instructSpare(part, around)
	part("Filter: refuse for good (55x) any message that contains one of", around.Filter...)
	instructTime(part, s, h)
	instructHooks(part, s)
}

// instructDomains lists what the relay is given, and where it goes without DNS.
func instructDomains(part func(string, ...string), around harness.Surroundings) {
	lines := []string{"Domains to relay, none of them local. Where DNS cannot be set, this Postfix " +
		"transport_maps does it, too:"}
	for _, site := range around.Sites {
		lines = append(lines, fmt.Sprintf("%-24s smtp:%s", site.Domain, bracketed(site.FrontEnds)))
	}
	lines = append(lines, fmt.Sprintf("%-24s smtp:[%s]:25", around.SpareDomain, around.SpareAddress))
	part(lines[0], lines[1:]...)
}

// bracketed are addresses without an MX look-up, tried in this order (transport(5),
// from Postfix 3.5 on).
func bracketed(addresses []string) string {
	all := make([]string, 0, len(addresses))
	for _, a := range addresses {
		all = append(all, "["+a+"]:25")
	}
	return strings.Join(all, ", ")
}

func instructSpare(part func(string, ...string), around harness.Surroundings) {
	var domains []string
	for _, site := range around.Sites {
		if site.Spare {
			domains = append(domains, site.Domain)
		}
	}
	switch {
	case len(around.Sites) > 0 && len(domains) == 0:
		part("Spare copies: none in this scenario")
		return
	case len(domains) == 0:
		domains = []string{"DOMAIN.example"}
	}
	lines := []string{
		"For each recipient anna@" + domains[0] + " a copy to anna=" + domains[0] + "@" +
			around.SpareDomain + ", by that domain's MX (" + around.SpareAddress + ":25)",
		"in Postfix: recipient_bcc_maps = regexp:/etc/postfix/spare, with",
	}
	for _, d := range domains {
		lines = append(lines, "  /^(.+)@("+regexp.QuoteMeta(d)+")$/ ${1}=${2}@"+around.SpareDomain)
	}
	lines = append(lines,
		"or to a store of your own that hansei reads: --spare maildir:/PATH (times exact to 10 ms),",
		"mbox:/PATH or imap://USER@127.0.0.1:143/INBOX (exact to 1 s). Each copy must say whose it is in",
		"X-Original-To, Envelope-To, X-Envelope-To or Delivered-To, as Postfix and Exim add them.")
	part("Spare copies of mail to "+strings.Join(domains, ", "), lines...)
}

// instructTime says what real time does to a scenario and to its promises.
func instructTime(part func(string, ...string), s *scenarios.Scenario, h *timeline.Header) {
	lines := []string{"Nobody can hurry its clock: a run takes as long as its scenario."}
	if s != nil {
		lines[0] += fmt.Sprintf(" This one takes %s.", h.Length)
		if h.Length > time.Hour {
			lines = append(lines, "--compress leaves out waiting in which nothing changes; a scenario file "+
				"of your own can be as short as you like.")
		}
		lines = append(lines, meaningless(s, h)...)
	}
	part("Time is real, and noted as such in the manifest", lines...)
}

// meaningless are the promises of a scenario that say nothing of such a relay.
func meaningless(s *scenarios.Scenario, h *timeline.Header) []string {
	asked := s.Expect.Asked()
	var lines []string
	say := func(name, why string) {
		if slices.Contains(asked, name) {
			lines = append(lines, fmt.Sprintf("%-16s %s", name, why))
		}
	}
	outage := h.Heal - h.Outage
	if outage > 0 && outage < stockRetry {
		for _, name := range []string{"drain", "retry-manners", "isolation"} {
			say(name, fmt.Sprintf("an outage of %s is shorter than a stock relay's longest wait (%s): "+
				"this tells of that wait,", outage, stockRetry))
		}
		if len(lines) > 0 {
			lines = append(lines, strings.Repeat(" ", 17)+"unless the relay has shorter ones "+
				"(--hook-settings notes them in the manifest)")
		}
	}
	if t := s.Expect.NoEarlyBounce; t != nil {
		if h.Length < time.Duration(t.Lifetime) {
			say("no-early-bounce", fmt.Sprintf("kept means only that none came within %s", h.Length))
		}
	}
	say("spare-timely", "inconclusive where an mbox's or an IMAP server's times, of 1 s, are too coarse")
	say("alarm", "hansei runs no monitor beside it (--watch): nobody can raise one")
	say("footprint", "hansei cannot measure processes that it has not started: no figures")
	return lines
}

// hookTable says which hooks give which capability.
var hookTable = []struct {
	do    scenarios.RelayDo
	hooks string
}{
	{scenarios.Kill, "--hook-kill and --hook-start"},
	{scenarios.Restart, "--hook-stop and --hook-start"},
	{scenarios.Pause, "--hook-pause and --hook-resume"},
	{scenarios.DiskFull, "nothing: such scenarios are refused"},
	{scenarios.SlowDisk, "nothing: such scenarios are refused"},
	{scenarios.ClockStep, "nothing: such scenarios are refused"},
}

func instructHooks(part func(string, ...string), s *scenarios.Scenario) {
	lines := []string{fmt.Sprintf("%-28s --hook-queue (without it, what is neither delivered nor "+
		"bounced is unaccounted)", "lists its queue"),
		"                             it prints QUEUEID SENDER RECIPIENT, a line for each queued " +
			"recipient, or as postqueue -j"}
	for _, row := range hookTable {
		needs := ""
		if s != nil && s.Does(row.do) {
			needs = "   <- this scenario needs it"
		}
		lines = append(lines, fmt.Sprintf("%-28s %s%s", "bears a "+string(row.do)+" by", row.hooks, needs))
	}
	lines = append(lines, fmt.Sprintf("%-28s --hook-settings (postconf, say)", "notes its settings"))
	part("What it can do, by which hook: a command of the shell, on hansei's command line only", lines...)
}
