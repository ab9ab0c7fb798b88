package scenarios

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// IsSet says whether the moment was written at all.
func (m Moment) IsSet() bool { return m.Text != "" }

// String is the moment as it was written.
func (m Moment) String() string { return m.Text }

// dayLayouts are complete; clockLayouts need the day of From.
var (
	dayLayouts   = []string{"2006-01-02 15:04", "2006-01-02 15:04:05"}
	clockLayouts = []string{"15:04", "15:04:05"}
)

// resolve sets Time from Text: a wall-clock time in the zone, on the given day
// where it names none. A time that the zone has twice is the earlier one.
func (m *Moment) resolve(zone *time.Location, day time.Time) error {
	text := m.Text
	for _, layout := range dayLayouts {
		if _, err := time.Parse(layout, text); err == nil {
			return m.set(layout, text, zone)
		}
	}
	for _, layout := range clockLayouts {
		if _, err := time.Parse(layout, text); err != nil {
			continue
		}
		if day.IsZero() {
			return fmt.Errorf("%q has no date", text)
		}
		return m.set("2006-01-02 "+layout, day.Format("2006-01-02 ")+text, zone)
	}
	return fmt.Errorf("%q is not a time", text)
}

func (m *Moment) set(layout, text string, zone *time.Location) error {
	t, err := time.ParseInLocation(layout, text, zone)
	if err != nil {
		return fmt.Errorf("reading %q: %w", text, err)
	}
	if t.Format(layout) != text {
		return fmt.Errorf("%q does not exist in %s: the clocks jump over it", text, zone)
	}
	if sooner := t.Add(-time.Hour); sooner.Format(layout) == text {
		t = sooner
	}
	m.Time = t
	return nil
}

// Duration is the span as the standard library has it.
func (s Span) Duration() time.Duration { return time.Duration(s) }

// String is the span in the largest units that fit, as a scenario writes it.
func (s Span) String() string {
	if s == 0 {
		return "0s"
	}
	d := time.Duration(s)
	var b strings.Builder
	if d < 0 {
		b.WriteByte('-')
		d = -d
	}
	for _, u := range spanUnits {
		if n := d / u.length; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10))
			b.WriteString(u.name)
			d -= n * u.length
		}
	}
	if d != 0 { // below a millisecond: only arithmetic can have made it
		return time.Duration(s).String()
	}
	return b.String()
}

// spanUnits are the units of a span, longest first.
var spanUnits = []struct {
	name   string
	length time.Duration
}{
	{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute},
	{"s", time.Second}, {"ms", time.Millisecond},
}

// ParseSpan reads a span such as "90s", "1h30m", "200ms" or "5d". Units go from
// long to short, each at most once; a day is 24 hours.
func ParseSpan(text string) (Span, error) {
	rest, total, last := text, 0.0, -1
	for rest != "" {
		number := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789."))]
		rest = rest[len(number):]
		unit := rest[:len(rest)-len(strings.TrimLeft(rest, "dhms"))]
		rest = rest[len(unit):]
		n, err := strconv.ParseFloat(number, 64)
		u := spanUnit(unit)
		if err != nil || u <= last {
			return 0, fmt.Errorf("%q is not a length of time", text)
		}
		last = u
		total += n * float64(spanUnits[u].length)
	}
	if last < 0 {
		return 0, fmt.Errorf("%q is not a length of time", text)
	}
	if total > float64(math.MaxInt64/2) {
		return 0, fmt.Errorf("%q is too long", text)
	}
	return Span(math.Round(total)), nil
}

func spanUnit(name string) int {
	for i, u := range spanUnits {
		if u.name == name {
			return i
		}
	}
	return -1
}

// Location is the scenario's time zone; UTC where the zone cannot be loaded,
// which Read does not let pass.
func (s *Scenario) Location() *time.Location {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}
