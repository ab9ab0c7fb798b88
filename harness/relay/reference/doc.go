// Package reference owns the reference relay: an honest store-and-forward mail
// relay with spare copies that lives in the harness's own process, on the
// scenario's clock, so that a scenario runs with nothing but Go installed.
//
// What it promises is what a real relay must promise: a message is durable
// before it is acknowledged, every recipient is retried until it is delivered
// or bounced, the spare mailbox has its copy before the first delivery attempt
// begins, and a destination that is down is probed rather than hammered. Its
// flaws are planted, off by default, and listed in flaws.go; the situations in
// which they show are scenario files that the package only keeps.
//
// A message's way: receive.go takes it in, queue.go keeps it, schedule.go and
// lane.go decide when it is tried, worker.go and session.go try it, settle.go
// writes down what came of it, and dsn.go tells its sender where that is due.
//
// Beside it stands the operator's watch: watch.go looks at the queue and raises
// the alarm, page.go reads what the provider says of itself, on which nothing
// depends.
//
// The package must not judge anything, must not know the harness or a fake,
// and must not share queue or retry code with package forecast: the two are
// independent so that they can test each other. It reaches the world only by
// what relay.World passes in, and waits only on the scenario's clock.
package reference
