package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hansei-mail/hansei/harness/clock"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/traffic"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

const (
	// warmUp is how much scenario time before its start the clock begins, so
	// that the relay is up when the first message is due.
	warmUp = 2 * time.Minute
	// startLimit bounds the start of a relay, stopLimit its orderly end, in
	// wall time.
	startLimit = 60 * time.Second
	stopLimit  = 60 * time.Second
)

// play is the whole run: set the stage, conduct, settle, clear away.
func (r *run) play(ctx context.Context) (err error) {
	if err := os.MkdirAll(filepath.Dir(r.cfg.Dir), 0o755); err != nil {
		return &Refusal{fmt.Sprintf("making the run folder: %v", err)}
	}
	if err := os.Mkdir(r.cfg.Dir, 0o755); err != nil {
		return &Refusal{fmt.Sprintf("making the run folder: %v", err)}
	}
	defer func() {
		var refusal *Refusal
		if errors.As(err, &refusal) {
			_ = os.RemoveAll(r.cfg.Dir)
		}
	}()
	if err := r.stage(ctx); err != nil {
		r.clear()
		return err
	}
	outcome, err := r.perform(ctx)
	return errors.Join(err, r.finish(outcome))
}

// stage writes what is known before, then builds clock, world and relay.
func (r *run) stage(ctx context.Context) error {
	if err := r.writeGiven(); err != nil {
		return err
	}
	if err := r.startClock(ctx); err != nil {
		return err
	}
	create := evidence.Create
	if r.create != nil {
		create = r.create
	}
	log, err := create(filepath.Join(r.cfg.Dir, evidence.File), r.stamp)
	if err != nil {
		return err
	}
	r.log = log
	log.Append(evidence.Event{Kind: evidence.KindBegin, Actor: evidence.Harness, Note: r.cfg.Version})
	r.pace = newPace(r)
	if err := r.buildWorld(); err != nil {
		return bindRefusal(err)
	}
	if err := r.openCopies(ctx); err != nil {
		return err
	}
	if err := r.startRelay(ctx); err != nil {
		return err
	}
	return r.startWatch(ctx)
}

// writeGiven writes the scenario and the plan into the run folder.
func (r *run) writeGiven() error {
	text := r.scenario.Text()
	if err := os.WriteFile(filepath.Join(r.cfg.Dir, "scenario.yaml"), text, 0o644); err != nil {
		return fmt.Errorf("writing the scenario: %w", err)
	}
	f, err := os.Create(filepath.Join(r.cfg.Dir, "timeline.jsonl"))
	if err != nil {
		return fmt.Errorf("writing the timeline: %w", err)
	}
	_, err = r.timeline.WriteTo(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the timeline: %w", err)
	}
	return r.writeForecast()
}

// startClock sets scenario time going: shared with the relay's processes where
// they can follow, else in this process only.
func (r *run) startClock(ctx context.Context) error {
	r.recorder = &recorder{tally: newTally(), start: r.header.Start, began: time.Now()}
	origin := r.header.Start.Add(-warmUp)
	kind := "warped"
	switch {
	case !r.traits.SharesClock || r.cfg.Speed == 1 && !r.traits.InProcess:
		// Frozen until the relay is up: it lives in real time anyway.
		kind, r.warp = "real", clock.New(r.header.Start, 0)
	case r.traits.InProcess:
		r.warp = clock.New(origin, 1)
	default:
		kind = "shared"
		file, err := clock.Share(ctx, filepath.Join(r.cfg.Dir, "clock"), origin)
		if err != nil {
			return fmt.Errorf("sharing the clock: %w", err)
		}
		r.file, r.warp = file, file.Warp()
	}
	r.recorder.clock = r.warp
	r.manifest.Clock.Kind = kind
	return nil
}

func (r *run) buildWorld() error {
	r.world = &world{
		recorder: r.recorder, header: r.header, network: r.network,
		faults: newFaults(r.warp, r.header), keys: traffic.NewKeys(r.header.Seed),
		failing: r.failing,
	}
	if !r.traits.InProcess {
		var err error
		if r.world.tls, err = certificates(r.header); err != nil {
			return fmt.Errorf("making certificates: %w", err)
		}
	}
	if err := r.world.build(!r.traits.InProcess); err != nil {
		return err
	}
	r.muteDNS()
	return nil
}

func (r *run) startRelay(ctx context.Context) error {
	dir := filepath.Join(r.cfg.Dir, "relay")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("making the relay's folder: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	running, err := r.driver.Start(ctx, relay.World{
		Dir: dir, Hostname: relayHost, Clock: r.warp, ClockFile: r.file,
		Network: r.network, Resolver: r.world.dns.Resolver(), DNS: dnsAddress,
		Spare: r.spare(), Filter: traffic.DirtTexts(), Overlay: r.cfg.Overlay, Seed: r.header.Seed,
		Services:     r.world.offer(),
		BoundedQueue: r.scenario.Does(scenarios.DiskFull),
	})
	if err != nil {
		return fmt.Errorf("starting the relay: %w", err)
	}
	r.relay = running
	r.manifest.Relay = running.Info()
	// Written now as well, so that a run whose harness is killed can be judged
	// as far as its evidence goes.
	return r.writeManifest()
}

func (r *run) spare() relay.Spare {
	s := relay.Spare{Domain: timeline.SpareDomain}
	for _, site := range r.header.Sites {
		if site.Spare {
			s.Domains = append(s.Domains, site.Domain)
		}
	}
	return s
}

// finish closes the evidence and writes the manifest, whatever happened before.
func (r *run) finish(outcome evidence.Outcome) error {
	stopped := errors.Join(r.stopMonitor(), r.stopRelay())
	r.copies.close()
	r.world.close()
	r.log.Append(evidence.Event{
		Kind: evidence.KindEnd, Actor: evidence.Harness, Outcome: outcome,
	})
	r.manifest.Outcome = string(outcome)
	r.manifest.Clock.Rates = r.pace.steps()
	r.manifest.WallSecs = time.Since(r.began).Seconds()
	return errors.Join(stopped, r.log.Close(), r.closeClock(), r.writeManifest())
}

// clear takes down what stage had set up before it failed.
func (r *run) clear() {
	_ = r.stopMonitor()
	_ = r.stopRelay()
	r.copies.close()
	if r.world != nil {
		r.world.close()
	}
	if r.log != nil {
		_ = r.log.Close()
	}
	_ = r.closeClock()
	_ = r.writeManifest()
}

func (r *run) stopRelay() error {
	if r.relay == nil {
		return nil
	}
	// Also after an interrupt: an own limit, not the run's context.
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	if err := r.relay.Stop(ctx); err != nil {
		return fmt.Errorf("stopping the relay: %w", err)
	}
	return nil
}

func (r *run) closeClock() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	return errors.Join(err, os.RemoveAll(r.file.Dir()))
}

func (r *run) writeManifest() error {
	b, err := json.MarshalIndent(r.manifest, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	path := filepath.Join(r.cfg.Dir, "manifest.json")
	if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	return nil
}
