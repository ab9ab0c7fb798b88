package check

import (
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

func TestWallTimeFollowsTheClocksCourse(t *testing.T) {
	var c speeds
	for _, e := range []evidence.Event{
		{T: time.Minute, Rate: 600}, {T: 11 * time.Minute, Rate: 60}, {T: 12 * time.Minute, Rate: 1200},
	} {
		c.see(&e)
	}
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
