package calibrate

import (
	"math"
	"slices"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios/forecast"
)

// seen is what the evidence of all runs says, as far as a model can use it.
type seen struct {
	delivered, refused     []float64 // seconds
	kept                   []kept    // samples of the queue
	perMinute              float64   // most messages taken
	intervals, early, late float64
}

// kept is one sample of the disk, and what waited then.
type kept struct{ messages, bytes, disk, files float64 }

// mail is a message of one run.
type mail struct {
	taken, out time.Duration
	size       int64
	waiting    int
}

// change is a message that comes or goes.
type change struct {
	t               time.Duration
	messages, bytes float64
}

// read takes one run in.
func (s *seen) read(r Run) error {
	letters := map[string]*mail{}
	var samples []evidence.Event
	minutes := map[int]float64{}
	for e, err := range r.Events {
		if err != nil {
			return err
		}
		switch e.Kind {
		case evidence.KindSubmission:
			if e.Outcome == evidence.Accepted && letters[e.Msg] == nil {
				letters[e.Msg] = &mail{taken: e.T, size: e.Size, out: -1, waiting: len(e.To)}
				minutes[int(e.T/time.Minute)]++
			}
		case evidence.KindDelivery:
			s.delivery(&e, letters[e.Msg])
		case evidence.KindAttempt:
			if e.Outcome == evidence.Broken && e.Stage == "connect" {
				s.refused = append(s.refused, (e.T - e.Began).Seconds())
			}
		case evidence.KindSample:
			if e.Name == "relay" {
				samples = append(samples, e)
			}
		case evidence.KindRetries:
			s.intervals += e.Values["intervals"]
			s.early += e.Values["early"]
			s.late += e.Values["late"]
		}
	}
	for _, n := range minutes {
		s.perMinute = max(s.perMinute, n)
	}
	s.samples(letters, samples)
	return nil
}

// delivery takes in how long a message took that nothing kept waiting, and when
// its last recipient was served.
func (s *seen) delivery(e *evidence.Event, m *mail) {
	if e.Fault == "" {
		s.delivered = append(s.delivered, (e.T - e.Began).Seconds())
	}
	if m == nil || e.Endpoint == "spare" {
		return
	}
	m.out = max(m.out, e.T)
	m.waiting -= len(e.To)
}

// samples joins the samples of the disk with what waited at the time.
func (s *seen) samples(letters map[string]*mail, samples []evidence.Event) {
	var changes []change
	for _, m := range letters {
		changes = append(changes, change{m.taken, 1, float64(m.size)})
		if m.waiting <= 0 {
			changes = append(changes, change{max(m.out, m.taken), -1, -float64(m.size)})
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return int(a.t - b.t) })
	at, now := 0, kept{}
	for _, e := range samples {
		for ; at < len(changes) && changes[at].t <= e.T; at++ {
			now.messages += changes[at].messages
			now.bytes += changes[at].bytes
		}
		now.disk, now.files = e.Values["disk_bytes"], e.Values["disk_files"]
		if now.disk > 0 {
			s.kept = append(s.kept, now)
		}
	}
}

// median is the middle one, and the spread around it as the root mean square
// of what lies between the tenth and the ninetieth percentile.
func median(all []float64) (middle, off float64) {
	slices.Sort(all)
	middle = all[len(all)/2]
	inner := all[len(all)/10 : len(all)-len(all)/10]
	for _, v := range inner {
		off += (v - middle) * (v - middle)
	}
	return middle, math.Sqrt(off / float64(len(inner)))
}

// few is how many observations are too few to learn from.
const few = 20

// service learns what the stages cost.
func (s *seen) service(m *forecast.Model) {
	learn := func(name, how string, all []float64, field *float64) {
		if len(all) < few {
			return
		}
		v, off := median(all)
		*field = max(v, 0.001)
		learnt(m, forecast.Learnt{
			Name: name, Value: *field, From: len(all), Error: off / *field, How: how,
		})
	}
	const clock = " (scenario time: an accelerated run makes the machine's own time longer)"
	before := m.Service.Message
	learn("service.message_s", "median of deliveries that no fault touched"+clock, s.delivered,
		&m.Service.Message)
	if m.Service.Message != before {
		m.Service.Session = 0 // it is in the median
	}
	learn("service.refused_s", "median of sessions that were reset at connect"+clock, s.refused,
		&m.Service.Refused)
}

// accept notes the most that the relay took: a run that it was never too much
// for does not tell its limit.
func (s *seen) accept(m *forecast.Model) {
	m.Accept.Seen = s.perMinute / 60
	learnt(m, forecast.Learnt{
		Name: "accept.seen_per_second", Value: m.Accept.Seen, From: 1,
		How: "the busiest minute; not a limit, since nothing was refused for want of room",
	})
}

// retries notes how true the relay kept the times that its settings give.
func (s *seen) retries(m *forecast.Model) {
	if s.intervals < few {
		return
	}
	learnt(m, forecast.Learnt{
		Name: "retry", Value: m.Retry.Max, From: int(s.intervals),
		Error: (s.early + s.late) / s.intervals,
		How: "the relay's own settings; the error is the share of the intervals in its log " +
			"that were early or late by them",
	})
}

// spool learns what a queued message takes of the disk, beyond its content.
func (s *seen) spool(m *forecast.Model) {
	if len(s.kept) < few {
		return
	}
	var xs, disk, files []float64
	for _, k := range s.kept {
		xs = append(xs, k.messages)
		disk = append(disk, k.disk-k.bytes*m.Spool.PerByte)
		files = append(files, k.files)
	}
	if slope, r2, ok := line(xs, disk); ok {
		m.Spool.PerMessage = max(0, slope)
		learnt(m, forecast.Learnt{
			Name: "spool.per_message", Value: m.Spool.PerMessage, From: len(xs), R2: r2,
			How: "slope of the disk, less the content, over the messages that wait",
		})
	}
	if slope, r2, ok := line(xs, files); ok {
		m.Spool.Files = max(0, slope)
		learnt(m, forecast.Learnt{
			Name: "spool.files", Value: m.Spool.Files, From: len(xs), R2: r2,
			How: "slope of the files over the messages that wait",
		})
	}
}

// line is the slope of the least squares, and the share of the variance that it
// explains.
func line(xs, ys []float64) (slope, r2 float64, ok bool) {
	n := float64(len(xs))
	var mx, my float64
	for i := range xs {
		mx += xs[i] / n
		my += ys[i] / n
	}
	var sxx, sxy, syy float64
	for i := range xs {
		sxx += (xs[i] - mx) * (xs[i] - mx)
		sxy += (xs[i] - mx) * (ys[i] - my)
		syy += (ys[i] - my) * (ys[i] - my)
	}
	if sxx == 0 || syy == 0 {
		return 0, 0, false
	}
	return sxy / sxx, sxy * sxy / (sxx * syy), true
}
