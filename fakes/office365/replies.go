package office365

import (
	"time"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// The fixed replies of an MX front end, with where each was seen:
//
//	[12] MXToolbox transcript of 2023-06-28 in ietf-tools/datatracker pull 5888
//	[22] ActiveCampaign/smtp-field-manual, data/codes
//	[28] bertjohnson/OpaqueMail issue 35
//	[27] tarickb/sasl-xoauth2 issue 97
//	[log] a transcript in a public repository
//	[ndr] learn.microsoft.com, "Email non-delivery reports in Exchange Online"
//	[op] Exchange Server documentation, "Non-delivery reports and bounce messages"
//	[?] from memory or by analogy; no source found
var says = map[smtpfake.Cue]string{
	smtpfake.CueQuit:     "221 2.0.0 Service closing transmission channel", // [log]
	smtpfake.CueStartTLS: "220 2.0.0 SMTP server ready",                    // [27]
	smtpfake.CueReset:    "250 2.0.0 Resetting",                            // [?]
	smtpfake.CueNoop:     "250 2.0.0 OK",                                   // [?]
	smtpfake.CueVerify:   "252 2.1.5 Cannot VRFY user",                     // [?]
	smtpfake.CueHelp: "214-This server supports the following commands:\n" +
		"214 HELO EHLO STARTTLS RCPT DATA RSET MAIL QUIT HELP BDAT", // [?]
	smtpfake.CueChunk:        "250 2.6.0 CHUNK received OK",                               // [?]
	smtpfake.CueHelloFirst:   "503 5.5.2 Send hello first",                                // [28]
	smtpfake.CueNeedMail:     "503 5.5.2 Need mail command",                               // [?]
	smtpfake.CueNeedRcpt:     "503 5.5.2 Need rcpt command",                               // [?]
	smtpfake.CueSenderTwice:  "503 5.5.2 Sender already specified",                        // [?]
	smtpfake.CueBadSequence:  "503 5.5.1 Bad sequence of commands",                        // seen 2023-07-18
	smtpfake.CueUnknown:      "500 5.3.3 Unrecognized command",                            // [?]
	smtpfake.CueLineTooLong:  "500 5.3.3 Line too long",                                   // [?]
	smtpfake.CueBadSyntax:    "501 5.5.4 Invalid arguments",                               // [?]
	smtpfake.CueBadSender:    "501 5.1.7 Invalid address",                                 // [22] for its twin
	smtpfake.CueBadRecipient: "501 5.1.3 Invalid address",                                 // [22]
	smtpfake.CueBadParameter: "501 5.5.4 Unsupported parameter",                           // [?]
	smtpfake.CueNotASCII:     "553 5.6.7 Address requires SMTPUTF8",                       // RFC 6531 section 3.5
	smtpfake.CueNoTLS:        "502 5.3.3 Command not implemented",                         // [?]
	smtpfake.CueBadMechanism: "504 5.7.4 Unrecognized authentication type",                // [?]
	smtpfake.CueTooBig:       "552 5.3.4 Message size exceeds fixed maximum message size", // [op]
	smtpfake.CueTooManyRcpts: tooManyRecipients,
	smtpfake.CueTooManyClients: "421 4.3.2 The maximum number of concurrent connections " +
		"has exceeded a limit, closing transmission channel", // [?], after [22]'s per-forest text
	smtpfake.CueIdle:   "451 4.7.0 Timeout waiting for client input",                // [log]
	smtpfake.CueOver:   "421 4.4.1 Connection timed out.",                           // [log], see MX.Say
	smtpfake.CueFailed: "451 4.7.0 Temporary server error. Please try again later.", // [22] without PRX
}

// The replies of the envelope and the message; sources as above.
const (
	senderOK          = "250 2.1.0 Sender OK"                          // [12]
	recipientOK       = "250 2.1.5 Recipient OK"                       // [12]
	startInput        = "354 Start mail input; end with <CRLF>.<CRLF>" // [log], port 587
	tooManyRecipients = "452 4.5.3 Too many recipients"                // [ndr]
	noSuchRecipient   = "550 5.4.1 Recipient address rejected: Access denied. " +
		"AS(201806281) [{trailer}]" // [log] 2023-06
	noSuchRecipient26 = "550 5.4.1 Recipient address rejected: Access denied. " +
		"For more information see https://aka.ms/EXOSmtpErrors [{trailer}]" // KumoCorp/kumomta, 2026-03-13
)

// Limits of an MX front end.
const (
	// Size is the SIZE announced [12].
	Size = 157286400
	// RecipientsPerDomain is how many recipients of one domain a transaction
	// may have [ndr].
	RecipientsPerDomain = 200
	// IdleTimeout and MaxSession are those of an on-premises server, which is
	// all that is published [op]; use them in smtpfake.Server.
	IdleTimeout = 5 * time.Minute
	MaxSession  = 10 * time.Minute
	// ReceivedPerHour is what one mailbox takes an hour, and ReceivedFromOne a
	// third of it, what it takes from one sender (copies of the limits page in
	// the documentation of connectioncloudsupport and NHSmail).
	ReceivedPerHour = 3600
	ReceivedFromOne = ReceivedPerHour / 3
)

// Refusals seen in incidents, for a fault's reply. {ip} and {trailer} are
// filled by MX.Refusal. Sources as above, and
//
//	[15] deferrals of 2024-07 and 08 in a public log parser's tests
//	[16] sisimai/p5-sisimai, lib/Sisimai/Rhost/Microsoft.pm
//	[46] status page notices of 2026-06-02
const (
	// ServerBusy is throttling of an address whose traffic changed: stage rcpt [22].
	ServerBusy = "451 4.7.500 Server busy. Please try again later from [{ip}]. " +
		"(S77714) [{trailer}]"
	// TooManyByReputation is throttling by reputation: stage rcpt (Microsoft KB 1049).
	TooManyByReputation = "452 4.5.3 Too many recipients (AS780090) [{trailer}]"
	// AttributionOverloaded: look-ups of the tenant are over their threshold,
	// stage rcpt [15].
	AttributionOverloaded = "451 4.3.2 Temporary server error. " +
		"Please try again later ATTR2 [{trailer}]"
	// AttributionFailed: look-ups of the tenant failed, stage rcpt [15] [16].
	AttributionFailed = "451 4.4.3 Temporary server error. " +
		"Please try again later ATTR2 [{trailer}]"
	// ProxyFailed: the front end did not reach a mailbox server, stage eod [15] [22].
	ProxyFailed = "451 4.7.0 Temporary server error. Please try again later. PRX2  [{trailer}]"
	// ForestFull: too many connections to one forest, stage banner [22].
	ForestFull = "421 4.3.2 The maximum number of concurrent connections per resource forest " +
		"has exceeded a limit, closing transmission channel. {server}. PRX8 [{trailer}]"
	// NotAvailable: the server is down or draining, stage connect [22] [op].
	NotAvailable = "421 4.3.2 Service not available"
	// NoSession: the front end has nobody to pass the session to, stage banner [46].
	NoSession = "421 4.3.2 Cannot establish session with remote server."
	// BackPressure: the server is short of resources, stages mail and eod [22].
	BackPressure = "452 4.3.1 Insufficient system resources (TSTE) [{trailer}]"
	// NoReplica: no second copy could be made before the 250, stage eod [22].
	NoReplica = "451 4.4.0 Message failed to be replicated: No healthy secondary server " +
		"available to accept replica at this time. [{trailer}]"
	// RecipientLimit and RecipientLimitOfOne: a mailbox has received too much
	// this hour, in all or from one sender, stage eod [22] [ndr].
	RecipientLimit = "554 5.2.122 The recipient has exceeded their limit for the number of messages " +
		"they can receive per hour. For more information go to " +
		"http://go.microsoft.com/fwlink/?LinkId=526653. [{server}]"
	RecipientLimitOfOne = "554 5.2.121 The sender has exceeded the limit for the number of messages " +
		"they can send to this recipient per hour. For more information go to " +
		"http://go.microsoft.com/fwlink/?LinkId=526653. [{server}]"
	// WrongRegion: the client keeps an address too long, stage rcpt
	// (learn.microsoft.com, "Mail sent to the wrong Office 365 region").
	WrongRegion = "451 4.4.62 Mail sent to the wrong Office 365 region. ATTR35. For more information " +
		"please go to https://go.microsoft.com/fwlink/?linkid=865268 [{trailer}]"
)
