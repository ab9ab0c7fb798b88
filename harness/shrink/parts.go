package shrink

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/scenarios"
)

// alone lets the scenario ask for the one promise only.
func (h *hunt) alone(s *scenarios.Scenario) {
	from, to := reflect.ValueOf(s.Expect), reflect.ValueOf(&s.Expect).Elem()
	to.SetZero()
	for i := range to.NumField() {
		name, _, _ := strings.Cut(to.Type().Field(i).Tag.Get("yaml"), ",")
		if name == h.result.Promise {
			to.Field(i).Set(from.Field(i))
		}
	}
}

// guess tries at once what mostly is enough: the one promise, the witnesses, and
// of each route its first message before the outage, in each quarter of it (it may
// begin and end gradually) and after it. On real sockets this saves an hour.
// Failing that, it tries the one promise.
func (h *hunt) guess() {
	s := h.best
	wanted := map[string]bool{}
	for _, w := range h.result.Verdict.Witnesses {
		wanted[w.Msg] = true
	}
	first := map[string]bool{}
	var some []scenarios.Message
	for _, m := range s.Messages {
		phase := " before"
		switch {
		case !m.At.Time.Before(s.Outage.Heal.Time):
			phase = " after"
		case !m.At.Time.Before(s.Outage.From.Time):
			quarter := s.Outage.Heal.Time.Sub(s.Outage.From.Time)/4 + 1
			phase = fmt.Sprintf(" in it %d", m.At.Time.Sub(s.Outage.From.Time)/quarter)
		}
		if wanted[m.ID] || !first[m.Route+phase] {
			some = append(some, m)
		}
		first[m.Route+phase] = true
	}
	if !h.try(h.with(func(s *scenarios.Scenario) { h.alone(s); s.Messages = some })) {
		h.try(h.with(h.alone))
	}
}

// messages takes messages away.
func (h *hunt) messages() {
	lessen(h, h.best.Messages, func(s *scenarios.Scenario, part []scenarios.Message) {
		s.Messages = part
	})
}

// upheavals takes away what is done to the world and to the relay.
func (h *hunt) upheavals() {
	lessen(h, h.best.Relay, func(s *scenarios.Scenario, part []scenarios.RelayStep) { s.Relay = part })
	lessen(h, h.best.Links, func(s *scenarios.Scenario, part []scenarios.Link) { s.Links = part })
	lessen(h, h.best.Faults, func(s *scenarios.Scenario, part []scenarios.Fault) { s.Faults = part })
}

// places takes away cohorts that no route needs, and tenants without mail.
func (h *hunt) places() {
	used, domains := map[string]bool{}, map[string]bool{}
	for _, r := range h.best.Routes {
		used[r.From], used[r.To] = true, true
	}
	for _, m := range h.best.Messages {
		for _, address := range append([]string{m.From}, m.To...) {
			_, domain, _ := strings.Cut(address, "@")
			domains[domain] = true
		}
	}
	var idle []string
	for _, c := range h.best.Cohorts {
		if !used[c.Name] {
			idle = append(idle, c.Name)
		}
	}
	lessen(h, idle, func(s *scenarios.Scenario, part []string) {
		s.Cohorts = slices.DeleteFunc(slices.Clone(s.Cohorts), func(c scenarios.Cohort) bool {
			return slices.Contains(idle, c.Name) && !slices.Contains(part, c.Name)
		})
	})
	h.try(h.with(func(s *scenarios.Scenario) {
		s.Cohorts = slices.Clone(s.Cohorts)
		for i := range s.Cohorts {
			c := &s.Cohorts[i]
			c.Domains = slices.DeleteFunc(slices.Clone(c.Domains), func(d string) bool {
				return !domains[d]
			})
		}
	}))
}

// recipients takes recipients away.
func (h *hunt) recipients() {
	for i := range h.best.Messages {
		if len(h.best.Messages[i].To) < 2 {
			continue
		}
		lessen(h, h.best.Messages[i].To, func(s *scenarios.Scenario, part []string) {
			s.Messages = slices.Clone(s.Messages)
			s.Messages[i].To = part
		})
	}
}

// plainSize is a page of text.
const plainSize = 2000

// contents makes messages small and plain: all at once, then one by one, and
// where a shape is needed it is the only one.
func (h *hunt) contents() {
	plain := func(m *scenarios.Message) {
		m.Size, m.Shape, m.Content = min(m.Size, plainSize), nil, ""
	}
	if h.try(h.with(func(s *scenarios.Scenario) {
		s.Messages = slices.Clone(s.Messages)
		for i := range s.Messages {
			plain(&s.Messages[i])
		}
	})) {
		return
	}
	for i := range h.best.Messages {
		if h.try(h.with(func(s *scenarios.Scenario) {
			s.Messages = slices.Clone(s.Messages)
			plain(&s.Messages[i])
		})) {
			continue
		}
		lessen(h, h.best.Messages[i].Shape, func(s *scenarios.Scenario, part []string) {
			s.Messages = slices.Clone(s.Messages)
			s.Messages[i].Shape = part
		})
	}
}
