//go:build unix

package forecast

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
)

// used is the processor time of this process: on a machine that others use too,
// the wall says nothing.
func used(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkEvents is how many messages a second of one processor the engine
// follows: the incident, a thousand times as large, on a relay large enough.
func BenchmarkEvents(b *testing.B) {
	s, err := catalog.Load("ex196121")
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range []Model{postfix(), reference()} {
		m.Concurrency.Total = 1000
		b.Run(m.Name, func(b *testing.B) {
			w, err := newWorld(planned(b, s, 1000))
			if err != nil {
				b.Fatal(err)
			}
			messages := 0
			var spent time.Duration
			for range b.N {
				l := w.drawnLoad(1)
				runtime.GC()
				before := used(b)
				newEvents(w, &m, l, 1).run()
				spent += used(b) - before
				messages += len(l.at)
			}
			b.ReportMetric(float64(messages)/spent.Seconds(), "messages/cpu-s")
		})
	}
}

const tenThousand = `
name: ten-thousand
title: Ten hours, ten thousand tenants
zone: UTC
from: 2026-03-03 08:00
until: "20:00"
outage: {from: "09:00", heal: "19:00"}
cohorts:
  - {name: ours, at: office365, region: emea, forest: eurprd02, domains: [t0.example], mailboxes: 50}
  - {name: senders, at: internet, domains: [senders.test], mailboxes: 200}
routes:
  - {name: in, from: senders, to: ours, peak: 10000000, goes: inbound}
faults:
  - {name: dead, where: {forests: [eurprd02]}, stage: connect, do: reset, from: "09:00", heal: "19:00"}
expect: {no-loss: {}, drain: {within: 60m}}
`

// TestAHundredMillionMessages: what the cohort engine costs does not grow with
// the mail.
func TestAHundredMillionMessages(t *testing.T) {
	s, err := scenarios.Read("ten-thousand.yaml", []byte(tenThousand))
	if err != nil {
		t.Fatal(err)
	}
	s.Cohorts[0].Domains = nil
	for i := range 10_000 {
		s.Cohorts[0].Domains = append(s.Cohorts[0].Domains, fmt.Sprintf("t%d.example", i))
	}
	c := planned(t, s, 1)
	m := postfix()
	m.Concurrency.Total = 10_000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := used(t)
	f, err := Predict(c, m, Options{Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	spent := used(t) - began
	runtime.ReadMemStats(&after)
	megabytes := (after.TotalAlloc - before.TotalAlloc) >> 20
	t.Logf("%.0f messages, %s of processor time, %d MB allocated in all; peak %.0f, drain %s",
		f.Figures.Messages, spent, megabytes, f.Figures.Peak, f.Figures.Drain)
	if f.Engine != ByCohorts || f.Figures.Messages < 100e6 || f.Figures.AtHeal < 99e6 {
		t.Errorf("%s: %+v", f.Engine, f.Figures)
	}
	// A race detector or a profile makes all of it slower; memory is what it is.
	if megabytes > 500 || os.Getenv("HANSEI_BENCH") != "" && spent > 2*time.Second {
		t.Errorf("%s and %d MB; the limits are 2s and 500 MB", spent, megabytes)
	}
}
