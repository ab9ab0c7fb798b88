package forecast

import (
	"time"

	"github.com/hansei-mail/hansei/scenarios"
)

// rate is how many messages a second a route asks for, linear between points
// whose moments are in seconds; the curve's days are laid over the scenario as
// the plan lays them.
type rate struct{ at, per, sum []float64 }

func newRate(w *world, r scenarios.Route) rate {
	s := w.scenario
	peak := r.Peak * w.header.Scale * w.growth / 3600
	minutes, shares := s.Curves[r.Curve].Minutes()
	zone := s.Location()
	year, month, date := s.From.Time.In(zone).Date()
	var all rate
	for n := 0; ; n++ {
		for i, minute := range minutes {
			t := time.Date(year, month, date+n, 0, minute, 0, 0, zone)
			all.add(seconds(t.Sub(s.From.Time)), shares[i]*peak)
		}
		if all.at[len(all.at)-1] >= w.length {
			break
		}
	}
	var out rate
	out.add(0, all.value(0))
	for i, at := range all.at {
		if at > 0 && at < w.length {
			out.add(at, all.per[i])
		}
	}
	out.add(w.length, all.value(w.length))
	out.sum = make([]float64, len(out.at))
	for i := 1; i < len(out.at); i++ {
		out.sum[i] = out.sum[i-1] + (out.per[i-1]+out.per[i])/2*(out.at[i]-out.at[i-1])
	}
	return out
}

func (r *rate) add(at, per float64) {
	// Times that the clocks jump over fall together; the later point holds.
	if n := len(r.at); n > 0 && at <= r.at[n-1] {
		r.per[n-1] = per
		return
	}
	r.at, r.per = append(r.at, at), append(r.per, per)
}

// value is the rate at a moment.
func (r *rate) value(t float64) float64 {
	if t <= r.at[0] {
		return r.per[0]
	}
	for i := 1; i < len(r.at); i++ {
		if t <= r.at[i] {
			part := (t - r.at[i-1]) / (r.at[i] - r.at[i-1])
			return r.per[i-1] + part*(r.per[i]-r.per[i-1])
		}
	}
	return 0
}

// until is how many messages are due before a moment.
func (r *rate) until(t float64) float64 {
	for i := 1; i < len(r.at); i++ {
		if t <= r.at[i] || i == len(r.at)-1 {
			x := min(t, r.at[i]) - r.at[i-1]
			slope := (r.per[i] - r.per[i-1]) / (r.at[i] - r.at[i-1])
			return r.sum[i-1] + r.per[i-1]*x + slope*x*x/2
		}
	}
	return 0
}

func (r *rate) total() float64 { return r.sum[len(r.sum)-1] }
