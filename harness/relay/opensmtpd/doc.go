// Package opensmtpd owns the driver for OpenSMTPD as Debian builds it: its own,
// unmodified programs, installed on this machine or unpacked (see
// process.RelaysVar), run as a private instance with its own retry times, which
// no configuration can change.
//
// What is peculiar to OpenSMTPD shows in the verdicts. It tries a message again
// 400 seconds times the square of a number after it came (6m40s, 26m40s, 1h,
// 1h46m40s and so on), whatever became of the attempts before; a route that
// failed is closed for up to an hour besides. The sender of mail that waits is
// told after four hours, by a DSN of the action "delayed".
//
// It says 250 before a message is on the disk: a new one is written and renamed,
// but not synced (queue_fs.c, fsqueue_envelope_dump). A kill does not lose it, a
// power cut may.
//
// Spare copies are made by expanding each address into two, by a table that is a
// program; both are then envelopes of the same message and delivered side by
// side, in no order.
//
// The configuration is one file of the driver's: OpenSMTPD has no routing
// without one. Each line of it that is not stock is listed in Info.Changes with
// its reason. The log goes through the driver (smtpd -d), which stamps it with
// the scenario's time. The package must not know of scenarios or evidence, and
// must not touch the machine's own OpenSMTPD or its queue.
package opensmtpd
