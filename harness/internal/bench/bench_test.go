package bench

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
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

// contest is ways to do the same: the first is measured by the second, and what
// others there are show where the difference comes from.
type contest struct {
	name       string
	contenders []contestant
}

// contestant moves n messages and says what that took.
type contestant struct {
	name string
	move func(t *testing.T, n int) effort
}

// effort is how long something took, and the processor time of the one who is
// measured, which a busy machine changes less.
type effort struct{ took, cpu time.Duration }

// measured is the effort of this process in f.
func measured(t *testing.T, f func()) effort {
	t.Helper()
	began, cpu := time.Now(), processorTime(t)
	f()
	return effort{time.Since(began), processorTime(t) - cpu}
}

func TestBench(t *testing.T) {
	if os.Getenv("HANSEI_BENCH") == "" {
		t.Skip("a measurement takes a minute and the whole machine; set HANSEI_BENCH=1")
	}
	n := messages(t)
	tools := find(t)
	mail := tools.write(t)
	fake := func(keep bool) contestant {
		return contestant{"smtpfake", func(t *testing.T, n int) effort {
			return intoFake(t, tools, mail, n, keep)
		}}
	}
	sink := func(keep bool) contestant {
		return contestant{"smtp-sink", func(t *testing.T, n int) effort {
			_, sink := intoSink(t, tools, mail, n, keep)
			return sink
		}}
	}
	contests := []contest{
		{"receive/new-connections", []contestant{fake(false), sink(false)}},
		{"receive/kept-connections", []contestant{fake(true), sink(true)}},
		{
			"send/new-connections",
			[]contestant{
				{"traffic", func(t *testing.T, n int) effort { return fromSender(t, tools, n) }},
				{"smtp-source", func(t *testing.T, n int) effort {
					source, _ := intoSink(t, tools, mail, n, false)
					return source
				}},
				{"go-smtp", func(t *testing.T, n int) effort {
					return fromLibrary(t, tools, mail, n)
				}},
			},
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

// run alternates who goes first, so that nobody always meets the warmer machine,
// and returns the lines of the summary.
func (c contest) run(t *testing.T, n int) string {
	taken := map[string][]time.Duration{}
	spent := map[string][]time.Duration{}
	for round := range rounds {
		order := slices.Clone(c.contenders)
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, who := range order {
			e := who.move(t, n)
			taken[who.name] = append(taken[who.name], e.took)
			spent[who.name] = append(spent[who.name], e.cpu)
			fmt.Printf("BenchmarkMail/%s/%s-%d\t%d\t%.0f ns/op\t%.0f msgs/s\t%.0f cpu-ns/op\n",
				c.name, who.name, runtime.GOMAXPROCS(0), n, float64(e.took)/float64(n),
				rate(n, e.took), float64(e.cpu)/float64(n))
		}
	}
	measure := c.contenders[1].name
	var lines []string
	for _, who := range c.contenders {
		line := fmt.Sprintf("  %-26s %-12s %7.0f/s %6.1f µs of processors each", c.name, who.name,
			rate(n, median(taken[who.name])), float64(median(spent[who.name]))/float64(n)/1e3)
		if who.name != measure {
			line += fmt.Sprintf("   %.2f of %s", ratio(taken[measure], taken[who.name]), measure)
		}
		if s := spread(taken[who.name]); s > steady {
			line += fmt.Sprintf("   (rounds differ by %.1f times: the machine was busy)", s)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// ratio is how many times as fast the second was, round by round, in the middle: what
// else a machine does changes from round to round, and concerns both.
func ratio(measure, who []time.Duration) float64 {
	all := make([]float64, len(who))
	for i := range who {
		all[i] = float64(measure[i]) / float64(who[i])
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func TestRatioIsOfTheSameRound(t *testing.T) {
	measure, who := []time.Duration{10, 20, 30}, []time.Duration{10, 40, 10}
	if got := ratio(measure, who); got != 1 {
		t.Errorf("got %v, want the middle of 1, 0.5 and 3", got)
	}
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
	return slices.Sorted(slices.Values(d))[len(d)/2]
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
