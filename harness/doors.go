package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/scenarios"
)

// doors shuts and opens front ends for the faults that meet whoever connects.
type doors struct {
	*recorder
	network relay.Network
	ctx     context.Context
	cancel  context.CancelFunc
	porters sync.WaitGroup

	mu    sync.Mutex
	gates map[string]*door
}

// door is one front end and the faults that want it shut.
type door struct {
	spot
	gate *smtpfake.Gate
	shut map[string]smtpfake.Door
}

// probeLimit bounds the harness's own knock, in wall time.
const probeLimit = time.Second

func newDoors(r *recorder, n relay.Network) *doors {
	d := &doors{recorder: r, network: n, gates: map[string]*door{}}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// listen opens a front end, with a gate where a fault may shut it.
func (d *doors) listen(s spot, here []*liveFault) (net.Listener, error) {
	addr := net.JoinHostPort(s.address, smtpPort)
	open := func() (net.Listener, error) { return d.network.Listen(addr) }
	for _, l := range here {
		if !l.atDoor() {
			continue
		}
		gate, err := smtpfake.NewGate(open)
		if err != nil {
			return nil, err
		}
		d.mu.Lock()
		d.gates[addr] = &door{spot: s, gate: gate, shut: map[string]smtpfake.Door{}}
		d.mu.Unlock()
		return gate, nil
	}
	return open()
}

// play keeps the doors that a fault concerns as it wants them, from its begin
// to its heal.
func (d *doors) play(f *faults, l *liveFault) {
	d.porters.Go(func() {
		ctx, cancel := context.WithCancel(d.ctx)
		defer cancel()
		go func() { // ends with the fault or the run
			select {
			case <-l.healed:
				cancel()
			case <-ctx.Done():
			}
		}()
		for ctx.Err() == nil {
			now := d.now()
			d.set(f, l, l.On(now))
			next, ok := l.Turn(now)
			if !ok {
				<-ctx.Done()
				break
			}
			if d.clock.Sleep(ctx, next-now) != nil {
				break
			}
		}
		d.set(f, l, false)
	})
}

// set notes what a fault wants, and turns the gates to the strongest wish.
func (d *doors) set(f *faults, l *liveFault, on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for addr, door := range d.gates {
		concerned := false
		for _, h := range f.here(door.spot) {
			concerned = concerned || h == l
		}
		_, was := door.shut[l.Name]
		if !concerned || was == on {
			continue
		}
		delete(door.shut, l.Name)
		if on {
			door.shut[l.Name] = smtpfake.DoorDrops
			if l.Do == scenarios.Refuse {
				door.shut[l.Name] = smtpfake.DoorRefuses
			}
		}
		if err := door.gate.Turn(door.wanted()); err != nil {
			d.trouble("fake "+door.address, err.Error())
			continue
		}
		if on {
			d.knock(addr, door, l)
		}
	}
}

func (d *door) wanted() smtpfake.Door {
	state := smtpfake.DoorOpen
	for _, wish := range d.shut {
		if wish == smtpfake.DoorRefuses || state == smtpfake.DoorOpen {
			state = wish
		}
	}
	return state
}

// knock records that a door is shut, as the harness's own try shows: a fake
// that takes no connection cannot see who would have made one.
func (d *doors) knock(addr string, door *door, l *liveFault) {
	note := "no SYN is answered"
	if door.wanted() == smtpfake.DoorRefuses {
		ctx, cancel := context.WithTimeout(d.ctx, probeLimit)
		defer cancel()
		conn, err := d.network.Dial(ctx, addr)
		if err == nil {
			_ = conn.Close()
		}
		if !errors.Is(err, syscall.ECONNREFUSED) {
			d.trouble("fake "+door.address, fmt.Sprintf("it should refuse connections: %v", err))
			return
		}
		note = "connections are refused"
	}
	now := d.now()
	d.tally.faults.Add(1)
	d.log.Append(evidence.Event{
		Kind: evidence.KindAttempt, Actor: evidence.Harness, Endpoint: door.endpoint,
		Address: addr, Stage: string(l.Stage), Fault: l.Name, Began: now,
		Outcome: evidence.Broken, Note: note,
	})
}

// close leaves the gates as they are; their servers close them.
func (d *doors) close() {
	d.cancel()
	d.porters.Wait()
}
