package forecast

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// day is in seconds.
const day = 24 * 3600

// shipped are the models that need no file, by the relay's name.
var shipped = map[string]func() Model{
	"postfix": postfix, "exim": exim, "opensmtpd": opensmtpd, "reference": reference,
}

// Shipped is the model of a stock relay.
func Shipped(name string) (Model, error) {
	make, ok := shipped[name]
	if !ok {
		return Model{}, fmt.Errorf("there is no model of a relay %q; there are %s", name,
			strings.Join(ShippedNames(), ", "))
	}
	return make(), nil
}

// ShippedNames are the names of the shipped models, sorted.
func ShippedNames() []string { return slices.Sorted(maps.Keys(shipped)) }

// postfix is Postfix as it comes, by postconf(5): minimal_backoff_time 300s,
// maximal_backoff_time 4000s, queue_run_delay 300s,
// initial_destination_concurrency 5, default_destination_concurrency_limit 20,
// default_process_limit 100, default_destination_concurrency_failed_cohort_limit
// 1, smtp_mx_session_limit 2, smtp_connect_timeout 30s, smtp_helo_timeout 300s,
// smtp_data_done_timeout 600s, maximal_queue_lifetime 5d. A queue file holds the
// envelope besides the message, in blocks of 4096 bytes; a deferred message has
// a second file, its log of failures.
func postfix() Model {
	return Model{
		Format: ModelFormat, Name: "postfix", Title: "Postfix with its defaults",
		Retry: Retry{Kind: RetryAge, Min: 300, Max: 4000, Scan: 300},
		Dead: Dead{
			Scope: ByDestination, Cohorts: 1, Rule: HoldWaits, Waits: []float64{300}, Defer: true,
		},
		Concurrency: Concurrency{
			Initial: 5, PerDestination: 20, Total: 100, PerCohort: true, PerConnection: 1, Sessions: 2,
		},
		Service: Service{
			Session: 0.15, Message: 0.25, Refused: 0.05,
			Connect: 30, Stall: 300, Finish: 600,
		},
		Spool:    Spool{PerByte: 1, PerMessage: 2048 + 4096, Files: 2},
		Lifetime: 5 * day,
	}
}

// exim is Exim as Debian configures it (conf.d/retry, /etc/default/exim4): F,2h,15m;
// G,16h,1h,1.5; F,4d,6h, a queue run each 30 minutes; queue_run_max 5 and
// remote_max_parallel 4 (specification, chapter 14). A message has two files.
func exim() Model {
	return Model{
		Format: ModelFormat, Name: "exim", Title: "Exim as Debian configures it",
		Retry: Retry{Kind: RetryScan, Scan: 1800},
		Dead: Dead{
			Scope: ByDestination, After: 1, Rule: HoldExim, Defer: true, Steps: []EximStep{
				{Until: 2 * 3600, Wait: 900}, {Until: 16 * 3600, Wait: 3600, Factor: 1.5},
				{Until: 4 * day, Wait: 6 * 3600},
			},
		},
		Concurrency: Concurrency{
			Initial: 20, PerDestination: 20, Total: 20, PerConnection: 1, Sessions: 4,
		},
		Service: Service{
			Session: 0.15, Message: 0.25, Refused: 0.05,
			Connect: 300, Stall: 300, Finish: 600,
		},
		Spool:    Spool{PerByte: 1, PerMessage: 4096 + 2048, Files: 2},
		Lifetime: 4 * day,
	}
}

// opensmtpd is OpenSMTPD as it comes: attempts 400 s × n² after a message came
// (smtpd's scheduler_ramqueue.c, BACKOFF_TRANSFER), for smtpd.conf(5)'s ttl of
// four days.
func opensmtpd() Model {
	return Model{
		Format: ModelFormat, Name: "opensmtpd", Title: "OpenSMTPD with its defaults",
		Retry: Retry{Kind: RetrySquare, Unit: 400},
		Dead:  Dead{Scope: ByDestination},
		Concurrency: Concurrency{
			Initial: 10, PerDestination: 10, Total: 100, PerConnection: 100, Sessions: 2,
		},
		Service: Service{
			Session: 0.15, Message: 0.25, Refused: 0.05,
			Connect: 300, Stall: 300, Finish: 300,
		},
		Spool:    Spool{PerByte: 1, PerMessage: 4096 + 2048, Files: 2},
		Lifetime: 4 * day,
	}
}

// reference is hansei's own relay with its defaults, as its manifest tells them.
// Its queue is one database file.
func reference() Model {
	return Model{
		Format: ModelFormat, Name: "reference", Title: "The reference relay with its defaults",
		Retry: Retry{Kind: RetryList, Waits: []float64{60, 120, 240, 480, 600}, Jitter: 0.1},
		Dead: Dead{
			Scope: ByHost, After: 3, Refusals: 5, Rule: HoldWaits, Waits: []float64{30, 60, 120, 300}, Jitter: 0.1,
			Probe: true, Release: true,
		},
		Concurrency: Concurrency{
			Initial: 2, PerDestination: 20, PerHost: 50, Total: 200, PerConnection: 100, Sessions: 4,
		},
		Service: Service{
			Session: 0.02, Message: 0.05, Refused: 0.01,
			Connect: 30, Stall: 300, Finish: 600,
		},
		Spool:    Spool{PerByte: 1, PerMessage: 1024, Files: 0},
		Lifetime: 5 * day,
	}
}
