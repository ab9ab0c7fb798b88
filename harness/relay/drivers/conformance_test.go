package drivers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/drivers"
	"github.com/hansei-mail/hansei/harness/relay/reference"
	"github.com/hansei-mail/hansei/harness/relay/relaytest"
)

// conformance is what the suite must know of each driver: a configuration with
// which it tries again within seconds, and one that it must refuse.
var conformance = map[string]relaytest.Options{
	"reference": {CopiesFirst: true},
	"postfix": {
		Quick: "minimal_backoff_time = 2s\nmaximal_backoff_time = 4s\nqueue_run_delay = 1s\n" +
			"transport_retry_time = 1s\n",
		Faulty: "minimal_backoff_time = banana\n",
	},
	"exim": {
		Quick:  "QUEUEINTERVAL = 1s\nbegin retry\n* * F,4d,1s\n",
		Faulty: "retry_interval_max = banana\n",
	},
	// Its retry times are compiled in: 400 s until the second attempt.
	"opensmtpd": {Rate: 100, Faulty: "queue ttl banana\n"},
}

// TestEveryDriverConforms runs the suite with every driver there is.
func TestEveryDriverConforms(t *testing.T) {
	for name, driver := range drivers.All() {
		if name == "external" || strings.HasPrefix(name, "container") {
			continue // of itself it knows no relay, or no image; it has its own test
		}
		options, known := conformance[name]
		if !known {
			t.Errorf("the driver %s has no entry in conformance", name)
			continue
		}
		t.Run(name, func(t *testing.T) { relaytest.Run(t, quick(driver), options) })
	}
}

// quick is a driver whose relay has no configuration of its own to be quick by.
func quick(d relay.Driver) relay.Driver {
	if d.Name() != "reference" {
		return d
	}
	soon := []time.Duration{100 * time.Millisecond, time.Second}
	return reference.New(reference.Options{Settings: reference.Settings{
		Retry: soon, SpareRetry: soon, Probe: soon,
	}})
}
