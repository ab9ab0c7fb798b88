package harness

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/reference"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
)

const (
	// fewRuns are made by every test run, manyRuns with HANSEI_SOAK=1; any other
	// number is how many.
	fewRuns, manyRuns = 20, 2000
	// openShare is the share of honest runs that may prove nothing.
	openShare = 0.01
)

// shaky is a network on which nothing takes the same time twice: connections
// come in another order on each seed. It is the near end that is slow.
type shaky struct {
	relay.Network
	mu   sync.Mutex
	dice *rand.Rand
}

func newShaky(seed uint64) *shaky {
	return &shaky{Network: Memory(), dice: rand.New(rand.NewPCG(seed, 1))}
}

// draw is a latency of up to most: mostly short, at times long.
func (s *shaky) draw(most time.Duration) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.dice.Float64()
	return time.Duration(u * u * u * float64(most))
}

// pass lets time pass; the bubble's, so that it costs nothing.
func pass(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *shaky) Dial(ctx context.Context, addr string) (net.Conn, error) {
	if err := pass(ctx, s.draw(2*time.Second)); err != nil {
		return nil, err
	}
	c, err := s.Network.Dial(ctx, addr)
	if err != nil {
		return nil, err
	}
	return &shakyConn{Conn: c, network: s}, nil
}

type shakyConn struct {
	net.Conn
	network *shaky
}

func (c *shakyConn) Write(p []byte) (int, error) {
	_ = pass(context.Background(), c.network.draw(200*time.Millisecond))
	return c.Conn.Write(p)
}

// SetLinger keeps resets possible.
func (c *shakyConn) SetLinger(seconds int) error {
	return c.Conn.(interface{ SetLinger(int) error }).SetLinger(seconds)
}

// playable are all scenarios that can live in memory, with their variants: the
// catalogue's and the situations of the flaws.
func playable(t *testing.T) map[string]*scenarios.Scenario {
	t.Helper()
	all := map[string]*scenarios.Scenario{}
	add := func(name string, s *scenarios.Scenario) {
		// Links need real sockets, and megabytes on a slow network minutes.
		if len(s.Links) == 0 && s.Mail.Size.Max <= 10_000_000 {
			all[name] = s
		}
	}
	for _, name := range catalog.Names() {
		s := load(t, name)
		add(name, s)
		for _, variant := range s.VariantNames() {
			varied, err := s.With(variant)
			if err != nil {
				t.Fatal(err)
			}
			add(name+"/"+variant, varied)
		}
	}
	for _, name := range reference.Situations() {
		add("flaws-"+name, situation(t, name))
	}
	return all
}

// lightScale is the scale of three runs in four when there are many, so that
// 2,000 of them take half an hour of one core: the same hours, faults and
// promises with less mail. Isolation is not asked of them, which needs 20
// deliveries on either side, nor an alarm, which needs mail that waits; and one that proves nothing, because too little
// mail met a short fault, is played again whole.
const lightScale = 0.2

// playHonest plays one honest run, light or whole.
func playHonest(
	t *testing.T, s *scenarios.Scenario, seed uint64, light bool,
) (j *check.Judgement, err error) {
	t.Helper()
	r := &replayed{
		t: t, scenario: s, driver: honest(), scale: 1, seed: seed, network: newShaky(seed),
	}
	if light {
		r.scale = lightScale
		r.asked = func(e *scenarios.Expect) {
			e.Isolation = nil
			if e.Alarm != nil && !e.Alarm.Quiet { // too little mail waits to be noticed soon
				e.Alarm = nil
			}
		}
	}
	j = r.inMemory()
	if light && r.err == nil && j.Outcome == check.Inconclusive {
		return playHonest(t, s, seed, false)
	}
	return j, r.err
}

// soaked is what came of the runs of one scenario.
type soaked struct {
	outcomes map[check.Outcome]int
	reasons  map[string]int // of what did not pass
}

// TestNoFalseAlarms: an honest relay never fails, whatever the seed, the
// latencies and the order of connections, and is seldom left in doubt.
func TestNoFalseAlarms(t *testing.T) {
	if testing.Short() {
		t.Skip("many runs; leave -short out")
	}
	runs := fewRuns
	if text := os.Getenv("HANSEI_SOAK"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("HANSEI_SOAK is %q; write 1 or a number of runs", text)
		}
		if runs = n; n == 1 {
			runs = manyRuns
		}
	}
	all := playable(t)
	names := slices.Sorted(maps.Keys(all))
	var mu sync.Mutex
	found := map[string]*soaked{}
	t.Run("runs", func(t *testing.T) {
		for i := range runs {
			// Few runs are spread over all names, many go round.
			name, seed := names[i*max(1, len(names)/runs)%len(names)], uint64(1000+i)
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) {
				t.Parallel()
				j, err := playHonest(t, all[name], seed, runs > fewRuns && i/len(names)%4 != 0)
				if err != nil || alarmed(all[name], j) {
					t.Errorf("%s with seed %d: %s, %v", name, seed, j.Outcome, err)
					tell(t, j)
				}
				mu.Lock()
				defer mu.Unlock()
				if found[name] == nil {
					found[name] = &soaked{map[check.Outcome]int{}, map[string]int{}}
				}
				found[name].add(all[name], j)
			})
		}
	})
	report(t, runs, names, found)
}

// asForeseen is a failure of what the scenario says that any relay must fail.
const asForeseen check.Outcome = -1

func (s *soaked) add(of *scenarios.Scenario, j *check.Judgement) {
	came := j.Outcome
	if came == check.Fail && !alarmed(of, j) {
		came = asForeseen
	}
	s.outcomes[came]++
	said := map[string]bool{}
	for _, p := range j.Premises {
		if !p.Held {
			said[p.Name+": "+p.Reason] = true
		}
	}
	for _, v := range j.Verdicts {
		foreseen := v.Outcome == check.Fail && of.Foreseen[v.Promise].Outcome == "fail"
		if v.Asked && v.Outcome != check.Pass && !foreseen && len(said) == 0 {
			said[v.Promise+": "+v.Reason] = true
		}
	}
	for reason := range said {
		s.reasons[reason]++
	}
}

// alarmed says that a promise failed which the scenario does not say must fail.
func alarmed(s *scenarios.Scenario, j *check.Judgement) bool {
	return slices.ContainsFunc(j.Verdicts, func(v check.Verdict) bool {
		return v.Asked && v.Outcome == check.Fail && s.Foreseen[v.Promise].Outcome != "fail"
	})
}

// report prints the counts and holds the doubtful ones against their limit.
func report(t *testing.T, runs int, names []string, found map[string]*soaked) {
	t.Helper()
	var b strings.Builder
	open := 0
	for _, name := range names {
		s := found[name]
		if s == nil {
			continue
		}
		open += s.outcomes[check.Inconclusive]
		fmt.Fprintf(&b, "%-24s %5d pass %3d as foreseen %3d inconclusive %3d fail\n", name,
			s.outcomes[check.Pass], s.outcomes[asForeseen], s.outcomes[check.Inconclusive],
			s.outcomes[check.Fail])
		for _, reason := range slices.Sorted(maps.Keys(s.reasons)) {
			fmt.Fprintf(&b, "    %d x %s\n", s.reasons[reason], reason)
		}
	}
	t.Logf("%d honest runs, %d inconclusive\n%s", runs, open, b.String())
	if open > max(1, int(openShare*float64(runs))) {
		t.Errorf("%d of %d honest runs proved nothing", open, runs)
	}
}

// TestShakyNetworkIsShaky: without latencies the runs above would be one run.
func TestShakyNetworkIsShaky(t *testing.T) {
	var fates [2]string
	for i := range 2 {
		r := &replayed{
			t: t, scenario: situation(t, "reset"), driver: honest(), seed: 5,
			network: newShaky(uint64(i)),
		}
		r.inMemory()
		fates[i] = order(t, filepath.Join(r.dir, evidence.File))
	}
	if fates[0] == fates[1] {
		t.Error("two seeds of the network gave the same order of deliveries")
	}
}

// order is the deliveries of a run, as they came.
func order(t *testing.T, file string) string {
	t.Helper()
	var all []string
	for e, err := range evidence.Read(file) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == evidence.KindDelivery {
			all = append(all, e.Msg)
		}
	}
	return strings.Join(all, " ")
}
