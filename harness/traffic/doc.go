// Package traffic owns the mail of a run: the content of each message, which is
// made anew from the message's id and never stored; the senders that hand it to
// the relay on schedule; and the look at what comes out at the other end.
//
// The load is an open loop: a message is due when the timeline says so, however
// slow the relay is, and its latency counts from then, so a relay that stalls
// cannot hide it (coordinated omission). A sender that is deferred, or whose
// connection breaks, tries again as real senders do.
//
// It must not decide what an outcome means for a promise, and it must not know
// which relay it talks to. It is the one door to go-msgauth, and beside the
// reference relay the only importer of go-smtp's client.
package traffic

import "github.com/hansei-mail/hansei/scenarios"

// IDHeader is the first header field of the harness's own content; what a relay
// puts above it (Received, for one) is its own business.
const IDHeader = "X-Hansei-Id"

// dirtText is the line that makes a message dirty. The EICAR string is put
// together here so that no scanner takes hansei's own source for a virus.
var dirtText = map[scenarios.Dirt]string{
	// https://spamassassin.apache.org/gtube/
	scenarios.GTUBE: "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X",
	// https://www.eicar.org/download-anti-malware-testfile/
	scenarios.EICAR: `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`,
}

// DirtTexts are the strings in whose presence a relay must refuse a message.
func DirtTexts() []string {
	return []string{dirtText[scenarios.GTUBE], dirtText[scenarios.EICAR]}
}
