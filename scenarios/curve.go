package scenarios

import (
	"strconv"
	"strings"
)

// minutesADay is how many minutes a curve has.
const minutesADay = 24 * 60

// minuteOf reads a time of day, "00:00" to "24:00".
func minuteOf(text string) (int, bool) {
	hour, minute, ok := strings.Cut(text, ":")
	if !ok || len(hour) > 2 || len(hour) == 0 || len(minute) != 2 {
		return 0, false
	}
	h, err := strconv.ParseUint(hour, 10, 8)
	m, err2 := strconv.ParseUint(minute, 10, 8)
	if err != nil || err2 != nil || m > 59 || h*60+m > minutesADay {
		return 0, false
	}
	return int(h*60 + m), true
}

// Minutes is the curve's points as minutes of the day and shares of the peak,
// complete from 0 to 1440: the day before and after is taken to be the same, so
// the night is one line from the last point to the first. An empty curve is 1
// all day.
func (c Curve) Minutes() (minutes []int, shares []float64) {
	if len(c) == 0 {
		return []int{0, minutesADay}, []float64{1, 1}
	}
	add := func(minute int, share float64) {
		minutes, shares = append(minutes, minute), append(shares, share)
	}
	first, _ := minuteOf(c[0].At)
	last, _ := minuteOf(c[len(c)-1].At)
	from, to := c[len(c)-1].Is, c[0].Is
	midnight := to
	if gap := minutesADay - last + first; gap > 0 {
		midnight = from + (to-from)*float64(minutesADay-last)/float64(gap)
	}
	if first > 0 {
		add(0, midnight)
	}
	for _, p := range c {
		minute, _ := minuteOf(p.At)
		add(minute, p.Is)
	}
	if last < minutesADay {
		add(minutesADay, midnight)
	}
	return minutes, shares
}
