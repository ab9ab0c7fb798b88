package office365

// permanent are the replies after which a client is to give up; each has its
// source beside it (see Sources).
var permanent = []Listed{
	{
		Name: "unknown-recipient",
		Text: "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) " +
			"[{trailer}]",
		Stages:  []string{"rcpt"},
		Meaning: "Directory Based Edge Blocking",
		Source:  "log", Sure: true,
	},
	{
		Name: "unknown-recipient-2026",
		Text: "550 5.4.1 Recipient address rejected: Access denied. For more information " +
			"see https://aka.ms/EXOSmtpErrors [{trailer}]",
		Stages:  []string{"rcpt"},
		Meaning: "the same, newer",
		Source:  "kumomta", Sure: true,
	},
	{
		Name:    "unknown-recipient-old",
		Text:    "550 5.4.1 [{rcpt}]: Recipient address rejected: Access denied",
		Stages:  []string{"rcpt"},
		Meaning: "the same, older",
		Source:  "bounces", Sure: true,
	},
	{
		Name:    "all-recipients",
		Text:    "550 5.4.1 All recipient addresses rejected : Access denied [{server}]",
		Stages:  []string{"data"},
		Meaning: "none is left",
		Source:  "field", Sure: true,
	},
	{
		Name: "not-found",
		Text: "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP " +
			"address lookup",
		Stages:  []string{"eod", "ndr"},
		Meaning: "no such mailbox, where edge blocking is off",
		Source:  "bounces", Sure: true,
	},
	{
		Name:    "mailbox-unavailable",
		Text:    "550 5.5.0 Requested action not taken: mailbox unavailable. [{server}]",
		Stages:  []string{"rcpt"},
		Meaning: "consumer mailboxes",
		Source:  "ndr field", Sure: true,
	},
	{
		Name: "banned-address",
		Text: "550 5.7.606 Access denied, banned sending IP [{ip}]. To request removal " +
			"from this list please visit https://sender.office.com/ and follow the " +
			"directions. For more information please go to  " +
			"http://go.microsoft.com/fwlink/?LinkID=526655 AS(1430) [{trailer}]",
		Stages:  []string{"rcpt"},
		Meaning: "the address is on Microsoft's list",
		Source:  "log bounces", Sure: true,
	},
	{
		Name: "banned-sender",
		Text: "550 5.7.511 Access denied, banned sender[{ip}]. To request removal from " +
			"this list please forward this message to delist@messaging.microsoft.com. " +
			"For more information please go to " +
			"http://go.microsoft.com/fwlink/?LinkId=526653. AS(1410) [{trailer}]",
		Stages:  []string{"rcpt"},
		Meaning: "the same, not delistable by portal",
		Source:  "log", Sure: true,
	},
	{
		Name: "spamhaus",
		Text: "550 5.7.1 Service unavailable, Client host [{ip}] blocked using Spamhaus. " +
			"To request removal from this list see " +
			"https://www.spamhaus.org/query/ip/{ip} (AS3130). [Name=Protocol Filter " +
			"Agent][AGT=PFA][MxId=11BB60EC9FF1E732] [{trailer}]",
		Stages:  []string{"mail"},
		Meaning: "the address is on a public list",
		Source:  "log field", Sure: true,
	},
	{
		Name: "block-list",
		Text: "550 5.7.1 Unfortunately, messages from [{ip}] weren't sent. Please contact " +
			"your Internet service provider since part of their network is on our block " +
			"list (S3150).",
		Stages:  []string{"mail", "rcpt"},
		Meaning: "consumer mailboxes",
		Source:  "field", Sure: true,
	},
	{
		Name: "dmarc",
		Text: "550 5.7.509 Access denied, sending domain [MX.TEST] does not pass DMARC " +
			"verification and has a DMARC policy of reject. [{trailer}] [{trailer}] " +
			"[{trailer}]",
		Stages:  []string{"eod"},
		Meaning: "DMARC; one trailer for each hop",
		Source:  "bounces", Sure: true,
	},
	{
		Name:    "not-compliant",
		Text:    "550 5.7.512 Access denied, message must be RFC 5322 section 3.6.2 compliant",
		Stages:  []string{"eod"},
		Meaning: "no valid From",
		Source:  "ndr", Sure: true,
	},
	{
		Name: "customer-block",
		Text: "550 5.7.513 Service unavailable, Client host [{ip}] blocked by mx.test " +
			"using Customer Block list (AS16012607)",
		Stages:  []string{"rcpt"},
		Meaning: "the tenant's own list",
		Source:  "ndr", Sure: true,
	},
	{
		Name: "authentication-level",
		Text: "550 5.7.515 Access denied, sending domain does not meet the required " +
			"authentication level.",
		Stages:  []string{"eod"},
		Meaning: "bulk senders to consumer mailboxes, since 2025-05",
		Source:  "codes",
		Note:    "the wording is approximate",
	},
	{
		Name: "not-from-this-address",
		Text: "550 5.7.708 Service unavailable. Access denied, traffic not accepted from " +
			"this IP. For more information please go to " +
			"http://go.microsoft.com/fwlink/?LinkId=526653 AS(7230) [{trailer}]",
		Stages:  []string{"eod"},
		Meaning: "low reputation or a new tenant",
		Source:  "570x", Sure: true,
	},
	{
		Name:    "tenant-threshold",
		Text:    "550 5.7.705 Access denied, tenant has exceeded threshold",
		Stages:  []string{"eod"},
		Meaning: "the tenant is blocked",
		Source:  "570x", Sure: true,
	},
	{
		Name: "unregistered-domains",
		Text: "550 5.7.750 Service unavailable. Client blocked from sending from " +
			"unregistered domains",
		Stages:  []string{"eod"},
		Meaning: "the sender's domain is none of the tenant's",
		Source:  "ndr", Sure: true,
	},
	{
		Name: "external-limit",
		Text: "550 5.7.233 Your message can't be sent because your tenant has exceeded its " +
			"daily limit for sending email to external recipients (tenant external " +
			"recipient rate limit)",
		Stages:  []string{"eod"},
		Meaning: "more external recipients a day than licences allow",
		Source:  "terrl", Sure: true,
	},
	{
		Name: "external-limit-trial",
		Text: "550 5.7.232 Your message can't be sent because your trial tenant has " +
			"exceeded its daily limit for sending email to external recipients (tenant " +
			"external recipient rate limit)",
		Stages:  []string{"eod"},
		Meaning: "the same, trial tenants",
		Source:  "terrl",
		Note:    "the word trial is by analogy",
	},
	{
		Name:    "relay-denied",
		Text:    "550 5.7.64 TenantAttribution; Relay Access Denied [{server}]",
		Stages:  []string{"rcpt"},
		Meaning: "the connector no longer matches",
		Source:  "ndr printers", Sure: true,
	},
	{
		Name: "partner-connector",
		Text: "550 5.7.51 TenantInboundAttribution; Rejecting. Recipient has a partner " +
			"connector with RestrictDomainsToIPAddresses or RestrictDomainsToCertificate " +
			"set",
		Stages:  []string{"eod"},
		Meaning: "partner connector",
		Source:  "sisimai log",
		Note:    "the full text is from memory",
	},
	{
		Name: "direct-send",
		Text: "550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this " +
			"organization from unauthorized sources",
		Stages:  []string{"eod"},
		Meaning: "Reject Direct Send is on",
		Source:  "log",
		Note:    "the stage was not seen",
	},
	{
		Name:    "bad-outbound-sender",
		Text:    "550 5.1.8 Access denied, bad outbound sender AS(42004) [{trailer}]",
		Stages:  []string{"eod"},
		Meaning: "the account is restricted",
		Source:  "ndr log", Sure: true,
	},
	{
		Name: "out-of-date-blocked",
		Text: "550 5.7.230 Connecting Exchange server version is out-of-date; connection " +
			"to Exchange Online blocked for 10 mins/hr.",
		Stages:  []string{"mail"},
		Meaning: "transport-based enforcement",
		Source:  "enforce",
		Note:    "the stage was not seen",
	},
	{
		Name: "recipient-limit",
		Text: "554 5.2.122 The recipient has exceeded their limit for the number of " +
			"messages they can receive per hour. For more information go to " +
			"http://go.microsoft.com/fwlink/?LinkId=526653. [{server}]",
		Stages:  []string{"eod"},
		Meaning: "3,600 messages an hour; permanent by its code, though an hour heals it",
		Source:  "field ndr receiving", Sure: true,
	},
	{
		Name: "recipient-limit-sender",
		Text: "554 5.2.121 The sender has exceeded the limit for the number of messages " +
			"they can send to this recipient per hour. For more information go to " +
			"http://go.microsoft.com/fwlink/?LinkId=526653. [{server}]",
		Stages:  []string{"eod"},
		Meaning: "a third of that from one sender",
		Source:  "field ndr receiving", Sure: true,
	},
	{
		Name: "submission-quota",
		Text: "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; " +
			"Failed to process message due to a permanent exception with message The " +
			"message can't be submitted because the sender's submission quota was " +
			"exceeded.",
		Stages:  []string{"eod"},
		Meaning: "10,000 recipients a day, port 587",
		Source:  "smtpauth",
		Note:    "the end is by analogy",
	},
	{
		Name: "send-as-denied",
		Text: "554 5.2.252 SendAsDenied; {rcpt} not allowed to send as noreply@mx.test; " +
			"STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; " +
			"Failed to process message due to a permanent exception",
		Stages:  []string{"eod"},
		Meaning: "another mailbox's address, port 587",
		Source:  "log", Sure: true,
	},
	{
		Name:    "mail-loop",
		Text:    "554 5.4.14 Hop count exceeded - possible mail loop ATTR34",
		Stages:  []string{"eod"},
		Meaning: "more than 20 loops",
		Source:  "loop",
		Note:    "the 554 is from memory",
	},
	{
		Name:    "mail-loop-old",
		Text:    "554 5.4.6 Hop count exceeded - possible mail loop",
		Stages:  []string{"eod"},
		Meaning: "the same, on-premises",
		Source:  "loop",
		Note:    "the 554 is from memory",
	},
	{
		Name:    "too-big",
		Text:    "552 5.3.4 Message size exceeds fixed maximum message size",
		Stages:  []string{"mail", "eod"},
		Meaning: "the SIZE announced",
		Source:  "op", Sure: true,
	},
	{
		Name:    "bad-recipient",
		Text:    "501 5.1.3 Invalid address",
		Stages:  []string{"rcpt"},
		Meaning: "cannot be read",
		Source:  "field", Sure: true,
	},
	{
		Name:    "bad-sender",
		Text:    "501 5.1.7 Invalid address",
		Stages:  []string{"mail"},
		Meaning: "cannot be read",
		Source:  "field",
		Note:    "after its twin",
	},
	{
		Name:    "bad-sequence",
		Text:    "503 5.5.1 Bad sequence of commands",
		Stages:  []string{"mail"},
		Meaning: "an outage's symptom on 2023-07-18",
		Source:  "uk2023", Sure: true,
	},
	{
		Name:    "auth-unsuccessful",
		Text:    "535 5.7.3 Authentication unsuccessful [{server}]",
		Stages:  []string{"auth"},
		Meaning: "wrong credentials or token",
		Source:  "oauth", Sure: true,
	},
	{
		Name: "auth-disabled",
		Text: "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is " +
			"disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more " +
			"information. [{server}]",
		Stages:  []string{"auth"},
		Meaning: "the tenant does not allow it",
		Source:  "log", Sure: true,
	},
	{
		Name: "auth-basic-disabled",
		Text: "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. " +
			"[{server}]",
		Stages:  []string{"auth"},
		Meaning: "the same for passwords",
		Source:  "log", Sure: true,
	},
	{
		Name: "auth-incorrect",
		Text: "535 5.7.139 Authentication unsuccessful, the user credentials were " +
			"incorrect. [{server}]",
		Stages:  []string{"auth"},
		Meaning: "wrong password",
		Source:  "log", Sure: true,
	},
	{
		Name: "auth-locked",
		Text: "535 5.7.139 Authentication unsuccessful, user is locked by your " +
			"organization's security defaults policy. Contact your administrator. " +
			"[{server}]",
		Stages:  []string{"auth"},
		Meaning: "security defaults",
		Source:  "log",
		Note:    "the end is by analogy",
	},
	{
		Name: "not-authenticated",
		Text: "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during " +
			"MAIL FROM",
		Stages:  []string{"mail"},
		Meaning: "nobody has signed in, port 587",
		Source:  "ndr printers",
		Note:    "the 530 is from memory",
	},
	{
		Name:    "basic-retired",
		Text:    "550 5.7.30 Basic authentication is not supported for Client Submission.",
		Stages:  []string{"auth"},
		Meaning: "after the retirement of passwords",
		Source:  "retire", Sure: true,
	},
	{
		Name:    "bad-xoauth2",
		Text:    "501 5.5.124 Invalid XOAUTH2 auth data",
		Stages:  []string{"auth"},
		Meaning: "the response cannot be read",
		Source:  "hve", Sure: true,
	},
	{
		Name:    "expired",
		Text:    "550 4.4.7 QUEUE.Expired; message expired",
		Stages:  []string{"ndr"},
		Meaning: "a 550 with a 4.x.x",
		Source:  "ndr", Sure: true,
	},
	{
		Name:    "discarded",
		Text:    "550 4.3.2 Discarded by administrative action. DROP",
		Stages:  []string{"ndr"},
		Meaning: "a 550 with a 4.x.x",
		Source:  "ndr",
		Note:    "seen in DSNs",
	},
	{
		Name: "old-tls",
		Text: "421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade/update your " +
			"client to support TLS 1.2. Visit https://aka.ms/smtp_auth_tls. [{server}]",
		Stages:  []string{"auth"},
		Meaning: "port 587; permanent in effect though a 421",
		Source:  "log",
		Note:    "the stage is by analogy",
	},
}
