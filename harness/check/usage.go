package check

import (
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

// resource is one figure of the relay's samples: its name there, what people
// call it, and the floor below which it is no use to compare (the noise of
// allocators, of database pages, of a log that is opened anew).
type resource struct {
	key, name string
	floor     float64
	bytes     bool
}

// The resources, in the order in which they are told.
var resources = [...]resource{
	{key: "rss", name: "memory", floor: 16 << 20, bytes: true},
	{key: "disk_bytes", name: "disk", floor: 1 << 20, bytes: true},
	{key: "disk_files", name: "files on disk", floor: 16},
	{key: "open_files", name: "open files", floor: 16},
	{key: "processes", name: "processes", floor: 4},
}

// used is one sample of all resources.
type used struct {
	t      time.Duration
	values [len(resources)]float64
}

// usage is what the relay used of the machine: a run has some hundred samples.
type usage struct{ samples []used }

// see takes in a sample of the relay.
func (u *usage) see(e *evidence.Event) {
	if e.Kind != evidence.KindSample || e.Name != "relay" {
		return
	}
	s := used{t: e.T}
	for i, r := range resources {
		s.values[i] = e.Values[r.key]
	}
	u.samples = append(u.samples, s)
}

// course is what one resource did over the run.
type course struct {
	// base is the most before the first disturbance, peak the most of all, last
	// what was used at the end.
	base, peak, last float64
	at               time.Duration // of the peak
	// measured: some sample says more than nothing. A driver that cannot measure
	// a resource says 0 all along.
	measured bool
}

func (u *usage) course(i int, calm time.Duration) course {
	var c course
	var end time.Duration = -1
	for _, s := range u.samples {
		v := s.values[i]
		c.measured = c.measured || v > 0
		if s.t < calm {
			c.base = max(c.base, v)
		}
		if v > c.peak {
			c.peak, c.at = v, s.t
		}
		if s.t >= end {
			end, c.last = s.t, v
		}
	}
	return c
}

// span is when the first and the last sample were taken.
func (u *usage) span() (first, last time.Duration) {
	first, last = forever, -1
	for _, s := range u.samples {
		first, last = min(first, s.t), max(last, s.t)
	}
	return first, last
}
