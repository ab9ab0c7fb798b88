package scenarios

import (
	"testing"
	"time"
)

func TestTimeOfDay(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*3600)
	first := time.Date(2019, 11, 19, 10, 0, 0, 0, tokyo)
	for _, c := range []struct {
		t    time.Time
		want string
	}{
		{first, "10:00"},
		{first.Add(13*time.Hour + 59*time.Minute), "23:59"},
		{first.Add(14 * time.Hour), "11-20 00:00"},
		{first.AddDate(1, 0, 0), "11-19 10:00"}, // another year's
		{time.Date(2019, 11, 19, 2, 0, 0, 0, time.UTC), "11:00"},
	} {
		if got := TimeOfDay(c.t, first); got != c.want {
			t.Errorf("%s is written %q, want %q", c.t, got, c.want)
		}
	}
}
