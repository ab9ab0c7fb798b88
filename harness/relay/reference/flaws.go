package reference

import (
	"bytes"
	"maps"
	"strings"
	"time"
)

// The names of the planted flaws.
const (
	flawAckEarly       = "ack-before-durable"
	flawLoseDeferred   = "lose-deferred"
	flawSkipSpare      = "skip-spare"
	flawSpareAfter     = "spare-after-delivery"
	flawRewriteBody    = "rewrite-body"
	flawBounceEarly    = "bounce-after-2h"
	flawDeliverTwice   = "deliver-twice"
	flawStrayCopy      = "stray-copy"
	flawPassDirt       = "pass-dirt"
	flawRefuseWhenDown = "refuse-when-down"
	flawOneForAll      = "one-for-all"
	flawHoldOwnSenders = "hold-own-senders"
	flawNoBackoff      = "no-backoff"
	flawSlowDrain      = "slow-drain"
	flawKeepBodies     = "keep-bodies"
)

// flaws says what each flaw does, and so which promise it breaks.
var flaws = map[string]string{
	flawAckEarly:       "answers 250 from memory and commits 30 s later, so that a kill loses mail",
	flawLoseDeferred:   "silently drops every 50th message whose delivery was deferred",
	flawSkipSpare:      "delivers every 50th recipient of a spare route without a spare copy",
	flawSpareAfter:     "makes the spare copy only after the delivery",
	flawRewriteBody:    "alters the last line of what it delivers, though not of the spare copy",
	flawBounceEarly:    "gives up on a message and bounces it after two hours",
	flawDeliverTwice:   "delivers every 40th message a second time",
	flawStrayCopy:      "delivers every 50th message also to a mailbox that its sender never named",
	flawPassDirt:       "accepts, copies and delivers mail that it had to filter",
	flawRefuseWhenDown: "answers 451 to mail for a destination that is down, rather than queueing it",
	flawOneForAll:      "holds the mail of every destination while a single one is down",
	flawHoldOwnSenders: "holds mail from tenants of the spare while their own mailboxes are down",
	flawNoBackoff:      "retries every message every 30 seconds, and never leaves a dead host in peace",
	flawSlowDrain:      "goes on waiting, up to four hours a message, after the destination is back",
	flawKeepBodies:     "never frees the disk space of the messages that it has delivered",
}

// Flaws names every flaw that Options.Flaw takes, with a sentence on what it
// does.
func Flaws() map[string]string { return maps.Clone(flaws) }

const (
	ackEarlyDelay    = 30 * time.Second
	earlyLifetime    = 2 * time.Hour
	noBackoffRetry   = 30 * time.Second
	slowDrainRetry   = 4 * time.Hour
	skipSpareEvery   = 50
	loseEvery        = 50
	strayEvery       = 50
	twiceEvery       = 40
	rewrittenLine    = "-- \r\nchecked by the relay\r\n"
	strayMailbox     = "archive"
	refusedWhileDown = "destination is not available, try again later"
)

// flaw is the flaw in force; empty: none.
type flaw string

func (f flaw) is(name string) bool { return string(f) == name }

// alter is the content as delivered: by rewrite-body with two more lines.
func (f flaw) alter(content []byte) []byte {
	if !f.is(flawRewriteBody) {
		return content
	}
	return append(bytes.Clone(content), rewrittenLine...)
}

// retry replaces the wait after a failed attempt.
func (f flaw) retry(tries int, wait time.Duration) time.Duration {
	switch {
	case f.is(flawNoBackoff):
		return noBackoffRetry
	case f.is(flawSlowDrain) && tries >= 4:
		return slowDrainRetry
	}
	return wait
}

// strayFor is the mailbox that stray-copy adds to a transaction for recipient.
func strayFor(recipient string) string {
	_, domain, _ := strings.Cut(recipient, "@")
	return strayMailbox + "@" + domain
}
