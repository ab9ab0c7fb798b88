package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hansei-mail/hansei/harness"
	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports"
	liveview "github.com/hansei-mail/hansei/reports/live"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// view is the live view of a run; nil is none.
type view struct {
	server *liveview.Server
	start  time.Time
}

// openView serves the run at an address of loopback, and lets its buttons pause
// and stop it.
func openView(
	addr string, s *scenarios.Scenario, tl *timeline.Timeline, cfg *harness.Config, relay string,
	stop context.CancelFunc,
) (*view, error) {
	h := tl.Header()
	orders := make(chan bool, 1)
	in := reports.Input{
		Run: reports.Run{
			Version: cfg.Version, Relay: relay, Seed: h.Seed, Scale: h.Scale, Command: cfg.Command,
		},
		Scenario: s,
		Judgement: &check.Judgement{Figures: check.Figures{
			Start: h.Start, Zone: h.Zone, Length: h.Length, Outage: h.Outage, Heal: h.Heal,
		}},
	}
	server, err := liveview.Listen(addr, liveview.Options{Input: in, Stop: stop, Pause: func(paused bool) {
		select { // an order that has not been read yet is out of date
		case <-orders:
		default:
		}
		orders <- paused
	}})
	if err != nil {
		return nil, usagef("--live: %w", err)
	}
	cfg.Pause = orders
	return &view{server: server, start: h.Start}, nil
}

// show tells the pages where the run is.
func (v *view) show(p harness.Progress) {
	v.server.Tell(reports.Moment{
		Now: p.Now.Sub(v.start), Elapsed: p.Elapsed, Left: p.Left, Phase: p.Phase, Rate: p.Rate,
		Offered: p.Offered, Accepted: p.Accepted, Waiting: p.Waiting, Done: p.Done, Spare: p.Spare,
		Faults: p.Faults,
	})
}

// close shows the finished report to whoever looks, and ends the view.
func (v *view) close(folder string) error {
	if v == nil {
		return nil
	}
	report, err := os.ReadFile(filepath.Join(folder, "report.html"))
	if err != nil {
		report = nil // the run did not get that far
	}
	if err := v.server.Close(bytes.TrimSpace(report)); err != nil {
		return fmt.Errorf("ending the live view: %w", err)
	}
	return nil
}
