// Package external owns the driver for a relay that is already running, on this
// machine or at the other end of a tunnel to it: hansei has neither started nor
// configured it, and leaves it as it was.
//
// What the relay must be told (where DNS is, which domains it relays, where
// spare copies go) is told to it by whoever runs it; `hansei doctor --external`
// says what. What can be done to it are hooks: commands of the shell, named on
// hansei's own command line and never in a scenario. A missing hook is a missing
// capability.
//
// Time is real: nobody gave its processes a clock to share. Its address must be
// of 127.0.0.0/8, so that no load can leave this machine by mistake.
//
// The package must not stop, alter or configure the relay but by those hooks.
package external
