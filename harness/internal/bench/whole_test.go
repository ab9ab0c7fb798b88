package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/fakes/dnsfake"
	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/postfix"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

const (
	// throughUsual is how many messages go through Postfix, which writes each to
	// the disk; HANSEI_BENCH_THROUGH overrides it.
	throughUsual = 3000
	// throughRounds is odd, so that there is a median.
	throughRounds = 3
	// throughSessions is what the harness's sender opens at most.
	throughSessions = 100
	nameServer      = "127.25.0.53:53"
)

// burst is a scenario without an outage to speak of, all of whose mail is due
// within three seconds: the relay is what is waited for.
const burst = `
name: burst
title: More mail at once than the relay can take
zone: UTC
from: 2026-03-03 00:00:00
until: "00:00:03"
outage: {from: "00:00:01", heal: "00:00:02"}
cohorts:
  - {name: ours, at: office365, region: emea, forest: eurprd02, mailboxes: 50,
     domains: [linden.example]}
  - {name: senders, at: internet, domains: [senders.test], mailboxes: 200}
routes:
  - {name: in, from: senders, to: ours, peak: %d, goes: inbound}
mail:
  size: {median: %d, p99: %d, max: %d}
faults:
  - {name: none, where: {forests: [eurprd02]}, stage: connect, do: reset, every: 1000000,
     from: "00:00:01", heal: "00:00:02"}
expect: {no-loss: {}}
`

// passage is what it took to bring messages through a relay: until the last was
// at the other end, the processor time of the relay, and that of what fed it and
// what took from it.
type passage struct {
	messages            int
	took, relay, around time.Duration
}

func (p passage) rate() float64 { return float64(p.messages) / p.took.Seconds() }

// share is the processor time around the relay over its own.
func (p passage) share() float64 { return p.around.Seconds() / p.relay.Seconds() }

// TestBenchWhole is the whole harness through Postfix, beside smtp-source and
// smtp-sink through a Postfix that the same driver set up.
func TestBenchWhole(t *testing.T) {
	if os.Getenv("HANSEI_BENCH") == "" {
		t.Skip("a measurement takes a minute and the whole machine; set HANSEI_BENCH=1")
	}
	tools := find(t)
	if err := (postfix.Driver{}).Ready(t.Context()); err != nil {
		t.Skip(err)
	}
	n := throughUsual
	if asked, err := strconv.Atoi(os.Getenv("HANSEI_BENCH_THROUGH")); err == nil {
		n = asked
	}
	passages := map[string][]passage{}
	tell := func(name string, p passage) {
		passages[name] = append(passages[name], p)
		fmt.Printf("BenchmarkMail/through-postfix/%s\t%d\t%.0f ns/op\t%.0f msgs/s\t"+
			"%.0f relay-cpu-ns/op\t%.0f around-cpu-ns/op\n", name, p.messages,
			float64(p.took)/float64(p.messages), p.rate(),
			float64(p.relay)/float64(p.messages), float64(p.around)/float64(p.messages))
	}
	for round := range throughRounds {
		both := []func(){
			func() { tell("hansei", throughHarness(t, n)) },
			func() { tell("smtp-source", throughTools(t, tools, n)) },
		}
		if round%2 == 1 {
			slices.Reverse(both)
		}
		for _, one := range both {
			one()
		}
	}
	middle := func(name string, figure func(passage) float64) float64 {
		var all []float64
		for _, p := range passages[name] {
			all = append(all, figure(p))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	each := func(name string) (all []time.Duration) {
		for _, p := range passages[name] {
			all = append(all, p.took/time.Duration(p.messages))
		}
		return all
	}
	ours, theirs := middle("hansei", passage.rate), middle("smtp-source", passage.rate)
	fmt.Printf("\nmedians of %d rounds, about %d messages of %d bytes, %d sessions:\n"+
		"  through Postfix            hansei    %7.0f/s   smtp-source+sink %3.0f/s   ratio %.2f\n"+
		"  processor time around it   hansei    %7.3f     smtp-source+sink %.3f of Postfix's\n",
		throughRounds, n, size, throughSessions, ours, theirs,
		ratio(each("smtp-source"), each("hansei")),
		middle("hansei", passage.share), middle("smtp-source", passage.share))
}

// throughHarness is a run, of which the time from the first submission to the last
// delivery counts, and all the processor time of this process.
func throughHarness(t *testing.T, n int) passage {
	t.Helper()
	text := fmt.Sprintf(burst, n*1200, size, size+64, size+128)
	s, err := scenarios.Read("burst.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	tl, err := timeline.Plan(s, timeline.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	dir, cpu := filepath.Join(t.TempDir(), "run"), processorTime(t)
	if err := harness.Run(t.Context(), s, tl, postfix.Driver{}, harness.Config{
		Dir: dir, Speed: 1, Version: "bench",
	}); err != nil {
		t.Fatal(err)
	}
	p := passage{around: processorTime(t) - cpu}
	first, last, accepted := time.Duration(-1), time.Duration(0), 0
	for e, err := range evidence.Read(filepath.Join(dir, evidence.File)) {
		switch {
		case err != nil:
			t.Fatal(err)
		case e.Kind == evidence.KindSubmission && e.Outcome == evidence.Accepted:
			accepted++
			if began := e.Began; first < 0 || began < first {
				first = began
			}
		case e.Kind == evidence.KindDelivery:
			p.messages++
			last = max(last, e.T)
		case e.Kind == evidence.KindSample && e.Name == "relay":
			p.relay = time.Duration(e.Values["cpu_s"] * float64(time.Second))
		}
	}
	if p.took = last - first; p.messages != accepted || accepted < n/2 {
		t.Fatalf("%d of %d accepted messages came through", p.messages, accepted)
	}
	return p
}

// throughTools is the same with Postfix's own tools.
func throughTools(t *testing.T, tools programs, n int) passage {
	t.Helper()
	const host = "127.25.1.1"
	stopDNS := serveNames(t, host)
	defer stopDNS()
	arrived, stop := tools.countingSink(t, host+":25", n)
	defer stop()
	dir := t.TempDir()
	running, err := (postfix.Driver{}).Start(t.Context(), relay.World{
		Dir: dir, Hostname: "relay.hansei.test", Clock: clock.New(time.Now(), 1), DNS: nameServer,
		Spare: relay.Spare{Domain: timeline.SpareDomain},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := running.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	source := exec.CommandContext(t.Context(), tools.source, "-s", strconv.Itoa(throughSessions),
		"-m", strconv.Itoa(n), "-l", strconv.Itoa(size), "-M", "mx.senders.test",
		"-f", "a@senders.test", "-t", "b@linden.example", running.Addr())
	began := time.Now()
	if out, err := source.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("smtp-source: %v: %s", err, out)
	}
	select {
	case <-arrived:
	case <-time.After(patience):
		t.Fatalf("smtp-sink has not got %d messages", n)
	}
	p := passage{messages: n, took: time.Since(began)}
	reader, ok := running.(relay.ResourceReader)
	if !ok {
		t.Fatal("the relay does not tell what it uses")
	}
	used, err := reader.Resources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.relay = used.CPU
	p.around = source.ProcessState.UserTime() + source.ProcessState.SystemTime() + stop()
	return p
}

// serveNames answers for the burst's domains until stop is called.
func serveNames(t *testing.T, host string) (stop func()) {
	t.Helper()
	zone := dnsfake.NewZone()
	zone.AddMX("linden.example", "mx.linden.example", 10)
	zone.AddHost("mx.linden.example", netip.MustParseAddr(host))
	packets, err := net.ListenPacket("udp4", nameServer)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", nameServer)
	if err != nil {
		t.Fatal(err)
	}
	server := &dnsfake.Server{Zone: zone}
	served := make(chan error, 1)
	go func() { served <- server.Serve(packets, l) }()
	return func() {
		if err := errors.Join(server.Close(), <-served); err != nil {
			t.Error(err)
		}
	}
}

// countingSink runs smtp-sink, which counts aloud; arrived is closed when it has n
// messages. stop ends it and returns its processor time.
func (p programs) countingSink(t *testing.T, addr string, n int) (<-chan struct{}, func() time.Duration) {
	t.Helper()
	cmd := exec.Command(p.sink, append(p.sinkUser(), "-c", addr, "1000")...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting smtp-sink: %v", err)
	}
	arrived, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		in := bufio.NewScanner(out)
		in.Split(counts)
		for done := false; in.Scan(); {
			if got, err := strconv.Atoi(in.Text()); err == nil && got >= n && !done {
				done = true
				close(arrived)
			}
		}
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	}()
	stop := func() time.Duration {
		_ = cmd.Process.Kill()
		<-ended
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	t.Cleanup(func() { stop() })
	return arrived, stop
}

// counts finds the numbers behind mesg= in what smtp-sink -c says.
func counts(data []byte, atEOF bool) (advance int, token []byte, err error) {
	_, after, ok := strings.Cut(string(data), "mesg=")
	end := strings.IndexFunc(after, func(r rune) bool { return r < '0' || r > '9' })
	switch {
	case ok && end >= 0:
		return len(data) - len(after) + end, []byte(after[:end]), nil
	case atEOF:
		return len(data), nil, nil
	}
	return 0, nil, nil
}
