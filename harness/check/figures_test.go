package check

import (
	"testing"
	"time"
)

func TestFigures(t *testing.T) {
	f := Judge(given(), healthy().all()).Figures
	if f.Offered != 240 || f.Accepted != 240 || f.Dirty != 9 || f.Pairs != 323 ||
		f.Delivered != 323 || f.SpareDue != 166 || f.Spare != 166 || f.FailedAttempts != 30 {
		t.Errorf("counts: %+v", f)
	}
	took := 10*time.Minute + 142200*time.Millisecond
	if f.Drain.Pairs != 60 || f.Drain.Left != 0 || f.Drain.Took != took {
		t.Errorf("drain: %+v", f.Drain)
	}
	// The backlog is the 60 pairs of 30 messages of the outage, and the two of
	// one message that is on its way when the first of them go out.
	if f.Backlog.Peak != 62 || f.Backlog.Bytes != 31*1000 || f.Backlog.Msg != "m91" {
		t.Errorf("backlog: %+v", f.Backlog)
	}
	if len(f.Phases) != 4 || f.Phases[1].Name != "outage" || f.Phases[1].From != outageAt ||
		f.Phases[2].Until != healAt+time.Hour {
		t.Errorf("phases: %+v", f.Phases)
	}
}

func TestBins(t *testing.T) {
	f := Judge(given(), healthy().all()).Figures
	if len(f.Bins) > maxBins || len(f.Bins) < maxBins/2 {
		t.Fatalf("%d bins of %s", len(f.Bins), f.Bin)
	}
	accepted, delivered, spare, failed, peak := 0, 0, 0, 0, 0
	for i, b := range f.Bins {
		if b.T != time.Duration(i)*f.Bin {
			t.Fatalf("bin %d begins at %s", i, b.T)
		}
		accepted, delivered = accepted+b.Accepted, delivered+b.Delivered
		spare, failed = spare+b.Spare, failed+b.Failed
		peak = max(peak, b.Affected)
	}
	if accepted != f.Pairs || delivered != f.Delivered || spare != f.Spare || failed != 30 {
		t.Errorf("sums: %d %d %d %d", accepted, delivered, spare, failed)
	}
	if peak != 60 || f.Bins[len(f.Bins)-1].Backlog != 0 {
		t.Errorf("peak %d, in the end %d", peak, f.Bins[len(f.Bins)-1].Backlog)
	}
}

// Whoever lost a pair does not hold it any more.
func TestLostPairsAreNoBacklog(t *testing.T) {
	h := healthy()
	h.drop(atTenant)
	f := Judge(given(), h.all()).Figures
	if last := f.Bins[len(f.Bins)-1]; f.Lost != 2 || last.Backlog != 0 || f.Backlog.Msg == "m91" {
		t.Errorf("%d lost, in the end %+v, oldest %s", f.Lost, last, f.Backlog.Msg)
	}
}

func TestLatencyIsOfSomethingSeen(t *testing.T) {
	var l latencies
	for i := 200; i >= 1; i-- {
		l.add(time.Duration(i))
	}
	if s := l.summary(); s != (Latency{Count: 200, P50: 100, P99: 198, Max: 200}) {
		t.Errorf("%+v", s)
	}
	var one latencies
	if one.add(7); one.summary() != (Latency{Count: 1, P50: 7, P99: 7, Max: 7}) {
		t.Errorf("%+v", one.summary())
	}
	if s := (&latencies{}).summary(); s != (Latency{}) {
		t.Errorf("%+v", s)
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 340 * time.Millisecond: "340ms", 1500 * time.Millisecond: "1.5s",
		65 * time.Second: "1m05s", time.Hour: "1h", 9*time.Hour + 30*time.Minute: "9h30m",
		50 * time.Hour: "2d02h", -time.Minute: "-1m", forever: "never",
	} {
		if got := span(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
	if count(1234567) != "1,234,567" || count(-1000) != "-1,000" || many(1, "copy") != "1 copy" ||
		many(2000, "copy") != "2,000 copies" || percent(1, 3) != "33.33 %" ||
		percent(99999, 100000) != "99.99 %" {
		t.Error(count(1234567), count(-1000), many(1, "copy"), many(2000, "copy"), percent(1, 3))
	}
}
