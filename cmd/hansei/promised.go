package main

import (
	"fmt"
	"strings"

	"github.com/hansei-mail/hansei/scenarios"
)

// promise is one promise of a scenario, ready to be shown.
type promise struct {
	name, limits string
	basis        *scenarios.Basis
}

// promised lists what the scenario asks, in the order of PromiseNames.
func promised(e scenarios.Expect) []promise {
	var all []promise
	add := func(name string, basis *scenarios.Basis, limits ...string) {
		var said []string
		for _, l := range limits {
			if l != "" {
				said = append(said, l)
			}
		}
		all = append(all, promise{name, strings.Join(said, ", "), basis})
	}
	if x := e.NoLoss; x != nil {
		add("no-loss", x.Basis, "no accepted mail is lost")
	}
	if x := e.Integrity; x != nil {
		add("integrity", x.Basis, "every copy as submitted")
	}
	if x := e.NoInvention; x != nil {
		add("no-invention", x.Basis, "nothing nobody sent")
	}
	if x := e.Duplicates; x != nil {
		add("duplicates", x.Basis, fmt.Sprintf("at most %d unexplained", x.Limit))
	}
	if x := e.SpareComplete; x != nil {
		add("spare-complete", x.Basis, "a spare copy of all accepted mail")
	}
	if x := e.SpareTimely; x != nil {
		add("spare-timely", x.Basis, "before the delivery", limit("within", x.Within))
	}
	if x := e.SpareClean; x != nil {
		add("spare-clean", x.Basis, "nothing that had to be filtered")
	}
	if x := e.Acceptance; x != nil {
		add("acceptance", x.Basis, fmt.Sprintf("%g%% of submissions", x.Share*100),
			limit("within", x.Within))
	}
	if x := e.SendingGoesOn; x != nil {
		add("sending-goes-on", x.Basis, limit("within", x.Within))
	}
	if x := e.Drain; x != nil {
		add("drain", x.Basis, limit("within", x.Within))
	}
	if x := e.Isolation; x != nil {
		add("isolation", x.Basis, fmt.Sprintf("at most %g times as slow as before", x.Ratio),
			limit("floor", x.Floor))
	}
	if x := e.RetryManners; x != nil {
		add("retry-manners", x.Basis, atMost(int64(x.PerMinute), "failed attempts a minute"),
			atMost(int64(x.InTotal), "in total"), atMost(int64(x.Connections), "connections"))
	}
	if x := e.NoEarlyBounce; x != nil {
		add("no-early-bounce", x.Basis, limit("not before", x.Lifetime))
	}
	if x := e.Alarm; x != nil {
		said := ""
		if x.Quiet {
			said = "none at all"
		}
		add("alarm", x.Basis, said, limit("before the page, and within", x.Within))
	}
	if x := e.Footprint; x != nil {
		add("footprint", x.Basis, atMost(x.Memory, "bytes of memory"), atMost(x.Disk, "bytes of disk"),
			atMost(x.DiskFiles, "files on disk"), atMost(x.OpenFiles, "open files"),
			atMost(x.Processes, "processes"), fmt.Sprintf("%g times the baseline at the end", x.Ratio))
	}
	return all
}

// atMost is a limit in words; empty where there is none.
func atMost(n int64, what string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("at most %d %s", n, what)
}
