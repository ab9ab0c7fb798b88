package chart

import (
	"math"
	"strconv"
)

// Scale is an axis from 0 to a round number at or above highest, labelled by
// label; a nil label writes the plain number.
func Scale(highest float64, whole bool, label func(float64) string) Axis {
	if label == nil {
		label = func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	}
	if !(highest > 0) || math.IsInf(highest, 0) {
		return Axis{Until: 1, Ticks: []Tick{{Text: label(0)}}}
	}
	step := nice(highest / 4)
	if whole {
		step = max(1, step)
	}
	n := math.Ceil(highest/step - 1e-9)
	a := Axis{Until: n * step}
	for i := 0.0; i <= n; i++ {
		a.Ticks = append(a.Ticks, Tick{
			At: i * step, Text: label(i * step), Minor: int(n-i)%2 == 1,
		})
	}
	return a
}

// nice is the round number at or above v: 1, 2, 2.5 or 5 times a power of ten.
func nice(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if v <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}
