package reference

import (
	"errors"
	"time"
)

// holdOwn is how long the flaw hold-own-senders puts mail off.
const holdOwn = 10 * time.Minute

// worker serves one lane over one connection at a time.
type worker struct {
	*engine
	lane    *lane
	session *session
	sent    *job // the last one that was answered
}

// cause is at what level an attempt failed.
type cause uint8

const (
	answered    cause = iota // replies for each recipient
	astray                   // no route
	unreachable              // no host could be talked to
	untried                  // every host is being left in peace: no attempt was made
)

// answer is what came of an attempt.
type answer struct {
	results []result
	cause   cause
	host    string
}

// serve makes an attempt, and goes on with the lane's next messages as long as
// the connection lasts.
func (e *engine) serve(t task) {
	w := &worker{engine: e, lane: t.lane}
	defer e.sched.leave(t.lane)
	for ok := true; ok; t, ok = w.next() {
		w.try(t)
	}
	if w.session != nil {
		w.bid()
	}
}

func (w *worker) next() (task, bool) {
	s := w.session
	if s == nil || s.spent || s.sent >= w.settings.PerConnection {
		return task{}, false
	}
	return w.sched.more(w.lane)
}

// try makes one attempt and writes down what came of it.
func (w *worker) try(t task) {
	env, content, err := w.queue.read(t.id)
	if err != nil {
		w.sched.drop(t)
		if !errors.Is(err, errGone) && !errors.Is(err, errDead) {
			w.log.write("trouble", "id", queueID(t.id), "note", err.Error())
		}
		return
	}
	w.held.Add(int64(len(content)))
	defer w.held.Add(-int64(len(content)))
	j := w.job(env, content)
	if len(j.index) == 0 {
		w.sched.drop(t)
		return
	}
	now := w.world.Clock.Now()
	if w.flaw.is(flawHoldOwnSenders) && w.sched.isDown(domainOf(env.From)) {
		t.due, t.freed = now.Add(holdOwn).UnixNano(), false
		w.sched.again(t)
		return
	}
	a := w.deliver(j)
	if a.cause == untried {
		w.sched.again(t)
		return
	}
	w.settle(t, j, a, now)
	w.twice(j)
	w.litter(t)
}

// job picks the recipients whose work in this lane is still to be done.
func (w *worker) job(env *envelope, content []byte) *job {
	j := &job{env: env, content: content, spare: w.lane.key.spare}
	for i := range env.Recipients {
		if !env.wants(w.lane.key, i) {
			continue
		}
		address := env.Recipients[i].Address
		if j.spare {
			address = w.world.Spare.Address(address)
			if w.skipsCopy(env, i, env.Recipients[i].Address) {
				address = nobody
			}
		}
		j.index = append(j.index, i)
		j.to = append(j.to, address)
	}
	if len(j.to) > 0 {
		j.content = w.flaw.alter(content, j.spare, len(env.Trials) > 0)
		j.stray = w.strayFor(j, env.Recipients[j.index[0]].Address)
	}
	return j
}

// deliver makes one attempt: on the open connection, else at each address in
// turn until one answers.
func (w *worker) deliver(j *job) answer {
	if w.session != nil {
		host := w.session.target.address
		if a, done := w.transact(j); done {
			a.host = host
			return a
		}
	}
	targets, err := w.remembered(w.lane.key.domain, j.env.ID)
	if err != nil {
		return w.noWay(j, err)
	}
	addresses := make([]string, len(targets))
	for i, t := range targets {
		addresses[i] = t.address
	}
	w.sched.knows(w.lane, addresses, providerOf(targets))
	a := answer{cause: untried}
	for _, t := range targets {
		if w.ctx.Err() != nil || !w.sched.enter(t.address) {
			continue
		}
		a.host = t.address
		s, err := w.dial(t)
		if err != nil {
			w.sched.hostIll(t.address)
			w.sched.leaveHost(t.address)
			a = w.failed(j, t.address, err)
			continue
		}
		w.session = s
		var done bool
		if a, done = w.transact(j); done {
			a.host = t.address
			return a
		}
		a.host = t.address
	}
	return a
}

// transact makes a transaction on the open connection. It is not done when the
// connection was lost and another address may be tried.
func (w *worker) transact(j *job) (a answer, done bool) {
	results, err := w.session.send(j)
	if err == nil {
		w.sched.hostWell(w.session.target.address)
		w.flaw.reread(results, j.spare)
		w.sent = j
		return answer{results: results}, true
	}
	host := w.session.target.address
	w.lose(err)
	var gone *lost
	a = w.failed(j, host, err)
	// After the last byte the message may have been taken: asking another
	// address at once would make duplicates of what a slow reply explains.
	return a, errors.As(err, &gone) && gone.sent
}

// failed is an attempt without an answer from host.
func (w *worker) failed(j *job, host string, err error) answer {
	// RFC 3463: 4.4.1 no answer from host, 4.4.2 bad connection.
	r := result{kind: w.flaw.deem(err, j.spare), status: "4.4.1", text: oneLine(err.Error())}
	var gone *lost
	if errors.As(err, &gone) {
		r.status = "4.4.2"
	}
	return answer{results: fill(make([]result, len(j.to)), r), cause: unreachable, host: host}
}

func (w *worker) noWay(j *job, err error) answer {
	r := result{kind: soft, status: "4.4.3", text: oneLine(err.Error())}
	var n *noRoute
	if errors.As(err, &n) {
		r.status = n.status
		if n.permanent {
			r.kind = hard
		}
	}
	return answer{results: fill(make([]result, len(j.to)), r), cause: astray}
}

// lose gives up the connection.
func (w *worker) lose(err error) {
	address := w.session.target.address
	_ = w.session.client.Close()
	w.session = nil
	w.sched.hostIll(address)
	w.sched.leaveHost(address)
	w.log.write("lost", "lane", w.lane.key.String(), "host", address, "note", oneLine(err.Error()))
}
