// Package mailstore owns the reading of mail stores that exist already, in which
// a relay keeps its spare copies: a Maildir, an mbox, or an account of an IMAP
// server. It tells of each message that came since the last look, with the time
// at which the store says it came and how sure that is.
//
// It only reads: it marks nothing as seen, moves nothing and takes no lock. It
// must not know whose message it is, nor of scenarios or evidence.
//
// The package is the one door to go-imap. Its version 1.2.1 was taken rather than
// v2.0.0-beta.8 because it is a release: EXAMINE and UID FETCH are all that is
// needed here, and v2's API is still announced to change.
package mailstore
