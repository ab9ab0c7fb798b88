package forecast

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func TestEachScheduleWaitsAsItsRelayDoes(t *testing.T) {
	age := Retry{Kind: RetryAge, Min: 300, Max: 4000}
	list := Retry{Kind: RetryList, Waits: []float64{60, 120, 600}}
	double := Retry{Kind: RetryExponential, Min: 60, Factor: 2, Max: 600}
	square := Retry{Kind: RetrySquare, Unit: 400}
	for _, c := range []struct {
		r         Retry
		born, now float64
		tries     int
		want      float64
	}{
		{age, 0, 10, 1, 300}, {age, 0, 1000, 3, 1000}, {age, 0, 50_000, 9, 4000},
		{list, 0, 10, 1, 60}, {list, 0, 10, 3, 600}, {list, 0, 10, 99, 600},
		{double, 0, 0, 1, 60}, {double, 0, 0, 3, 240}, {double, 0, 0, 30, 600},
		{square, 0, 1, 1, 399}, {square, 100, 500, 2, 1200}, {square, 0, 99_999, 2, 1},
	} {
		if got := c.r.delay(c.born, c.now, c.tries); got != c.want {
			t.Errorf("%s, born %v, at %v, try %d: %v, want %v", c.r.Kind, c.born, c.now, c.tries,
				got, c.want)
		}
	}
}

// TestEximsRecordOfAHost follows Debian's rule: every 15 minutes for two hours,
// then an hour, and half as long again each time.
func TestEximsRecordOfAHost(t *testing.T) {
	d := exim().Dead
	var r record
	var gaps []float64
	for now := 0.0; len(gaps) < 12; {
		r = d.failed(r, now)
		gaps = append(gaps, (r.next-now)/60)
		now = r.next
	}
	want := []float64{15, 15, 15, 15, 15, 15, 15, 15, 60, 90, 135, 202.5}
	if !slices.Equal(gaps, want) {
		t.Errorf("gaps of %v minutes, want %v", gaps, want)
	}
}

func TestFourFailuresInARowSuspendADestinationOfPostfix(t *testing.T) {
	// 1/5 + 1/4 + 1/3 + 1/2 is the first sum above a cohort.
	if n := postfix().Dead.row(5); n != 4 {
		t.Errorf("after %v, want 4", n)
	}
}

func TestTheShippedModelsAreSoundAndSurviveTheirFile(t *testing.T) {
	for _, name := range ShippedNames() {
		m, err := Shipped(name)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ReadModel(data)
		if err != nil || !reflect.DeepEqual(back, m) {
			t.Errorf("%s: %v, read back as %+v", name, err, back)
		}
	}
	if _, err := ReadModel([]byte(`{"format":1,"lifetime":5}`)); err == nil {
		t.Error("a model with an unknown field was read")
	}
}

func TestARelaysOwnSettingsAreTaken(t *testing.T) {
	m, err := postfix().With(map[string]string{
		"maximal_backoff_time": "20m", "queue_run_delay": "120s", "maximal_queue_lifetime": "2d",
		"default_destination_concurrency_limit": "2", "something_else": "yes",
	})
	if err != nil || m.Retry.Max != 1200 || m.Retry.Scan != 120 || m.Lifetime != 2*day ||
		m.Concurrency.PerDestination != 2 || m.Concurrency.Initial != 2 {
		t.Errorf("%v: %+v", err, m)
	}
	if _, err := postfix().With(map[string]string{"queue_run_delay": "soon"}); err == nil {
		t.Error("a time that is none was taken")
	}
	m, err = reference().With(map[string]string{"retry": "1m0s, 2m30s, and so on", "total": "7"})
	if err != nil || !slices.Equal(m.Retry.Waits, []float64{60, 150}) || m.Concurrency.Total != 7 {
		t.Errorf("%v: %+v", err, m)
	}
}

func TestAlarmsComeInTheirOrder(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	var a alarms
	var want []int64
	for range 1000 {
		at := dice.Int64N(1 << 30)
		want = append(want, at)
		a.add(at, dice.IntN(1<<23))
	}
	slices.Sort(want)
	for _, w := range want {
		if at, _ := a.take(); at != w {
			t.Fatalf("%d, want %d", at, w)
		}
	}
	if a.soonest() != never {
		t.Error("an alarm is left")
	}
}

func TestTheWheelGivesBackWhatIsDueAndNotRemoved(t *testing.T) {
	const units = 500
	next, prev := make([]int32, units), make([]int32, units)
	w := newWheel(300_000, -117_000, 36_000_000, next, prev)
	dice := rand.New(rand.NewPCG(3, 4))
	due := map[int32]int64{}
	for u := range int32(units) {
		due[u] = dice.Int64N(30_000_000)
		w.put(u, due[u])
	}
	for u := int32(0); u < units; u += 3 {
		w.remove(u)
		delete(due, u)
	}
	for at := w.soonest(); at != never; at = w.soonest() {
		for u := w.take(); u != none; u = w.next[u] {
			if d, ok := due[u]; !ok || d > at || d <= at-300_000 {
				t.Fatalf("unit %d, due %d (%v), came at %d", u, d, ok, at)
			}
			delete(due, u)
		}
	}
	if len(due) > 0 {
		t.Errorf("%d never came", len(due))
	}
	var buffer bytes.Buffer
	if err := (&Forecast{Format: Format}).Write(&buffer); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(&buffer); err != nil {
		t.Fatal(err)
	}
}
