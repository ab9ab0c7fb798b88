package harness

import (
	"time"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

const (
	// feedbackWindow is over which the load of a fault with feedback is taken.
	feedbackWindow = 10 * time.Minute
	// slots is how many parts a meter's window has.
	slots = 20
	// newcomer is the rate, in transactions an hour, that a source may have
	// without any history: Microsoft greylists new addresses, but not a test
	// message now and then.
	newcomer = 10
)

// meter counts what happened in the last while.
type meter struct {
	slot   time.Duration
	counts [slots]int
	last   int64
}

func newMeter(window time.Duration) *meter { return &meter{slot: max(1, window/slots)} }

// advance forgets what has become too old.
func (m *meter) advance(now time.Duration) {
	at := int64(now / m.slot)
	if at-m.last > slots {
		m.counts, m.last = [slots]int{}, at
	}
	for ; m.last < at; m.last++ {
		m.counts[(m.last+1)%slots] = 0
	}
}

func (m *meter) add(now time.Duration) {
	m.advance(now)
	m.counts[m.last%slots]++
}

// perHour is the rate over the window.
func (m *meter) perHour(now time.Duration) float64 {
	m.advance(now)
	n := 0
	for _, c := range m.counts {
		n += c
	}
	return float64(n) * float64(time.Hour) / float64(m.slot*slots)
}

// fedBack counts an attempt and raises the share by what the load is above
// normal. The caller holds the lock.
func (l *liveFault) fedBack(share float64, now time.Duration) float64 {
	l.load.add(now)
	above := max(0, l.load.perHour(now)/l.Feedback.Normal-1)
	return max(share, min(l.Feedback.Max, share+l.Feedback.Gain*above))
}

// habit is what a source address did, and until when it is throttled.
type habit struct {
	before int // transactions until the fault began
	now    *meter
	until  time.Duration
}

// observe counts a transaction of a client, also before the fault.
func (l *liveFault) observe(p smtpfake.Point, now time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.habitOf(p)
	if now < l.From {
		h.before++
	}
	h.now.add(now)
}

func (l *liveFault) habitOf(p smtpfake.Point) *habit {
	host := smtpfake.Host(p.Session.Peer)
	h := l.habits[host]
	if h == nil {
		h = &habit{now: newMeter(l.History.Window)}
		l.habits[host] = h
	}
	return h
}

// changed says whether a client sends far more than it used to, or did a while
// ago. The caller holds the lock.
func (l *liveFault) changed(p smtpfake.Point, now time.Duration) bool {
	h := l.habitOf(p)
	used := max(newcomer, float64(h.before)*float64(time.Hour)/float64(l.From))
	if h.now.perHour(now) > l.History.Over*used {
		h.until = now + l.History.For
		return true
	}
	return now < h.until
}
