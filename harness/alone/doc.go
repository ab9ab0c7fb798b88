// Package alone owns a fake that serves without a run around it: for anybody's
// own tests, against any client, with faults from a scenario, from a command
// line or from package control.
//
// Faults decide as they do in a run (see harness.Played) and are written in the
// same words (see package scenarios). A fake that is given no scenario takes
// mail for every domain, and its faults are meant for all of them.
//
// It must not judge, start a relay or write a run folder: what happened is
// told event by event, in the form of package evidence. It listens on loopback
// only.
package alone
