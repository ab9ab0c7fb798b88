// Package check owns what is *judged*: it reads the evidence of a run beside
// the scenario's promises and says which of them were kept.
//
// It makes one pass over the events, in which the ledger gives each accepted
// (message, recipient) pair exactly one fate; every promise is then a reading
// of that ledger. Premises come before promises: a promise that was kept in a
// run that proves nothing is inconclusive, and so is a promise that was broken
// in a run whose evidence cannot be trusted.
//
// The machine is not the relay. Where the clock runs fast, a hiccup of the
// machine is minutes of the scenario, so the promises on how long something
// took (spare-timely, acceptance, sending-goes-on, drain, isolation, retry-manners) excuse
// what a recorded stall and its aftermath explain: what would have kept its
// limit without that time breaks no promise, and keeps none either. Such a
// promise is inconclusive. Order is never excused, and none of them can fail
// when the load could not keep its schedule (see Premise.TrustFor). An
// excuse can only take a verdict away: it never turns one into another.
//
// It is pure: it must not open files or sockets, ask a clock, know a relay by
// name, or alter the evidence. The same evidence always gives the same
// judgement, byte for byte.
package check
