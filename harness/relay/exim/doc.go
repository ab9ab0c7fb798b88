// Package exim owns the driver for Exim 4 as Debian builds it (exim4-daemon-light):
// its own, unmodified programs, installed on this machine or unpacked (see
// process.RelaysVar), run as a private instance with Debian's own retry rule
// and queue interval unless the user lays his own over them.
//
// The configuration is one file of the driver's: Exim has no routing without
// one. Each line of it is either stock (the default of Exim or of Debian's
// configuration), or it is listed in Info.Changes with its reason. The package
// must not know of scenarios or evidence, and must not touch the machine's own
// Exim or its queue.
package exim
