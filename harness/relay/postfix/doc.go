// Package postfix owns the driver for the Postfix that is installed on this
// machine: its own, unmodified programs, run as a private instance beside any
// other, with stock settings unless the user lays his own over them.
//
// It adds to the configuration only what a test instance needs (where its
// folders are, where DNS and the spare are, what the filter looks for) and
// lists each such line in Info.Changes. It must not know of scenarios or
// evidence, and must not touch the machine's own Postfix or its queue.
package postfix
