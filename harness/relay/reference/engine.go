package reference

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/hansei-mail/hansei/harness/relay"
)

// stopWait is how long a graceful stop lets transactions go on.
const stopWait = 30 * time.Second

// engine is one life of the relay, from a start to a stop or kill. All it
// leaves behind is the queue file and the log.
type engine struct {
	world    relay.World
	machine  *machine
	settings Settings
	flaw     flaw
	filter   filter
	log      *journal
	queue    *queue
	conns    *registry
	sched    *scheduler

	retry      backoff
	spareRetry backoff

	listener *listener
	server   *smtp.Server

	ctx    context.Context
	cancel context.CancelFunc
	// The goroutines, by kind: the two loops, receptions at work, workers, and
	// the rest.
	loops, receiving, workers, chores sync.WaitGroup
	mu                                sync.Mutex
	closing                           bool

	// held is the bytes of the messages that are in somebody's hand just now.
	held      atomic.Int64
	flawCount atomic.Int64
	leaked    [][]byte
	answers   map[string]kept // what the flaw keep-dns-answer has kept
}

// newEngine opens the queue, listens at addr and goes on with what is queued.
func newEngine(w relay.World, m *machine, s Settings, f flaw, addr string) (*engine, error) {
	log, err := openJournal(w.Dir, m.onWall())
	if err != nil {
		return nil, err
	}
	q, err := openQueue(w.Dir, s.NoSync, f.is(flawKeepBodies))
	if err != nil {
		log.close()
		return nil, err
	}
	q.machine = m
	// Ages and waits are told by a clock that nobody sets.
	steady := m.steady()
	w.Clock = steady
	if f.is(flawTrustWall) {
		w.Clock = m.onWall()
	}
	e := &engine{
		world: w, machine: m, settings: s, flaw: f, log: log, queue: q,
		filter:     newFilter(w.Filter),
		conns:      newRegistry(steady, m),
		retry:      backoff{seed: w.Seed, steps: s.Retry, jitter: s.Jitter},
		spareRetry: backoff{seed: w.Seed, steps: s.SpareRetry, jitter: s.Jitter},
	}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	e.sched = &scheduler{
		clock: w.Clock, settings: s, flaw: f, log: log,
		probe: backoff{seed: w.Seed, steps: s.Probe, jitter: s.Jitter},
		work:  func(t task) { e.workers.Go(func() { e.serve(t) }) },
		chore: func(l *lane, list []entry) { e.chores.Go(func() { e.age(l, list) }) },
		lanes: map[laneKey]*lane{},
		hosts: map[string]*host{},
	}
	if err := e.begin(addr); err != nil {
		e.cancel()
		log.close()
		return nil, errors.Join(err, q.close())
	}
	return e, nil
}

// begin reads the queue, listens and starts to work.
func (e *engine) begin(addr string) error {
	if e.flaw.is(flawDropOnRestart) {
		if err := e.queue.forget(); err != nil {
			return err
		}
	}
	err := e.queue.each(func(env *envelope) error {
		e.schedule(env, env.work(e.world.Spare.Domain))
		return nil
	})
	if err != nil {
		return err
	}
	inner, err := e.world.Network.Listen(addr)
	if err != nil {
		return fmt.Errorf("listening at %s: %w", addr, err)
	}
	e.listener = &listener{Listener: inner, registry: e.conns, wait: receiveWait}
	e.server = e.newServer()
	e.log.write("start", "life", strconv.FormatUint(e.queue.life, 10),
		"queued", strconv.FormatInt(e.queue.size.Load(), 10), "addr", inner.Addr().String())
	e.loops.Go(func() {
		// It ends when the listener is closed; then its error says only that.
		if err := e.server.Serve(e.listener); err != nil && !errors.Is(err, net.ErrClosed) {
			e.log.write("smtpd", "note", err.Error())
		}
	})
	e.loops.Go(func() { e.sched.run(e.ctx) })
	return nil
}

// enter counts a reception, unless the relay is closing.
func (e *engine) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closing {
		return false
	}
	e.receiving.Add(1)
	return true
}

// close takes no more receptions.
func (e *engine) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closing = true
}

// kill ends this life as SIGKILL would: what is not committed is gone.
func (e *engine) kill() error {
	e.log.close()
	e.queue.dead.Store(true)
	e.close()
	e.cancel()
	e.sched.stop()
	e.machine.thaw() // a frozen process dies as well
	return e.end()
}

// stop ends this life in good order: transactions under way may end.
func (e *engine) stop(ctx context.Context) error {
	e.machine.thaw() // a frozen process cannot end in good order
	e.close()
	e.sched.stop()
	closeErr := e.listener.Close()
	// Whoever is not ready after this is cut off. A deadline, not a sleep: real
	// I/O gets real time, however fast the scenario runs.
	patience, cancel := context.WithDeadline(ctx, e.world.Clock.Deadline(stopWait))
	var watch sync.WaitGroup
	watch.Go(func() {
		<-patience.Done()
		e.cancel()
		e.conns.shutdown()
	})
	e.receiving.Wait()
	e.workers.Wait()
	cancel()
	watch.Wait()
	e.log.write("stop")
	err := e.end()
	e.log.close()
	if closeErr != nil && !errors.Is(closeErr, net.ErrClosed) {
		err = errors.Join(err, fmt.Errorf("closing the listener: %w", closeErr))
	}
	return err
}

// end cuts what is open, waits for every goroutine and closes the queue.
func (e *engine) end() error {
	_ = e.listener.Close() // closed already after a stop
	e.conns.shutdown()
	e.loops.Wait()
	e.receiving.Wait()
	e.workers.Wait()
	e.chores.Wait()
	// All connections are closed: this waits only for their goroutines.
	_ = e.server.Shutdown(context.Background())
	if err := e.queue.close(); err != nil {
		return fmt.Errorf("closing the queue: %w", err)
	}
	return nil
}

// rate is the clock's rate, for the log.
func (e *engine) rate() string {
	return strconv.FormatFloat(e.world.Clock.Rate(), 'g', 4, 64)
}

func decimal(n int) string { return strconv.Itoa(n) }
