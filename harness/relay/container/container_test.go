package container

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/relaytest"
)

// shippedDriver is the driver of a shipped description, with its image. Where no
// image can be had, the test is skipped, or fails if HANSEI_REQUIRE names docker.
func shippedDriver(t *testing.T, name string) Driver {
	t.Helper()
	for _, d := range Shipped() {
		if d.Name() != namePrefix+name {
			continue
		}
		if err := d.Prepare(t.Context()); err != nil {
			if required("docker") {
				t.Fatal(err)
			}
			t.Skip(err)
		}
		return d
	}
	t.Fatalf("no description of %s is shipped", name)
	return Driver{}
}

// required says whether HANSEI_REQUIRE names a part that then must not be missing.
func required(part string) bool {
	for name := range strings.SplitSeq(os.Getenv("HANSEI_REQUIRE"), ",") {
		if name == part {
			return true
		}
	}
	return false
}

// TestPostfixInAContainerConforms runs the suite of all drivers.
func TestPostfixInAContainerConforms(t *testing.T) {
	relaytest.Run(t, shippedDriver(t, "postfix"), relaytest.Options{
		Quick: "minimal_backoff_time = 2s\nmaximal_backoff_time = 4s\nqueue_run_delay = 1s\n" +
			"transport_retry_time = 1s\n",
		Faulty: "minimal_backoff_time = banana\n",
	})
}

// TestChasquidInAContainerConforms runs it with a relay that nobody can hurry: its
// second try is compiled in, and so each step takes as long as it takes.
func TestChasquidInAContainerConforms(t *testing.T) {
	relaytest.Run(t, shippedDriver(t, "chasquid"), relaytest.Options{
		NoSpare: true, Patience: 3 * time.Minute, Sender: forwarded,
	})
}

// forwarded is what chasquid makes of a sender that is not its own, for the sake of
// SPF at the next host (chasquid, internal/queue).
func forwarded(from, to string) string {
	user, domain, _ := strings.Cut(to, "@")
	return user + "+fwd_from=" + strings.ReplaceAll(from, "@", "=") + "@" + domain
}

var _ relay.Driver = Driver{}
