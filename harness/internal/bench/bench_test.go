package bench

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
)

const (
	sessions = 20   // at the same time, as smtp-source -s
	size     = 5120 // bytes of a body, as smtp-source -l
	rounds   = 3
	// usual is how many messages a measurement has; HANSEI_BENCH_MESSAGES
	// overrides it.
	usual = 10000
)

// contest is two ways to do the same: ours, and Postfix's.
type contest struct {
	name        string
	ours, other contestant
}

// contestant moves n messages and says how long that took.
type contestant struct {
	name string
	move func(t *testing.T, n int) time.Duration
}

func TestBench(t *testing.T) {
	if os.Getenv("HANSEI_BENCH") == "" {
		t.Skip("a measurement takes a minute and the whole machine; set HANSEI_BENCH=1")
	}
	n := messages(t)
	tools := find(t)
	fake := func(keep bool) contestant { return contestant{"smtpfake", into(intoFake, tools, keep)} }
	sink := func(keep bool) contestant { return contestant{"smtp-sink", into(intoSink, tools, keep)} }
	contests := []contest{
		{"receive/new-connections", fake(false), sink(false)},
		{"receive/kept-connections", fake(true), sink(true)},
		{
			"send/new-connections",
			contestant{"traffic", func(t *testing.T, n int) time.Duration {
				return fromSender(t, tools, n)
			}},
			contestant{"smtp-source", into(intoSink, tools, false)},
		},
	}
	fmt.Printf("goos: %s\ngoarch: %s\npkg: github.com/hansei-mail/hansei/harness/internal/bench\n",
		runtime.GOOS, runtime.GOARCH)
	var summary []string
	for _, c := range contests {
		summary = append(summary, c.run(t, n))
	}
	fmt.Printf("\nmedians of %d rounds, %d messages of %d bytes, %d sessions:\n",
		rounds, n, size, sessions)
	for _, line := range summary {
		fmt.Println(line)
	}
}

// receiver is one end that smtp-source sends to.
type receiver func(t *testing.T, p programs, n int, keep bool) time.Duration

func into(r receiver, p programs, keep bool) func(*testing.T, int) time.Duration {
	return func(t *testing.T, n int) time.Duration { return r(t, p, n, keep) }
}

// run alternates who goes first, so that neither always meets the warmer
// machine, and returns the line of the summary.
func (c contest) run(t *testing.T, n int) string {
	taken := map[string][]time.Duration{}
	for round := range rounds {
		order := []contestant{c.ours, c.other}
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, who := range order {
			took := who.move(t, n)
			taken[who.name] = append(taken[who.name], took)
			fmt.Printf("BenchmarkMail/%s/%s-%d\t%d\t%.0f ns/op\t%.0f msgs/s\n", c.name, who.name,
				runtime.GOMAXPROCS(0), n, float64(took)/float64(n), rate(n, took))
		}
	}
	ours, other := taken[c.ours.name], taken[c.other.name]
	line := fmt.Sprintf("  %-26s %-9s %7.0f/s   %-12s %7.0f/s   ratio %.2f", c.name,
		c.ours.name, rate(n, median(ours)), c.other.name, rate(n, median(other)),
		rate(n, median(ours))/rate(n, median(other)))
	if s := max(spread(ours), spread(other)); s > steady {
		line += fmt.Sprintf("   (rounds differ by %.1f times: the machine was busy)", s)
	}
	return line
}

// steady is how much the rounds of a measurement may differ before its ratio
// is worth nothing.
const steady = 1.3

// spread is the slowest round over the fastest.
func spread(d []time.Duration) float64 {
	return float64(slices.Max(d)) / float64(slices.Min(d))
}

func rate(n int, took time.Duration) float64 { return float64(n) / took.Seconds() }

func median(d []time.Duration) time.Duration {
	slices.SortFunc(d, func(a, b time.Duration) int { return cmp.Compare(a, b) })
	return d[len(d)/2]
}

func messages(t *testing.T) int {
	text := os.Getenv("HANSEI_BENCH_MESSAGES")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < sessions {
		t.Fatalf("HANSEI_BENCH_MESSAGES=%q: want a number of at least %d", text, sessions)
	}
	return n
}

func TestMedianIsTheMiddle(t *testing.T) {
	if got := median([]time.Duration{9, 1, 4}); got != 4 {
		t.Errorf("got %d, want 4", got)
	}
}

func TestSpreadIsSlowestOverFastest(t *testing.T) {
	if got := spread([]time.Duration{4, 2, 6}); got != 3 {
		t.Errorf("got %v, want 3", got)
	}
}
