package reference

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/relay"
)

const (
	// earlyGrace covers the rounding of the log's time stamps.
	earlyGrace = 10 * time.Millisecond
	// lateGrace is what a busy machine may add: scenario time, and wall time
	// at the clock's rate.
	lateGrace     = time.Minute
	lateGraceWall = time.Second
)

// Retries reads the relay's log: each attempt after a deferral has to begin
// when that deferral said. Earlier is true only of a release (the destination
// is back), later only where mail had to wait for room or for a destination
// that was being left in peace; the log says so of each attempt.
func (i *instance) Retries(ctx context.Context) (relay.Retries, error) {
	found := relay.Retries{Rule: fmt.Sprintf(
		"an attempt follows a deferral after %s (±%g %%; spare: %s), or as soon as the destination "+
			"answers again, or when a held destination or a full window lets it",
		waits(i.settings.Retry), 100*i.settings.Jitter, waits(i.settings.SpareRetry))}
	file, err := os.Open(filepath.Join(i.world.Dir, filepath.FromSlash(logName)))
	if err != nil {
		return found, fmt.Errorf("reading the relay's log: %w", err)
	}
	defer file.Close()
	due := map[string]time.Time{} // by message, lane and recipient
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if err := ctx.Err(); err != nil {
			return found, err
		}
		readAttempt(lines.Text(), due, &found)
	}
	if err := lines.Err(); err != nil {
		return found, fmt.Errorf("reading the relay's log: %w", err)
	}
	return found, nil
}

// readAttempt takes one line into account.
func readAttempt(line string, due map[string]time.Time, found *relay.Retries) {
	event, fields := parseLine(line)
	switch event {
	case "start", "resume":
		wasDown(line, due)
		return
	case "clock-step":
		// Stamps before and after do not compare.
		clear(due)
		return
	case "delivered", "copied", "deferred", "bounced":
	default:
		return
	}
	began, err := time.Parse(stampFormat, fields["began"])
	if err != nil {
		return // grown too old: no attempt
	}
	key := fields["id"] + " " + fields["lane"] + " " + fields["to"]
	if planned, again := due[key]; again {
		compareTimes(planned, began, fields, found)
	}
	delete(due, key)
	if next, err := time.Parse(stampFormat, fields["next"]); err == nil {
		due[key] = next
	}
}

// wasDown: what was due while no relay ran is due at its start.
func wasDown(line string, due map[string]time.Time) {
	stamped, _, _ := strings.Cut(line, " ")
	if _, fields := parseLine(line); fields["at"] != "" {
		stamped = fields["at"] // the stamp is the wall clock's, which may be off
	}
	start, err := time.Parse(stampFormat, stamped)
	if err != nil {
		return
	}
	for key, planned := range due {
		if planned.Before(start) {
			due[key] = start
		}
	}
}

func compareTimes(planned, began time.Time, fields map[string]string, found *relay.Retries) {
	found.Intervals++
	off := began.Sub(planned)
	rate, _ := strconv.ParseFloat(fields["rate"], 64)
	grace := lateGrace + time.Duration(rate*float64(lateGraceWall))
	switch {
	case off < -earlyGrace && fields["why"] != "release":
		found.Early++
		found.WorstEarly = max(found.WorstEarly, -off)
	case off > grace && fields["why"] == "schedule":
		found.Late++
		found.WorstLate = max(found.WorstLate, off)
	}
}

// parseLine takes a line of the log apart.
func parseLine(line string) (event string, fields map[string]string) {
	_, line, _ = strings.Cut(line, " ")
	event, line, _ = strings.Cut(line, " ")
	fields = map[string]string{}
	for line != "" {
		name, rest, ok := strings.Cut(line, "=")
		if !ok {
			break
		}
		value := rest
		if strings.HasPrefix(rest, `"`) {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				break
			}
			value, _ = strconv.Unquote(quoted)
			line = strings.TrimPrefix(rest[len(quoted):], " ")
		} else {
			value, line, _ = strings.Cut(rest, " ")
		}
		fields[name] = value
	}
	return event, fields
}
