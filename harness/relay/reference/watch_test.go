package reference

import (
	"testing"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
)

// Where a SYN is never answered, all that waits is in the hands of workers: it is
// late all the same.
func TestMailInHandIsLateToo(t *testing.T) {
	now := time.Date(2024, 9, 12, 12, 0, 0, 0, time.UTC)
	frozen := clock.New(now, 0)
	s := &scheduler{clock: frozen, lanes: map[laneKey]*lane{}, hosts: map[string]*host{}}
	l := s.lane(laneKey{domain: "aspen.example"})
	came := func(id uint64, ago time.Duration) {
		s.put(l, entry{id: id, born: now.Add(-ago).UnixNano(), due: now.Add(-ago).UnixNano()})
	}
	came(1, 20*time.Minute)
	came(2, 10*time.Minute)
	came(3, time.Minute)
	for _, want := range []uint64{1, 2} {
		if e, ok := l.take(now.UnixNano()); !ok || e.id != want {
			t.Fatalf("took %v, %v; want message %d", e.id, ok, want)
		}
	}
	came(1, 20*time.Minute) // for recipients that the worker does not have
	if late, oldest := s.delayed(patience); late != 2 || oldest != 20*time.Minute {
		t.Errorf("%d late, the oldest for %s; want 2, 20m0s", late, oldest)
	}
	s.drop(task{lane: l, entry: entry{id: 1}}) // its other recipients wait on
	s.drop(task{lane: l, entry: entry{id: 2}})
	if late, oldest := s.delayed(patience); late != 1 || oldest != 20*time.Minute {
		t.Errorf("%d late, the oldest for %s; want 1, 20m0s", late, oldest)
	}
}
