package reference

// Flaw is a planted defect of the reference relay: a real class of defect of
// real relays, off by default, that shows that whoever judges relays sees it.
type Flaw struct {
	// Name is the word for Options.Flaw; What a sentence on what it does.
	Name, What string
	// Breaks names the promises that it breaks, and no others are broken by it.
	// Where it is more than one, Why says why that is its nature.
	Breaks []string
	Why    string
	// Shows names the situation in which it shows; see Situation.
	Shows string
}

// Flaws are all of them, by the promise that they break.
func Flaws() []Flaw {
	all := make([]Flaw, 0, len(flaws))
	for _, f := range flaws {
		all = append(all, Flaw{
			Name: string(f.name), What: f.what, Breaks: f.breaks, Why: f.why, Shows: f.shows,
		})
	}
	return all
}

// planted is a row of the table of flaws.
type planted struct {
	name   flaw
	shows  string
	what   string
	breaks []string
	why    string
}

// The promises that flaws break, by the names that scenarios give them.
var (
	noLoss        = []string{"no-loss"}
	integrity     = []string{"integrity"}
	noInvention   = []string{"no-invention"}
	duplicates    = []string{"duplicates"}
	spareComplete = []string{"spare-complete"}
	spareTimely   = []string{"spare-timely"}
	spareClean    = []string{"spare-clean"}
	acceptance    = []string{"acceptance"}
	sendingGoesOn = []string{"sending-goes-on"}
	drain         = []string{"drain"}
	isolation     = []string{"isolation"}
	heldUp        = []string{"sending-goes-on", "isolation"}
	retryManners  = []string{"retry-manners"}
	noEarlyBounce = []string{"no-early-bounce"}
	footprint     = []string{"footprint"}
	alarm         = []string{"alarm"}
)

// whyHeldUp: one defect, seen by two kinds of bystander.
const whyHeldUp = "mail to unaffected places waits, whether a customer sends it or a stranger"

// flaws is the table.
var flaws = []planted{
	{flawAckEarly, "kill", "answers 250 from memory and commits two minutes later, so that a kill loses mail",
		noLoss, ""},
	{flawDropOnRestart, "kill", "starts with an empty queue after it was killed", noLoss, ""},
	{flawLoseDeferred, "reset", "silently drops every 10th message whose delivery was deferred",
		noLoss, ""},
	{flawDropWhenFull, "reset", "accepts mail but does not keep it while the queue is long",
		noLoss, ""},
	{flawDropOn421, "hang-up", "takes a 421 for the end of the message and forgets it", noLoss, ""},
	{flawDropInData, "cut-body", "forgets a message whose connection breaks in the middle of it",
		noLoss, ""},
	{flawTrustSilence, "no-answer", "takes a closed connection after the final dot for a 250",
		noLoss, ""},
	{flawKeepFirst, "defer", "retries only the first recipient of a transaction that was deferred",
		noLoss, ""},
	{flawDropRest, "crowd", "forgets the deferred recipients of a transaction that others got through",
		noLoss, ""},
	{flawAckFull, "disk-full", "answers 250 to what it could not write to a full disk", noLoss, ""},
	{flawTrustHalf, "half-reply", "takes a reply of which only the beginning came for a 250",
		noLoss, ""},

	{flawRewriteBody, "reset", "alters the last line of what it delivers, though not of the spare copy",
		integrity, ""},
	{flawTruncateSpare, "reset", "cuts spare copies off after their first lines", integrity, ""},
	{flawTruncateRetried, "reset", "delivers only the first lines of what it has to send a second time",
		integrity, ""},
	{flawLoseDots, "reset", "drops the dot at the start of a line, as if all of them were transparency",
		integrity, ""},
	{flawBreakLines, "reset", "breaks lines of more than 900 octets", integrity, ""},
	{flawStripEighth, "reset", "replaces 8-bit characters by question marks", integrity, ""},
	{flawTrimBlanks, "reset", "trims blanks at the end of lines", integrity, ""},
	{flawUnfold, "reset", "joins folded header lines", integrity, ""},
	{flawStripSignature, "reset", "removes DKIM signatures", integrity, ""},
	{flawTruncateFull, "disk-full", "keeps only the first lines of what a full disk has no room for, " +
		"and answers 250", integrity, ""},

	{flawStrayCopy, "reset", "delivers one message in 50 also to a mailbox that its sender never named",
		noInvention, ""},
	{flawWrongTenant, "reset", "files the spare copy of one message in 20 under another tenant as well",
		noInvention, ""},
	{flawDSNSender, "no-mailbox",
		"sends its notifications with a sender, so that a bounce can bounce, and go on for ever",
		noInvention, ""},
	{flawBounceLoop, "bounce-loop",
		"answers a bounce that is refused with another bounce, for ever", noInvention, ""},

	{flawDeliverTwice, "reset", "delivers one message in 40 a second time", duplicates, ""},
	{flawCopyTwice, "reset", "makes the spare copy of one message in 40 a second time", duplicates, ""},
	{flawAgainAfterQuit, "lost-quit", "sends again what was accepted when the goodbye after it is lost",
		duplicates, ""},
	{flawImpatient, "slow-answer",
		"waits one minute for the answer to a message, not ten, and sends it again", duplicates, ""},

	{flawSkipSpare, "reset", "delivers to one recipient in 50 of a spare route without a spare copy",
		spareComplete, ""},
	{flawSkipSpareBusy, "reset", "makes no spare copies while the queue is long", spareComplete, ""},
	{flawSpareInOutage, "reset", "makes spare copies only while the destination is down",
		spareComplete, ""},
	{flawSpareFirst, "reset", "makes a spare copy for the first recipient of a message only",
		spareComplete, ""},
	{flawForgetCopy, "spare-down", "takes a spare copy for made when the spare store does not answer",
		spareComplete, ""},
	{flawSpareAfter, "reset", "makes the spare copy only after the delivery", spareTimely, ""},
	{flawSpareBatches, "reset", "makes spare copies every 12 minutes, all together", spareTimely, ""},

	{flawPassDirt, "reset", "accepts, copies and delivers mail that it had to filter", spareClean, ""},
	{flawFailOpen, "reset", "does not filter while the queue is long", spareClean, ""},
	{flawCopyDirt, "reset", "refuses mail that it had to filter, but copies it to the spare",
		spareClean, ""},

	{flawRefuseWhenDown, "reset",
		"answers 451 to mail for a destination that is down, rather than queueing it", acceptance, ""},
	{flawAcceptSlowly, "reset", "takes seven minutes to accept a message while the queue is long",
		acceptance, ""},
	{flawRefuseWhenFull, "reset", "answers 452 to all mail while the queue is long",
		[]string{"acceptance", "sending-goes-on"},
		"senders within are refused like senders without; the one counts as sending, " +
			"the other as acceptance"},

	{flawHoldOwnSenders, "reset",
		"holds mail from tenants of the spare while their own mailboxes are down", sendingGoesOn, ""},
	{flawOneForAll, "stall", "holds the mail of every destination while a single one is down",
		heldUp, whyHeldUp},
	{flawFewSlots, "stall", "has two slots for all deliveries, which a destination that hangs takes up",
		heldUp, whyHeldUp},
	{flawProviderSlots, "stall",
		"has two slots for all tenants of a provider, which a forest that hangs takes up",
		isolation, ""},
	{flawSharedBackoff, "reset",
		"backs off from every destination when it backs off from one", isolation, ""},

	{flawSlowDrain, "reset",
		"goes on waiting, up to four hours a message, after the destination is back", drain, ""},
	{flawNeverAgain, "reset", "never tries again what was deferred once", drain, ""},
	{flawOneConnection, "slow-recovery", "opens a single connection to a destination, whatever waits",
		drain, ""},
	{flawForgetPaused, "pause", "forgets when to try again what became due while it was stopped",
		drain, ""},
	{flawKeepAnswer, "wrong-address",
		"keeps what the DNS said for three hours, whatever its time to live", drain, ""},

	{flawNoBackoff, "reset",
		"retries every message every 30 seconds, and never leaves a dead host in peace",
		retryManners, ""},
	{flawStorm, "reset", "retries all messages at the same second, every ten minutes",
		retryManners, ""},
	{flawFlood, "slow-recovery", "opens a connection for each message once the destination is back",
		retryManners, ""},
	{flawAnyMX, "two-mx", "takes any MX record of a domain, whatever its preference",
		retryManners, ""},

	{flawBounceEarly, "reset", "gives up on a message and bounces it after two hours",
		noEarlyBounce, ""},
	{flawNoticeFails, "long", "says failed in the notice of a delay", noEarlyBounce, ""},
	{flawFinalReset, "reset", "takes a reset connection for a permanent failure", noEarlyBounce, ""},
	{flawFinalTimeout, "stall", "takes a time-out for a permanent failure", noEarlyBounce, ""},
	{flawFinalDeferral, "defer", "takes a 4xx reply for a 5xx", noEarlyBounce, ""},
	{flawFinalGreeting, "closed-door", "takes a 5xx in the place of the banner for the recipient's",
		noEarlyBounce, ""},
	{flawTrustWall, "clock-step", "takes the age of a message from a wall clock that was stepped",
		noEarlyBounce, ""},

	{flawKeepBodies, "reset", "never frees the disk space of the messages that it has delivered",
		footprint, ""},
	{flawLeakMemory, "reset", "never frees the buffers of its delivery attempts", footprint, ""},
	{flawLeakConns, "reset", "leaves every other connection open when it has no more use for it",
		footprint, ""},
	{flawLeaveFiles, "reset", "leaves a file in the queue folder for each delivery attempt",
		footprint, ""},

	{flawNeverAlarms, "alarm", "sees that mail waits and tells nobody", alarm, ""},
	{flawAlarmAfterPage, "alarm", "raises the alarm only when the provider's health page says so",
		alarm, ""},
	{flawWatchNeedsToken, "alarm", "asks for a token before each look at its own queue, and " +
		"looks no more once it gets none", alarm, ""},
	{flawCryWolf, "quiet", "raises the alarm when the provider's health page cannot be read",
		alarm, ""},
}
