package scenarios

import (
	"cmp"
	"reflect"
	"slices"
	"time"
)

// Stretch is a part of the scenario in full offsets, both ends included.
type Stretch struct{ From, Until time.Duration }

// quietDrain is how long after the heal nothing is steady where no drain is
// promised.
const quietDrain = time.Hour

// Unsteady are the stretches in which something happens, sorted: a moment that
// the scenario names, a share or limit on its way from one value to another,
// the promised drain, mail that is held back by the clock. What lies between
// them is waiting. The ends of the scenario count too.
func (s *Scenario) Unsteady() []Stretch {
	u := &unsteady{s: s}
	u.add(s.From.Time, s.From.Time)
	u.add(s.Until.Time, s.Until.Time)
	drain := quietDrain
	if d := s.Expect.Drain; d != nil {
		drain = d.Within.Duration()
	}
	u.add(s.Outage.Heal.Time, s.Outage.Heal.Time.Add(drain))
	for _, f := range s.Faults {
		u.fault(f)
	}
	all := reflect.ValueOf(s).Elem()
	for i := range all.NumField() {
		field := all.Type().Field(i)
		if field.IsExported() && field.Name != "Gaps" && field.Name != "Variants" {
			u.moments(all.Field(i))
		}
	}
	slices.SortFunc(u.all, func(a, b Stretch) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Until, b.Until))
	})
	return u.all
}

type unsteady struct {
	s   *Scenario
	all []Stretch
}

func (u *unsteady) add(from, until time.Time) {
	start := u.s.From.Time
	u.all = append(u.all, Stretch{from.Sub(start), until.Sub(start)})
}

// moments adds every moment of a part, whatever part that is: a new part of the
// language needs no new code here.
func (u *unsteady) moments(part reflect.Value) {
	switch part.Kind() {
	case reflect.Struct:
		if m, ok := part.Interface().(Moment); ok {
			if m.IsSet() {
				u.add(m.Time, m.Time)
			}
			return
		}
		for i := range part.NumField() {
			if part.Type().Field(i).IsExported() {
				u.moments(part.Field(i))
			}
		}
	case reflect.Slice:
		for i := range part.Len() {
			u.moments(part.Index(i))
		}
	case reflect.Pointer:
		if !part.IsNil() {
			u.moments(part.Elem())
		}
	}
}

// fault adds what goes on between a fault's moments.
func (u *unsteady) fault(f Fault) {
	for i := 1; i < len(f.Share); i++ {
		if a, b := f.Share[i-1], f.Share[i]; f.Shape != Step && a.Is != b.Is {
			u.add(a.At.Time, b.At.Time)
		}
	}
	for i := 1; i < len(f.Cap); i++ {
		if a, b := f.Cap[i-1], f.Cap[i]; f.Shape != Step && a.Is != b.Is {
			u.add(a.At.Time, b.At.Time)
		}
	}
	end := u.s.Until.Time
	if f.Heal.IsSet() {
		end = f.Heal.Time
	}
	switch f.Do {
	case Hold: // each message comes so long after it was taken
		u.add(f.From.Time, end.Add(f.Delay.Duration()))
	case Quarantine: // it is given back over so long a time
		u.add(end, end.Add(f.Delay.Duration()))
	}
}

// WavesIn are the periods of the waves that go on in a stretch, sorted, each
// once. A gap keeps their beat only where it leaves out whole periods.
func (s *Scenario) WavesIn(part Stretch) []time.Duration {
	var periods []time.Duration
	for _, f := range s.Faults {
		from, heal := f.From.Time.Sub(s.From.Time), s.FullLength()
		if f.Heal.IsSet() {
			heal = f.Heal.Time.Sub(s.From.Time)
		}
		if f.Wave != nil && from < part.Until && heal > part.From {
			periods = append(periods, f.Wave.Period.Duration())
		}
	}
	slices.Sort(periods)
	return slices.Compact(periods)
}
