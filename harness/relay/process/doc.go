// Package process owns how the programs of a relay run on this machine: as a
// Tree of processes that cannot outlive us, that sees files of our choice in
// place of the machine's own, and that can be killed and measured as a whole.
// It also owns the register of what a run holds of the machine, so that the
// next start can sweep away what a killed one left behind.
//
// It must not know any relay, and it never alters the machine: mounts are made
// in a private namespace that dies with its processes.
package process
