// Package exim owns the driver for Exim 4 as Debian builds it (exim4-daemon-light):
// its own, unmodified programs, installed on this machine or unpacked (see
// process.RelaysVar), run as a private instance with Debian's own retry rule
// and queue interval unless the user lays his own over them.
//
// What is peculiar to Exim shows in the verdicts. It keeps retry times for each
// name and address of a host, not for messages, so one growing rule (Debian's
// G,16h,1h,1.5) holds the whole backlog back for up to hours after a heal. And
// it delivers the copy that an unseen router makes side by side with the
// message (remote_max_parallel), in no order, unless remote_max_parallel = 1
// and remote_sort_domains put the spare's domain first.
//
// The configuration is one file of the driver's: Exim has no routing without
// one. Each line of it is either stock (the default of Exim or of Debian's
// configuration), or it is listed in Info.Changes with its reason. The package
// must not know of scenarios or evidence, and must not touch the machine's own
// Exim or its queue.
package exim
