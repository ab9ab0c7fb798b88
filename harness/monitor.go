package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
)

// monitorLog is where the monitor's own words go, below the run folder.
const monitorLog = "monitor.log"

// monitor is the operator's own program that looks after the relay.
type monitor struct {
	relay.Monitor
	out  *os.File
	told chan struct{} // closed when its end has been recorded
	stop chan struct{} // closed when it is ended by us
}

// startWatch starts the operator's monitor, if one is given, and records who is
// there to raise an alarm.
func (r *run) startWatch(ctx context.Context) error {
	watched := evidence.Event{Kind: evidence.KindWatch}
	switch {
	case len(r.header.Services) == 0:
		return nil
	case r.cfg.Watch != "":
		if err := r.startMonitor(ctx); err != nil {
			return err
		}
		watched.Actor, watched.Name = evidence.Monitor, "the operator's monitor"
	case r.traits.Watches:
		watched.Actor, watched.Name = evidence.Relay, "the watch of "+r.driver.Name()
	default:
		return nil
	}
	r.log.Append(watched)
	return nil
}

func (r *run) startMonitor(ctx context.Context) error {
	host, ok := r.relay.(relay.MonitorHost)
	if !ok {
		return fmt.Errorf("starting the monitor: %s cannot do that although its driver says so",
			r.driver.Name())
	}
	dir, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("starting the monitor: %w", err)
	}
	out, err := os.Create(filepath.Join(r.cfg.Dir, monitorLog))
	if err != nil {
		return fmt.Errorf("starting the monitor: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	running, err := host.StartMonitor(ctx, relay.Program{
		Command: r.cfg.Watch, Dir: dir, Env: r.monitorEnv(), Output: out,
	})
	if err != nil {
		return errors.Join(fmt.Errorf("starting the monitor: %w", err), out.Close())
	}
	m := &monitor{Monitor: running, out: out, told: make(chan struct{}), stop: make(chan struct{})}
	r.monitor = m
	go func() {
		defer close(m.told)
		select {
		case <-m.stop:
		case <-m.Ended():
			how := "without an error"
			if err := m.Err(); err != nil {
				how = err.Error()
			}
			r.log.Append(evidence.Event{
				Kind: evidence.KindWatch, Actor: evidence.Monitor, Name: "the operator's monitor",
				Outcome: evidence.Cut, Note: how,
			})
		}
	}()
	return nil
}

// monitorEnv is what a monitor is told of the world.
func (r *run) monitorEnv() []string {
	s := r.world.offer()
	env := []string{
		"HANSEI_ALERTS_URL=" + s.AlertsURL, "HANSEI_HEALTH_URL=" + s.HealthURL,
		"HANSEI_TOKEN_URL=" + s.TokenURL, "HANSEI_CLIENT_ID=" + s.ClientID,
		"HANSEI_CLIENT_SECRET=" + s.ClientSecret, "HANSEI_SCOPE=" + s.Scope,
		"HANSEI_RELAY=" + r.relay.Addr(),
	}
	if s.Submission != "" {
		env = append(env, "HANSEI_SUBMISSION="+s.Submission, "HANSEI_MAILBOX="+s.Mailbox)
	}
	return env
}

// stopMonitor ends the monitor, if there is one, before the relay: it need not
// see that go.
func (r *run) stopMonitor() error {
	m := r.monitor
	if m == nil {
		return nil
	}
	r.monitor = nil
	close(m.stop)
	<-m.told
	// Also after an interrupt: an own limit, not the run's context.
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	err := m.Stop(ctx)
	if err := errors.Join(err, m.out.Close()); err != nil {
		return fmt.Errorf("stopping the monitor: %w", err)
	}
	return nil
}
