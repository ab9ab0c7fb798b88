package shrink

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

const (
	// longWait is how long nothing may happen before it is worth shortening.
	longWait = 10 * time.Minute
	// shortWait is what is left of it at best.
	shortWait = 5 * time.Minute
	// tries bounds the waits that are tried in one round, the longest first.
	tries = 12
)

// hours shortens the time in which nothing happens: all of a wait, or half.
func (h *hunt) hours() {
	given := map[time.Duration]bool{} // waits that proved to be needed
	for range tries {
		a, b, ok := longest(h.best, given)
		if !ok {
			return
		}
		wait := b.Sub(a)
		if h.try(h.with(func(s *scenarios.Scenario) { squeeze(s, a.Add(shortWait), b) })) {
			continue
		}
		half := a.Add(max(shortWait, (wait / 2).Truncate(time.Minute)))
		if !h.try(h.with(func(s *scenarios.Scenario) { squeeze(s, half, b) })) {
			given[wait] = true
		}
	}
}

// longest is the longest time between two moments of the scenario that was not
// seen to be needed.
func longest(s *scenarios.Scenario, given map[time.Duration]bool) (a, b time.Time, ok bool) {
	var all []time.Time
	moments(reflect.ValueOf(s).Elem(), func(m *scenarios.Moment) { all = append(all, m.Time) })
	slices.SortFunc(all, time.Time.Compare)
	for i := 1; i < len(all); i++ {
		wait := all[i].Sub(all[i-1])
		if wait > longWait && !given[wait] && wait > b.Sub(a) {
			a, b, ok = all[i-1], all[i], true
		}
	}
	return a, b, ok
}

// squeeze takes the time from a to b out of the scenario: what was later than b
// comes that much sooner. No moment lies between the two.
func squeeze(s *scenarios.Scenario, a, b time.Time) {
	*s = *copied(s)
	zone, day := s.Location(), s.From.Time.In(s.Location()).Format(time.DateOnly)
	moments(reflect.ValueOf(s).Elem(), func(m *scenarios.Moment) {
		if m.Time.Before(b) {
			return
		}
		m.Time = m.Time.Add(a.Sub(b))
		local := m.Time.In(zone)
		layout := "15:04"
		if local.Second() != 0 {
			layout = "15:04:05"
		}
		if local.Format(time.DateOnly) != day {
			layout = "2006-01-02 " + layout
		}
		m.Text = local.Format(layout)
	})
	slices.SortStableFunc(s.Messages, func(x, y scenarios.Message) int {
		return cmp.Or(x.At.Time.Compare(y.At.Time), cmp.Compare(len(x.ID), len(y.ID)),
			cmp.Compare(x.ID, y.ID))
	})
}

// copied is a scenario whose lists are its own.
func copied(s *scenarios.Scenario) *scenarios.Scenario {
	out := scenarios.Loose(s)
	forget(reflect.ValueOf(out).Elem())
	return out
}

// moments calls visit for every moment that is written in a part.
func moments(v reflect.Value, visit func(*scenarios.Moment)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			moments(v.Elem(), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			moments(v.Index(i), visit)
		}
	case reflect.Struct:
		if m, ok := v.Addr().Interface().(*scenarios.Moment); ok {
			if m.IsSet() {
				visit(m)
			}
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				moments(v.Field(i), visit)
			}
		}
	}
}
