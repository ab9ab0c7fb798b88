package reference

import (
	"fmt"
	"strings"
	"time"
)

// fate is what became of one recipient.
type fate uint8

const (
	waiting fate = iota
	delivered
	failed // bounced, or dropped where no bounce is due
)

// duty is what is owed to the spare for one recipient.
type duty uint8

const (
	noCopy    duty = iota // not a recipient with spare mail
	copyFirst             // the copy must be there before a delivery begins
	copyAfter             // the flaw: after the delivery
	copied
)

// recipient is one recipient of a message and how far the relay got with it.
type recipient struct {
	Address string `json:"a"`
	Fate    fate   `json:"f,omitempty"`
	Copy    duty   `json:"c,omitempty"`
	Noticed bool   `json:"d,omitempty"` // its sender was told of the delay
	// Notify and Original are the RCPT parameters of RFC 3461 sections 4.1, 4.2.
	Notify   []string `json:"n,omitempty"`
	Original string   `json:"o,omitempty"`
	Status   string   `json:"s,omitempty"` // RFC 3463, of the last failure
	Reason   string   `json:"r,omitempty"` // the last reply or failure in words
}

// trial is how often a message was tried at one destination, and when next.
type trial struct {
	Tries int   `json:"t"`
	Next  int64 `json:"n"` // unix nanoseconds
}

// envelope is all the relay knows of a message but its content.
type envelope struct {
	ID         uint64           `json:"-"`
	Mark       string           `json:"m,omitempty"` // X-Hansei-Id
	MessageID  string           `json:"i,omitempty"`
	From       string           `json:"f,omitempty"`
	Arrived    int64            `json:"a"` // unix nanoseconds
	UTF8       bool             `json:"u,omitempty"`
	Return     string           `json:"ret,omitempty"` // RFC 3461 section 4.3
	EnvelopeID string           `json:"env,omitempty"` // RFC 3461 section 4.4
	Recipients []recipient      `json:"r"`
	Trials     map[string]trial `json:"t,omitempty"` // by laneKey.String
}

// queueID is the id that the relay tells senders: the life of the relay in
// which the message arrived, and its number in that life.
func queueID(id uint64) string { return fmt.Sprintf("%d-%06X", id>>40, id&(1<<40-1)) }

func (e *envelope) arrived() time.Time { return time.Unix(0, e.Arrived).UTC() }

// name is how the log names the message: by the harness's mark where it has
// one.
func (e *envelope) name() string {
	if e.Mark != "" {
		return e.Mark
	}
	return e.MessageID
}

// domainOf is the mail domain of an address, in lower case.
func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}

// wants says whether the work of a lane is still to be done for recipient i.
func (e *envelope) wants(key laneKey, i int) bool {
	r := &e.Recipients[i]
	if key.spare {
		return (r.Fate == waiting && r.Copy == copyFirst) || (r.Fate == delivered && r.Copy == copyAfter)
	}
	return r.Fate == waiting && r.Copy != copyFirst && domainOf(r.Address) == key.domain
}

// work lists the lanes in which the message has work now.
func (e *envelope) work(spareDomain string) []laneKey {
	spare := laneKey{domain: spareDomain, spare: true}
	var keys []laneKey
	seen := map[laneKey]bool{}
	for i := range e.Recipients {
		key := laneKey{domain: domainOf(e.Recipients[i].Address)}
		if e.wants(spare, i) {
			key = spare
		} else if !e.wants(key, i) {
			continue
		}
		if !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	return keys
}

// finished says whether nothing is left to be done for any recipient.
func (e *envelope) finished() bool {
	for i := range e.Recipients {
		r := &e.Recipients[i]
		if r.Fate == waiting || (r.Fate == delivered && r.Copy == copyAfter) {
			return false
		}
	}
	return true
}

// remaining are the recipients still to be served.
func (e *envelope) remaining() (addresses []string, reason string) {
	for i := range e.Recipients {
		if r := &e.Recipients[i]; r.Fate == waiting {
			addresses = append(addresses, r.Address)
			if r.Reason != "" {
				reason = r.Reason
			}
		}
	}
	return addresses, reason
}
