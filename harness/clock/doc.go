// Package clock owns scenario time: one clock for the harness and for every
// process of an unmodified relay, whose rate changes while it runs.
//
// Warp is that clock inside one process. File lays a Warp's history down in a
// small shared file, from which a preloaded C library (folder shim, compiled
// on the machine that uses it) makes unmodified programs read the same time.
//
// The package must not know what is being timed: no scenario, no relay, no
// socket. It never decides which rate is right.
package clock
