package scenarios

import (
	"fmt"
	"strings"
	"time"
)

// Gap is a stretch of waiting that is left out when the scenario is played:
// the clock goes from From straight on to what happened at Until. Everything
// else keeps its own time of day, and its distance to what is beside it.
type Gap struct {
	From  Moment `yaml:"from"`
	Until Moment `yaml:"until"`
}

// Start is the moment from which all offsets count, in UTC.
func (s *Scenario) Start() time.Time { return s.From.Time.UTC() }

// Offset is how long after the scenario's start the moment is, as it is played:
// what is left out before it does not count.
func (s *Scenario) Offset(m Moment) time.Duration { return s.Played(m.Time.Sub(s.From.Time)) }

// Length is how long the scenario is played.
func (s *Scenario) Length() time.Duration { return s.Offset(s.Until) }

// FullLength is how long it lasted, whatever is left out.
func (s *Scenario) FullLength() time.Duration { return s.Until.Time.Sub(s.From.Time) }

// Played is the offset at which the scenario is played what happened at a full
// offset. A moment within a gap is played where the gap is.
func (s *Scenario) Played(full time.Duration) time.Duration {
	left := time.Duration(0)
	for _, c := range s.Gaps {
		from, until := c.From.Time.Sub(s.From.Time), c.Until.Time.Sub(s.From.Time)
		if full <= from {
			break
		}
		left += min(full, until) - from
	}
	return full - left
}

// Skipped says whether a full offset lies in a gap, and is not played at all.
func (s *Scenario) Skipped(full time.Duration) bool {
	at := s.From.Time.Add(full)
	for _, c := range s.Gaps {
		if !at.Before(c.From.Time) && at.Before(c.Until.Time) {
			return true
		}
	}
	return false
}

// When is the time of the incident that is played at an offset.
func (s *Scenario) When(played time.Duration) time.Time {
	return s.From.Time.Add(played + s.LeftOut(played))
}

// LeftOut is how much is left out before an offset of what is played.
func (s *Scenario) LeftOut(played time.Duration) time.Duration {
	left := time.Duration(0)
	for _, c := range s.Gaps {
		if s.From.Time.Add(played + left).Before(c.From.Time) {
			break
		}
		left += c.Until.Time.Sub(c.From.Time)
	}
	return left
}

// GapWords says what is left out, such as "13h played as 7h50m: 12:30–17:40 left
// out"; empty where nothing is.
func (s *Scenario) GapWords() string {
	if len(s.Gaps) == 0 {
		return ""
	}
	layout := "15:04"
	if s.FullLength() > 24*time.Hour {
		layout = "01-02 15:04"
	}
	parts := make([]string, len(s.Gaps))
	for i, c := range s.Gaps {
		parts[i] = c.From.Time.Format(layout) + "–" + c.Until.Time.Format(layout)
	}
	words := fmt.Sprintf("%s played as %s: %s left out", Span(s.FullLength()), Span(s.Length()),
		strings.Join(parts, ", "))
	if b := s.Expect.NoEarlyBounce; b != nil && b.Lifetime.Duration() > s.Length() &&
		b.Lifetime.Duration() <= s.FullLength() {
		words += fmt.Sprintf("; no message gets as old as the lifetime of %s", b.Lifetime)
	}
	return words
}

// WithGaps is the scenario with stretches of waiting left out. The result's Text
// names them, so that a run folder needs nothing but that text.
func (s *Scenario) WithGaps(gaps []Gap) (*Scenario, error) {
	if len(gaps) == 0 {
		return s, nil
	}
	if len(s.Gaps) > 0 {
		return nil, fmt.Errorf("leaving waiting out of %s: it has gaps already", s.Name)
	}
	if s.text == nil { // made by a program: there is no text to keep in step
		out := *s
		out.Gaps = gaps
		return &out, out.Validate()
	}
	out, err := Read(s.file, s.withGapLines(gaps))
	if err != nil {
		return nil, fmt.Errorf("naming the gaps in the text of %s: %w", s.Name, err)
	}
	return out, nil
}

// withGapLines is the scenario's text with lines that name the gaps.
func (s *Scenario) withGapLines(gaps []Gap) []byte {
	text := s.Text()
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	indent := strings.Repeat(" ", s.indent)
	text = fmt.Appendf(text, "%sgaps:\n", indent)
	for _, c := range gaps {
		text = fmt.Appendf(text, "%s  - {from: %q, until: %q}\n", indent, c.From.Text, c.Until.Text)
	}
	return text
}

// MomentAt is a moment of the scenario's zone as its text would have it; ok is
// false where no text names that time: within a minute, or in the second of two
// hours with the same name.
func (s *Scenario) MomentAt(t time.Time) (m Moment, ok bool) {
	t = t.In(s.Location())
	m = Moment{Text: t.Format("2006-01-02 15:04")}
	err := m.resolve(s.Location(), time.Time{})
	return m, err == nil && m.Time.Equal(t)
}
