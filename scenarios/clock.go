package scenarios

import "time"

// TimeOfDay is how a moment of an incident is written for people: the time of
// day, with its date where that is another than the first moment's.
func TimeOfDay(t, first time.Time) string {
	t = t.In(first.Location())
	if t.Year() == first.Year() && t.YearDay() == first.YearDay() {
		return t.Format("15:04")
	}
	return t.Format("01-02 15:04")
}
