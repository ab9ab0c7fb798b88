package live

import (
	_ "embed" // the dashboard
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hansei-mail/hansei/reports"
)

//go:embed grafana.json
var dashboard []byte

// showDashboard is a Grafana dashboard of the metrics, ready to be imported.
func showDashboard(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Write(dashboard) //nolint:errcheck // the reader went away
}

// metrics are the run's figures by Prometheus' conventions (prometheus.io,
// metric and label naming): base units, counters end in _total.
func (s *Server) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	labels := prometheus.Labels{
		"scenario": s.opts.Input.Name(), "relay": s.opts.Input.Run.Relay,
	}
	last := func(pick func(reports.Moment) float64) func() float64 {
		return func() float64 {
			s.mu.Lock()
			defer s.mu.Unlock()
			return pick(s.last)
		}
	}
	gauge := func(name, help string, pick func(reports.Moment) float64) {
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "hansei_" + name, Help: help, ConstLabels: labels,
		}, last(pick)))
	}
	counter := func(name, help string, pick func(reports.Moment) float64) {
		registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "hansei_" + name + "_total", Help: help, ConstLabels: labels,
		}, last(pick)))
	}
	gauge("scenario_time_seconds", "Scenario time since the scenario's start.",
		func(m reports.Moment) float64 { return m.Now.Seconds() })
	gauge("clock_rate", "Seconds of scenario time in a second.",
		func(m reports.Moment) float64 { return m.Rate })
	gauge("backlog_pairs", "Accepted pairs neither delivered nor bounced yet.",
		func(m reports.Moment) float64 { return float64(m.Waiting) })
	gauge("time_left_seconds", "Wall time to the scenario's end, estimated.",
		func(m reports.Moment) float64 { return max(0, m.Left).Seconds() })
	counter("messages_offered", "Messages offered to the relay.",
		func(m reports.Moment) float64 { return float64(m.Offered) })
	counter("pairs_accepted", "Pairs that the relay accepted.",
		func(m reports.Moment) float64 { return float64(m.Accepted) })
	counter("pairs_done", "Pairs delivered or bounced.",
		func(m reports.Moment) float64 { return float64(m.Done) })
	counter("spare_copies", "Spare copies that arrived.",
		func(m reports.Moment) float64 { return float64(m.Spare) })
	counter("faults_felt", "Times that the relay met a fault.",
		func(m reports.Moment) float64 { return float64(m.Faults) })
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
