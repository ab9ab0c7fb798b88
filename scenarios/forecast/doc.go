// Package forecast owns what is *predicted*: the same timeline through a
// queueing model of a relay. How large the queue grows, how long it drains, how
// much disk, how many attempts.
//
// Two engines answer, and must agree. Events follows each message by itself.
// Cohorts follows streams of mail between cohorts, as a fluid; what it costs
// does not grow with the number of messages. Both read a Model of the relay,
// which is data: what a stock relay is documented to do, or what was learnt
// from runs.
//
// The package is pure: no sockets, no clock, no global randomness. It must not
// know any relay's code, the reference relay's least of all: two independent
// implementations that agree test each other.
//
// What it leaves out is said in Forecast.Unmodelled, and where it is asked
// about more than its model was fitted for, in Forecast.Outside.
package forecast
