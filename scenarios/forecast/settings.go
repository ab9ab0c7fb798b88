package forecast

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// reader sets a part of a model from the words of a relay's own setting.
type reader func(m *Model, value string) error

// settings are those that the model knows, by the names that the relays give
// them. Postfix: postconf(5). The others are the reference relay's.
var settings = map[string]reader{
	"minimal_backoff_time": seconded(func(m *Model, s float64) {
		m.Retry.Min, m.Dead.Waits = s, []float64{s}
	}),
	"maximal_backoff_time":   seconded(func(m *Model, s float64) { m.Retry.Max = s }),
	"queue_run_delay":        seconded(func(m *Model, s float64) { m.Retry.Scan = s }),
	"maximal_queue_lifetime": seconded(func(m *Model, s float64) { m.Lifetime = s }),
	"smtp_connect_timeout":   seconded(func(m *Model, s float64) { m.Service.Connect = s }),
	"smtp_helo_timeout":      seconded(func(m *Model, s float64) { m.Service.Stall = s }),
	"smtp_data_done_timeout": seconded(func(m *Model, s float64) { m.Service.Finish = s }),
	"initial_destination_concurrency": counted(func(m *Model, n int) {
		m.Concurrency.Initial = n
	}),
	"default_destination_concurrency_limit": counted(func(m *Model, n int) {
		m.Concurrency.PerDestination = n
	}),
	"default_process_limit": counted(func(m *Model, n int) { m.Concurrency.Total = n }),
	"default_destination_concurrency_failed_cohort_limit": counted(func(m *Model, n int) {
		m.Dead.Cohorts = float64(n)
	}),

	"retry":           listed(func(m *Model, waits []float64) { m.Retry.Waits = waits }),
	"probe":           listed(func(m *Model, waits []float64) { m.Dead.Waits = waits }),
	"lifetime":        seconded(func(m *Model, s float64) { m.Lifetime = s }),
	"connect-timeout": seconded(func(m *Model, s float64) { m.Service.Connect = s }),
	"per-destination": counted(func(m *Model, n int) { m.Concurrency.PerDestination = n }),
	"per-host":        counted(func(m *Model, n int) { m.Concurrency.PerHost = n }),
	"total":           counted(func(m *Model, n int) { m.Concurrency.Total = n }),
	"per-connection":  counted(func(m *Model, n int) { m.Concurrency.PerConnection = n }),
}

// With is the model under a relay's own settings, as the relay names and writes
// them; those that it does not know it leaves aside.
func (m Model) With(own map[string]string) (Model, error) {
	for _, name := range slices.Sorted(maps.Keys(own)) {
		read := settings[name]
		if read == nil {
			continue
		}
		if err := read(&m, own[name]); err != nil {
			return Model{}, fmt.Errorf("reading the relay's %s = %s: %w", name, own[name], err)
		}
	}
	m.Concurrency.Initial = min(m.Concurrency.Initial, m.Concurrency.PerDestination)
	return m, m.Check()
}

func seconded(set func(*Model, float64)) reader {
	return func(m *Model, value string) error {
		s, err := readSeconds(value)
		if err == nil {
			set(m, s)
		}
		return err
	}
}

func counted(set func(*Model, int)) reader {
	return func(m *Model, value string) error {
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil {
			return fmt.Errorf("%q is no number", value)
		}
		set(m, n)
		return nil
	}
}

// listed reads "1m0s, 2m0s, and so on".
func listed(set func(*Model, []float64)) reader {
	return func(m *Model, value string) error {
		var waits []float64
		for _, word := range strings.Split(value, ", ") {
			if word == "and so on" {
				continue
			}
			s, err := readSeconds(word)
			if err != nil {
				return err
			}
			waits = append(waits, s)
		}
		set(m, waits)
		return nil
	}
}

// units are those of Postfix's times; one without a unit is in seconds.
var units = map[byte]float64{'s': 1, 'm': 60, 'h': 3600, 'd': day, 'w': 7 * day}

func readSeconds(value string) (float64, error) {
	value = strings.TrimSpace(value)
	if d, err := time.ParseDuration(value); err == nil {
		return d.Seconds(), nil
	}
	unit := 1.0
	if n := len(value); n > 0 && units[value[n-1]] > 0 {
		unit = units[value[n-1]]
		value = value[:n-1]
	}
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no length of time", value)
	}
	return n * unit, nil
}
