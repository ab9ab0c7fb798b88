package forecast

import (
	"testing"
	"time"

	"github.com/hansei-mail/hansei/scenarios/catalog"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

func TestQuick(t *testing.T) {
	s, err := catalog.Load("ex196121")
	if err != nil {
		t.Fatal(err)
	}
	tl, _ := timeline.Plan(s, timeline.Options{Seed: 1})
	c := Case{Scenario: s, Timeline: tl}
	for _, name := range ShippedNames() {
		m, _ := Shipped(name)
		if err := m.Check(); err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(4) {
			w, err := newWorld(c)
			if err != nil {
				t.Fatal(err)
			}
			if m.Retry.Scan > 0 {
				m.Retry.Phase = float64(180 + 40*seed)
			}
			begin := time.Now()
			f := newEvents(w, &m, w.plannedLoad(c), seed).run().figures()
			t.Logf("%s: peak %v drain %v atheal %v attempts %v failed %v oldest %v left %v conn %v disk %v files %v spare %v pairs %v permin %v %v", name, f.Peak, f.Drain, f.AtHeal, f.Attempts, f.Failed, f.Oldest, f.Left, f.Connections, f.Disk, f.Files, f.Spare, f.Pairs, f.PerMinute, time.Since(begin))
		}
	}
	tl, _ = timeline.Plan(s, timeline.Options{Seed: 1, Scale: 1000})
	c.Timeline = tl
	w, _ := newWorld(c)
	for _, name := range []string{"postfix", "reference"} {
		m, _ := Shipped(name)
		m.Service.Message = 0.02
		m.Service.Session = 0
		m.Concurrency.Total = 10000
		begin := time.Now()
		l := w.drawnLoad(1)
		drawn := time.Since(begin)
		f := newEvents(w, &m, l, 1).run().figures()
		t.Logf("%s: %d messages in %v (drawn %v): %.2f M/s; peak %v drain %v att %v", name, len(l.at), time.Since(begin), drawn, float64(len(l.at))/1e6/time.Since(begin).Seconds(), f.Peak, f.Drain, f.Attempts)
	}
}
