package forecast

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/scenarios"
)

// load is all messages of a case, in flat lists. A message has units: what goes
// to one destination in one transaction.
type load struct {
	at    []int32 // milliseconds; in order
	size  []int32
	first []int32 // the message's first unit; one more at the end
	lane  []int32 // of a unit
	pairs []uint16
}

func (l *load) begin(at, size int32) {
	l.at, l.size = append(l.at, at), append(l.size, size)
	l.first = append(l.first, int32(len(l.lane)))
}

// unit adds a recipient to the message's unit for a lane.
func (l *load) unit(lane int32, pairs uint16) {
	for u := int(l.first[len(l.first)-1]); u < len(l.lane); u++ {
		if l.lane[u] == lane {
			l.pairs[u] += pairs
			return
		}
	}
	l.lane, l.pairs = append(l.lane, lane), append(l.pairs, pairs)
}

func (l *load) end() { l.first = append(l.first, int32(len(l.lane))) }

// grow makes room for about so many messages.
func (l *load) grow(n int) {
	l.at, l.size = slices.Grow(l.at, n), slices.Grow(l.size, n)
	l.first = slices.Grow(l.first, n+1)
	l.lane, l.pairs = slices.Grow(l.lane, n+n/2), slices.Grow(l.pairs, n+n/2)
}

// planned are the clean messages of the plan itself.
func (w *world) plannedLoad(c Case) *load {
	l := &load{}
	l.grow(int(c.Timeline.Expected() * 1.1))
	for step := range c.Timeline.Steps() {
		if step.Submit == nil || step.Submit.Dirt != "" {
			continue
		}
		l.begin(int32(step.At.Milliseconds()), int32(step.Submit.Size))
		copies := uint16(0)
		for _, to := range step.Submit.To {
			at, ok := w.byDomain[to[strings.LastIndexByte(to, '@')+1:]]
			if !ok {
				continue
			}
			l.unit(int32(at), 1)
			if w.lanes[at].copied {
				copies++
			}
		}
		if copies > 0 {
			l.unit(int32(w.spare), copies)
		}
	}
	l.end()
	return l
}

// source is a route being drawn from: a Poisson process by inversion of the
// rate, whose minutes are taken to be level.
type source struct {
	rate    rate
	lanes   []int32
	boxes   int
	copied  bool
	due     float64 // in the sum of the rate
	minute  int
	sum     float64 // before the minute
	per     float64 // in the minute, messages a second
	next    float64
	minutes int
}

const minute = 60.0

func (s *source) advance(dice *rand.Rand) {
	s.due += dice.ExpFloat64()
	for s.sum+s.per*minute <= s.due {
		s.sum += s.per * minute
		s.minute++
		if s.minute >= s.minutes {
			s.next = -1
			return
		}
		from := float64(s.minute) * minute
		s.per = (s.rate.until(from+minute) - s.rate.until(from)) / minute
	}
	s.next = float64(s.minute)*minute + (s.due-s.sum)/s.per
}

func (w *world) sources(dice *rand.Rand) []*source {
	var out []*source
	for _, r := range w.scenario.Routes {
		to := slices.IndexFunc(w.scenario.Cohorts, func(c scenarios.Cohort) bool {
			return c.Name == r.To
		})
		if to < 0 {
			continue
		}
		c := w.scenario.Cohorts[to]
		s := &source{
			rate: newRate(w, r), boxes: c.Mailboxes, copied: c.Spare,
			minutes: int(w.length/minute) + 1,
		}
		for _, domain := range c.Domains {
			s.lanes = append(s.lanes, int32(w.byDomain[domain]))
		}
		s.per = s.rate.until(minute) / minute
		if s.advance(dice); s.next >= 0 {
			out = append(out, s)
		}
	}
	return out
}

// drawnLoad draws messages at the case's rates.
func (w *world) drawnLoad(seed uint64) *load {
	dice := rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15))
	sources := w.sources(dice)
	mix := newMailMix(w.scenario.Mail)
	l := &load{}
	expected := 0.0
	for _, s := range sources {
		expected += s.rate.total()
	}
	l.grow(int(expected*1.02) + 1000)
	for len(sources) > 0 {
		first := 0
		for i, s := range sources {
			if s.next < sources[first].next {
				first = i
			}
		}
		s := sources[first]
		if s.next >= w.length {
			break
		}
		if mix.clean >= 1 || dice.Float64() < mix.clean {
			s.draw(l, &mix, w, dice)
		}
		if s.advance(dice); s.next < 0 {
			sources = slices.Delete(sources, first, first+1)
		}
	}
	l.end()
	return l
}

// draw adds a message of the route, with recipients as the plan spreads them.
func (s *source) draw(l *load, mix *mailMix, w *world, dice *rand.Rand) {
	l.begin(int32(s.next*1000), mix.size(dice))
	count := mix.count(dice)
	home := dice.IntN(len(s.lanes))
	if count == 1 || len(s.lanes) == 1 || mix.across == 0 || dice.Float64() >= mix.across {
		count = min(count, s.boxes)
		l.unit(s.lanes[home], uint16(count))
	} else {
		l.unit(s.lanes[home], 1)
		l.unit(s.lanes[(home+1+dice.IntN(len(s.lanes)-1))%len(s.lanes)], 1)
		for range count - 2 {
			l.unit(s.lanes[dice.IntN(len(s.lanes))], 1)
		}
	}
	if s.copied {
		l.unit(int32(w.spare), uint16(count))
	}
}

// turnAway lets those come again that find the relay down, as senders do; all
// messages are then put in order again.
func (l *load) turnAway(w *world) {
	if len(w.down) == 0 {
		return
	}
	order := make([]int32, len(l.at))
	for i := range l.at {
		order[i] = int32(i)
		at := float64(l.at[i]) / 1000
		for _, down := w.isDown(at); down; _, down = w.isDown(at) {
			at += senderRetry
		}
		l.at[i] = int32(at * 1000)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return int(l.at[a]) - int(l.at[b]) })
	sorted := &load{}
	sorted.grow(len(l.at))
	for _, i := range order {
		sorted.begin(l.at[i], l.size[i])
		for u := l.first[i]; u < l.first[i+1]; u++ {
			sorted.unit(l.lane[u], l.pairs[u])
		}
	}
	sorted.end()
	*l = *sorted
}
