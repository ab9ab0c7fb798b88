// Package harness owns the run: it builds the world outside around a relay,
// plays a timeline against it and leaves the evidence. What happened is *seen*
// here; it is judged in package check, and told in package reports.
//
//	given      scenarios           what happened that day, and what is promised
//	planned    scenarios/timeline  every submission and fault, drawn from a seed
//	seen       harness             this package: Run writes the run folder
//	judged     harness/check       one ledger of all mail, then one promise each
//	told       reports             text, JSON, JUnit
//
// A run goes through these files, in order:
//
//	prepare.go  refuses what cannot work here, before anything is started
//	stage.go    sets up folder, clock, world and relay, and takes them down
//	world.go    front ends, inboxes, spare store and DNS   (faults.go, inbox.go)
//	conduct.go  plays the timeline's steps when they are due  (pace.go)
//	copies.go   reads spare copies from a store that exists already
//	watch.go    samples, canaries and progress meanwhile
//	settle.go   waits until no accepted mail is under way, reads the queue
//
// The words: a *scenario* is given; a *cohort* is mailboxes that share a fate; a
// *route* is a stream of mail; a *front end* is one address of a fake; a *fault*
// begins, is felt, and *heals*; a *step* of the *timeline* has a *verb*; *actors*
// (load, fake, link, relay) leave *events*, together the *evidence*; the
// *ledger* gives each accepted (message, recipient) pair one *fate*; a *premise*
// must hold before a *promise* can be kept; a *verdict* names its *witnesses*; a
// *driver* starts a relay and has *capabilities*; a *flaw* is a planted defect of
// the reference relay.
//
// The package must not judge, and must not know any relay by name. The world is
// passed in: over Memory the whole run lives in one process, and inside a
// testing/synctest bubble thirteen hours cost only their CPU.
package harness
