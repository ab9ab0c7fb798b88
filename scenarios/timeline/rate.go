package timeline

import (
	"math"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

// rate is how many submissions a second a route asks for over the scenario:
// linear between points, whose offsets are in seconds.
type rate struct {
	at, per []float64
	// sum[i] is how many submissions are due before point i.
	sum []float64
}

// newRate lays the curve's days over the scenario. Each point is a wall-clock
// time of its day, so on a day with a change of the clocks the hours of the
// curve are stretched as people's hours are.
func newRate(s *scenarios.Scenario, r scenarios.Route, scale float64) rate {
	peak := float64(r.Peak*scale) / 3600
	minutes, shares := s.Curves[r.Curve].Minutes()
	zone := s.Location()
	length := s.FullLength().Seconds()
	var all rate
	day := s.From.Time.In(zone)
	year, month, date := day.Date()
	for n := 0; ; n++ {
		for i, minute := range minutes {
			t := time.Date(year, month, date+n, 0, minute, 0, 0, zone)
			at := t.Sub(s.From.Time).Seconds()
			all.add(at, float64(shares[i]*peak))
		}
		if all.at[len(all.at)-1] >= length {
			return all.cut(length)
		}
	}
}

func (r *rate) add(at, per float64) {
	// Times that the clocks jump over fall together; the later point holds.
	if n := len(r.at); n > 0 && at <= r.at[n-1] {
		r.per[n-1] = per
		return
	}
	r.at, r.per = append(r.at, at), append(r.per, per)
}

// cut is the part from 0 to length, with its sums.
func (r *rate) cut(length float64) rate {
	var out rate
	out.add(0, r.value(0))
	for i, at := range r.at {
		if at > 0 && at < length {
			out.add(at, r.per[i])
		}
	}
	out.add(length, r.value(length))
	out.sum = make([]float64, len(out.at))
	for i := 1; i < len(out.at); i++ {
		mean := (out.per[i-1] + out.per[i]) / 2
		out.sum[i] = out.sum[i-1] + float64(mean*(out.at[i]-out.at[i-1]))
	}
	return out
}

func (r *rate) value(at float64) float64 {
	if at <= r.at[0] {
		return r.per[0]
	}
	for i := 1; i < len(r.at); i++ {
		if at <= r.at[i] {
			part := (at - r.at[i-1]) / (r.at[i] - r.at[i-1])
			return r.per[i-1] + float64(part*(r.per[i]-r.per[i-1]))
		}
	}
	return r.per[len(r.per)-1]
}

func (r *rate) total() float64 { return r.sum[len(r.sum)-1] }

// before is how many submissions are due before an offset.
func (r *rate) before(at float64) float64 {
	i := 0
	for i+2 < len(r.at) && r.at[i+1] <= at {
		i++
	}
	mean := (r.per[i] + r.value(at)) / 2
	return r.sum[i] + float64(mean*(at-r.at[i]))
}

// when is the offset at which the cumulative rate reaches due, looking from
// point i on; it returns the point before it, to go on from there.
func (r *rate) when(due float64, i int) (time.Duration, int) {
	for i+2 < len(r.sum) && r.sum[i+1] <= due {
		i++
	}
	// due = sum + a·x + b·x²/2 with the rate a and its slope b, solved for x in
	// the form that does not cancel when b is small.
	a := r.per[i]
	b := (r.per[i+1] - a) / (r.at[i+1] - r.at[i])
	c := due - r.sum[i]
	root := math.Sqrt(max(0, float64(a*a)+float64(2*b*c)))
	x := 0.0
	if c > 0 {
		x = 2 * c / (a + root)
	}
	at := min(r.at[i]+x, r.at[i+1])
	// Milliseconds are finer than any relay's log, and the same on every machine
	// even where the last bit of a logarithm is not.
	return time.Duration(at*1000) * time.Millisecond, i
}
