package check

import (
	"testing"
	"time"
)

func TestWallTimeFollowsTheClocksCourse(t *testing.T) {
	c := speeds{{time.Minute, 600}, {11 * time.Minute, 60}, {12 * time.Minute, 1200}}
	for _, row := range []struct{ from, to, want time.Duration }{
		{0, 30 * time.Second, 30 * time.Second},
		{2 * time.Minute, 4 * time.Minute, 200 * time.Millisecond},
		{0, 11 * time.Minute, 61 * time.Second},
		{10 * time.Minute, 12 * time.Minute, 1100 * time.Millisecond},
		{12 * time.Minute, 14 * time.Minute, 100 * time.Millisecond},
		{5 * time.Minute, 5 * time.Minute, 0},
	} {
		if got := c.wall(row.from, row.to); got != row.want {
			t.Errorf("%s to %s: %s of the wall, not %s", row.from, row.to, got, row.want)
		}
	}
	if got := (speeds{}).wall(0, time.Hour); got != time.Hour {
		t.Errorf("with no rate known an hour is %s", got)
	}
}
