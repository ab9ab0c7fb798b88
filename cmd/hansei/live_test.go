package main

import (
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/reports"
)

func moment(elapsed time.Duration, phase string) harness.Progress {
	start := time.Date(2019, 11, 19, 1, 0, 0, 0, time.UTC)
	return harness.Progress{
		Elapsed: elapsed, Phase: phase, Start: start, End: start.Add(13 * time.Hour),
		Now: start.Add(elapsed * 600), Rate: 600, Accepted: 1204, Waiting: 803, Done: 401,
		Faults: 12, Left: 65 * time.Second,
	}
}

var tokyo = time.FixedZone("JST", 9*3600)

func TestALogGetsALineAtEachPhaseAndEveryTenSeconds(t *testing.T) {
	var b strings.Builder
	l := newLive(&b, tokyo)
	for s := range 25 {
		phase := "before"
		if s >= 6 {
			phase = "outage"
		}
		l.show(moment(time.Duration(s)*time.Second, phase))
	}
	l.end()
	l.show(moment(time.Hour, "after")) // too late: said nothing
	got := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(got) != 3 {
		t.Fatalf("%d lines, want those at 0, 6 and 16 s:\n%s", len(got), b.String())
	}
	want := "11:00:00 outage    8%  accepted 1,204, waiting 803, done 401, spare 0, " +
		"faults felt 12  (600x, 1m05s left)"
	if got[1] != want {
		t.Errorf("got  %q\nwant %q", got[1], want)
	}
	if strings.ContainsRune(b.String(), '\x1b') {
		t.Error("a log must not hold terminal codes")
	}
}

func TestATerminalGetsABlockThatIsErasedBeforeTheNext(t *testing.T) {
	var b strings.Builder
	l := newLive(&b, tokyo)
	l.redraw, l.width = true, func() int { return 60 }
	l.show(moment(0, "before"))
	p := moment(6*time.Second, "outage")
	p.Note = "fault connection-reset \x1b[2J injected"
	l.show(p)
	l.end()
	const up = "\x1b[2A\x1b[J"
	if n := strings.Count(b.String(), up); n != 2 {
		t.Errorf("erased %d times, want once before the note and once at the end: %q", n, b.String())
	}
	if !strings.HasSuffix(b.String(), up) {
		t.Errorf("the block is still there: %q", b.String())
	}
	if strings.Contains(b.String(), "\x1b[2J") {
		t.Error("a note wrote to the terminal")
	}
}

func TestNoLineOfTheBlockCanWrap(t *testing.T) {
	for _, width := range []int{20, 40, 80, 200} {
		for _, line := range block(moment(time.Minute, "outage"), tokyo, reports.Style{Unicode: true}, width) {
			if n := len([]rune(line)); n >= width {
				t.Errorf("%d columns on a terminal of %d: %s", n, width, line)
			}
		}
	}
}

func TestSpeaksUnicode(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		want bool
	}{
		{"nothing set", nil, true},
		{"the C locale", map[string]string{"LC_ALL": "C"}, false},
		{"UTF-8", map[string]string{"LANG": "ja_JP.UTF-8"}, true},
		{"LC_ALL wins", map[string]string{"LC_ALL": "POSIX", "LANG": "C.utf8"}, false},
	} {
		if got := speaksUnicode(func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestTheRepeatCommandCanBePasted(t *testing.T) {
	f := runFlags{
		planFlags: planFlags{seed: 7, scale: 0.5}, relay: "postfix", overlay: "it's mine.cf",
		speed: "auto",
	}
	want := `hansei run ex196121/kill --relay postfix --relay-config 'it'\''s mine.cf' ` +
		`--seed 7 --scale 0.5`
	if got := f.command("ex196121/kill"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"ex196121", "mo502273", "quiet-day"}
	for typed, want := range map[string]string{
		"ex19612": "ex196121", "quietday": "quiet-day", "MO502273": "mo502273",
	} {
		if got := nearest(typed, known); len(got) == 0 || got[0] != want {
			t.Errorf("nearest(%q) = %v, want %s first", typed, got, want)
		}
	}
}
