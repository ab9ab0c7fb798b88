package check

import (
	"strconv"
	"time"
)

// letter is what the ledger keeps of one message; letterRows holds it.
type letter struct {
	letterShape
	size int64
	// due, began and answered are of the first attempt: when the message was
	// due, when the sender came, when the outcome was known.
	due, began, answered time.Duration
	// ordinal is the number in "m<ordinal>"; 0: see ledger.names.
	ordinal uint32
	from    int32 // index of the sender's address
	pairs   int32 // index of the first pair, 0: none
}

// letterShape is what many letters have in common.
type letterShape struct {
	code  uint16
	first uint16 // the lowest attempt seen
	// accepted, unknown and refused count attempts by outcome.
	accepted, unknown, refused uint16
	// submitted: at least one submission was seen. whole: the first attempt was
	// accepted for every recipient; dropped: it brought neither yes nor no.
	submitted, whole, dropped, dirty, elsewhere bool
}

// pair is what the ledger keeps of one recipient of one message; pairRows holds
// it.
type pair struct {
	pairShape
	next int32 // the message's next pair, 0: none
	rcpt int32 // index of the address
	// taken is the first 250; out and outAt the first delivery, told the first
	// of which the relay was told; copied and copiedAt the first spare copy;
	// failed the first DSN that says so. The counters say which of them are.
	// handed is when the sender of the first 250 came with the message: relays
	// count its age from before they answer.
	handed                   time.Duration
	taken, out, outAt, told  time.Duration
	copied, copiedAt, failed time.Duration
}

// pairShape is what many pairs have in common.
type pairShape struct {
	// accepted and unknown count the submissions that named the recipient.
	accepted, unknown uint16
	own, spare        copies
	named             bool // a submission named the recipient
	queued            bool
	bounced           bool
}

// copies counts the arrivals of a pair at one kind of endpoint.
type copies struct {
	all uint16
	// withheld: the relay was not told. late: withheld, and begun long after the
	// relay had been told of another.
	withheld, late uint16
}

// unexplained is how many copies nothing explains, when that many submissions
// may each have caused one: the relay was told of more copies than that, or
// sent one again although it had been told.
func (c copies) unexplained(submissions int) int {
	n := max(0, int(c.all)-int(c.withheld)-max(1, submissions))
	if submissions <= 1 {
		n += int(c.late)
	}
	return n
}

// replyPatience is how long after a message was taken a relay may still wait
// for the reply: RFC 5321 section 4.5.3.2.6 asks for at least ten minutes. What
// it sends before that is over may be sent because the reply was slow.
const replyPatience = 30 * time.Minute

// bump counts up without wrapping around.
func bump(n *uint16) {
	if *n != ^uint16(0) {
		*n++
	}
}

// ordinalOf reads "m<ordinal>" in the only form in which plans write it.
func ordinalOf(msg string) uint32 {
	if len(msg) < 2 || len(msg) > 11 || msg[0] != 'm' || msg[1] < '1' || msg[1] > '9' {
		return 0
	}
	n, err := strconv.ParseUint(msg[1:], 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}
