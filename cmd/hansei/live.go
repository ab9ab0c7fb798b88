package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/reports"
)

// plainEvery is how often a run that nobody watches says where it is.
const plainEvery = 10 * time.Second

// live tells how a run goes while it goes: on a terminal one block that is drawn
// again and again, elsewhere a line at each change of phase and every
// plainEvery. It writes to standard error; the result is for standard output.
type live struct {
	out  io.Writer
	zone *time.Location
	// when is the time of the incident at an offset, where waiting is left out.
	when   func(time.Duration) time.Time
	style  reports.Style
	redraw bool
	width  func() int

	mu    sync.Mutex
	drawn int // lines of the block now on the screen
	phase string
	last  time.Duration
	over  bool
}

func newLive(out io.Writer, zone *time.Location) *live {
	l := &live{out: out, zone: zone, style: styleOf(out), width: func() int { return 80 }}
	if isTerminal(out) && os.Getenv("TERM") != "dumb" {
		l.redraw = true
		l.width = func() int {
			width, _, err := term.GetSize(int(out.(*os.File).Fd()))
			if err != nil || width < 20 {
				return 80
			}
			return width
		}
	}
	return l
}

// show is told the progress by the harness, a few times a wall second.
func (l *live) show(p harness.Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return
	}
	if l.when != nil { // all three, so that what is done of the whole stays right
		skipped := l.when(p.Now.Sub(p.Start)).Sub(p.Now)
		p.Now, p.Start, p.End = p.Now.Add(skipped), p.Start.Add(skipped), p.End.Add(skipped)
	}
	if p.Note != "" && p.Note != "phase "+p.Phase { // the line below says the phase
		l.write(p.Now.In(l.zone).Format("15:04:05") + "  " + p.Note)
	}
	switch {
	case l.redraw:
		l.erase()
		lines := block(p, l.zone, l.style, l.width())
		fmt.Fprint(l.out, strings.Join(lines, "\n"), "\n")
		l.drawn = len(lines)
	case p.Phase != l.phase || p.Elapsed-l.last >= plainEvery:
		l.phase, l.last = p.Phase, p.Elapsed
		fmt.Fprintln(l.out, oneLine(p, l.zone))
	}
}

// note writes a line that stays.
func (l *live) note(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write(text)
}

// interrupted answers the first signal.
func (l *live) interrupted() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over {
		l.write("ending the run in good order; interrupt once more to end it at once")
	}
}

// end takes the block away and says nothing from then on.
func (l *live) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.erase()
	l.over = true
}

func (l *live) write(text string) {
	l.erase()
	fmt.Fprintln(l.out, reports.Escape(text))
}

// erase moves the cursor up over the block and clears to the end of the screen
// (ECMA-48 CUU and ED).
func (l *live) erase() {
	if l.drawn > 0 {
		fmt.Fprintf(l.out, "\x1b[%dA\x1b[J", l.drawn)
		l.drawn = 0
	}
}

// oneLine is the progress for a log.
func oneLine(p harness.Progress, zone *time.Location) string {
	return fmt.Sprintf("%s %-7s %3.0f%%  accepted %s, waiting %s, done %s, spare %s, "+
		"faults felt %s  (%.0fx, %s left)",
		p.Now.In(zone).Format("15:04:05"), reports.Escape(p.Phase), 100*along(p),
		reports.Count(p.Accepted), reports.Count(p.Waiting), reports.Count(p.Done),
		reports.Count(p.Spare), reports.Count(p.Faults), p.Rate, reports.Span(round(p.Left)))
}

// block is the progress for a terminal: a bar, and the counts below it.
func block(p harness.Progress, zone *time.Location, s reports.Style, width int) []string {
	head := fmt.Sprintf("%s  %-7s", p.Now.In(zone).Format("15:04:05 MST"), reports.Escape(p.Phase))
	tail := fmt.Sprintf("%3.0f%%  %.0fx  %s left", 100*along(p), p.Rate, reports.Span(round(p.Left)))
	full, empty := "#", "."
	if s.Unicode {
		full, empty = "█", "░"
	}
	room := min(40, max(0, width-len(head)-len(tail)-5))
	done := int(along(p) * float64(room))
	bar := strings.Repeat(full, done) + strings.Repeat(empty, room-done)
	counts := fmt.Sprintf("accepted %s  waiting %s  done %s  spare %s  faults felt %s",
		reports.Count(p.Accepted), reports.Count(p.Waiting), reports.Count(p.Done),
		reports.Count(p.Spare), reports.Count(p.Faults))
	return []string{fit(head+"  "+bar+"  "+tail, width), fit(counts, width)}
}

// fit keeps a line from wrapping: a wrapped one could not be erased.
func fit(line string, width int) string {
	runes := []rune(line)
	if len(runes) < width {
		return line
	}
	return string(runes[:width-1])
}

// along is how much of the scenario is over, 0 to 1.
func along(p harness.Progress) float64 {
	whole := p.End.Sub(p.Start)
	if whole <= 0 {
		return 0
	}
	return max(0, min(1, float64(p.Now.Sub(p.Start))/float64(whole)))
}

func round(d time.Duration) time.Duration { return max(0, d.Round(time.Second)) }
