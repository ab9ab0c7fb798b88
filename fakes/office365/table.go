package office365

import "slices"

// Listed is one refusal that Exchange Online has been seen, or is documented,
// to give, as data for a fault's reply. Placeholders as in MX.Refusal.
type Listed struct {
	// Name is the key for scenario files and tests: lower case and dashes.
	Name string
	// Text is the whole reply.
	Text string
	// Stages are where it was seen or belongs: banner, mail, rcpt, data, eod,
	// auth; "eod" stands for the end of data, "ndr" for a DSN only.
	Stages []string
	// Meaning is what the service means by it.
	Meaning string
	// Source is a key of Sources; several are parted by blanks.
	Source string
	// Sure says that Source shows the text; else the text, the code or the
	// stage is by analogy, as Note says.
	Sure bool
	Note string
}

// Sources says what the keys of Listed.Source are.
var Sources = map[string]string{
	"ndr":       "learn.microsoft.com, Email non-delivery reports in Exchange Online",
	"as":        "learn.microsoft.com, Fix error code 451 4.7.500-699 (ASxxx) in Exchange Online",
	"region":    "learn.microsoft.com, Mail sent to the wrong Office 365 region",
	"570x":      "learn.microsoft.com, Fix error codes 550 5.7.703 to 5.7.750",
	"smtpauth":  "learn.microsoft.com, Improvements in SMTP client submission; Exchange Team Blog 607825",
	"oauth":     "learn.microsoft.com, Authenticate an IMAP, POP or SMTP connection using OAuth",
	"retire":    "Exchange Team Blog 4114750, retirement of Basic auth for Client Submission",
	"terrl":     "Exchange Team Blog 4372797, Tenant Outbound Email Limits",
	"receiving": "learn.microsoft.com, Mailboxes exceeding receiving limits",
	"kb1049":    "Microsoft KB 1049, 452 4.5.3 AS780090",
	"pressure":  "Exchange Server documentation, Understanding back pressure",
	"op":        "Exchange Server documentation, Non-delivery reports and bounce messages",
	"loop":      "learn.microsoft.com, Fix error code 5.4.6 to 5.4.20",
	"printers":  "learn.microsoft.com, Fix issues with printers, scanners and LOB applications",
	"enforce":   "Exchange Team Blog 4007169, transport-based enforcement",
	"geo":       "Microsoft documentation of Multi-Geo in-region routing",
	"field":     "ActiveCampaign/smtp-field-manual, data/codes",
	"field97":   "ActiveCampaign/smtp-field-manual pull 97, deferrals of October 2025",
	"deferrals": "deferrals of 2024-07 and 08 in a public log parser's tests",
	"sisimai":   "sisimai/p5-sisimai, lib/Sisimai/Rhost/Microsoft.pm",
	"bounces":   "sisimai/set-of-emails, real bounces",
	"kumomta":   "KumoCorp/kumomta, shaping rules and documentation",
	"log":       "a transcript or log line in a public repository",
	"notice":    "status page copies of Microsoft's notice EX1331830, 2026-06-02",
	"uk2023":    "public accounts of EX649175, 2023-07-18",
	"hve":       "tarickb/sasl-xoauth2 issue 110",
	"codes":     "fm/smtp-codes pull 7",
}

// Replies are all refusals of the tables, temporary ones first.
func Replies() []Listed {
	return slices.Concat(temporary, inside, permanent)
}

// ReplyNamed is the refusal of that name; ok is false where there is none.
func ReplyNamed(name string) (reply Listed, ok bool) {
	for _, r := range Replies() {
		if r.Name == name {
			return r, true
		}
	}
	return Listed{}, false
}
