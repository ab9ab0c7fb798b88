package office365

// temporary are the replies after which a client is to try again; each has its
// source beside it (see Sources).
var temporary = []Listed{
	{
		Name: "server-busy",
		Text: "451 4.7.500 Server busy. Please try again later from [{ip}]. (S77714) " +
			"[{trailer}]",
		Stages:  []string{"rcpt"},
		Meaning: "the address sends far more than it used to",
		Source:  "as field log", Sure: true,
	},
	{
		Name: "server-busy-s77719",
		Text: "451 4.7.500 Server busy. Please try again later from [{ip}]. (S77719) " +
			"[{trailer}]",
		Stages:  []string{"rcpt"},
		Meaning: "the same",
		Source:  "as field", Sure: true,
	},
	{
		Name: "server-busy-as761",
		Text: "451 4.7.500 Server busy. Please try again later from [{ip}]. (AS761) " +
			"[{trailer}]",
		Stages:  []string{"rcpt"},
		Meaning: "the same",
		Source:  "as", Sure: true,
	},
	{
		Name: "server-busy-as843",
		Text: "451 4.7.500 Server busy. Please try again later from [{ip}]. (AS843) " +
			"[{trailer}]",
		Stages:  []string{"rcpt"},
		Meaning: "the same",
		Source:  "as", Sure: true,
	},
	{
		Name:    "denied-later",
		Text:    "451 4.7.501 Access denied, please try again later",
		Stages:  []string{"rcpt"},
		Meaning: "suspicious activity, sending is restricted for now",
		Source:  "ndr",
		Note:    "the codes are 4.7.500 to 699; the stage is by analogy",
	},
	{
		Name: "rate-limited",
		Text: "451 4.7.650 The mail server [{ip}] has been temporarily rate limited due to " +
			"IP reputation. For e-mail delivery information, see " +
			"https://postmaster.live.com (S775) [{trailer}]",
		Stages:  []string{"mail"},
		Meaning: "reputation of the address, consumer mailboxes",
		Source:  "sisimai bounces field", Sure: true,
	},
	{
		Name: "rate-limited-rcpt",
		Text: "451 4.7.651 The mail server [{ip}] has been temporarily rate limited due to " +
			"IP reputation. For e-mail delivery information, see " +
			"https://postmaster.live.com (S844) [{trailer}]",
		Stages:  []string{"rcpt"},
		Meaning: "the same",
		Source:  "log", Sure: true,
	},
	{
		Name: "too-many-connections",
		Text: "451 4.7.652 The mail server [{ip}] has exceeded the maximum number of " +
			"connections. (S3115) [{trailer}]",
		Stages:  []string{"banner"},
		Meaning: "too many connections at once, consumer mailboxes",
		Source:  "deferrals",
		Note:    "the stage was not seen",
	},
	{
		Name: "refused-concurrent",
		Text: "421 4.7.0 Connection refused from {ip} due to exceed max concurrent " +
			"connections. IB007",
		Stages:  []string{"banner"},
		Meaning: "the same",
		Source:  "kumomta",
		Note:    "only the text is known, not the code",
	},
	{
		Name: "too-many-messages",
		Text: "421 4.7.0 The mail server {ip} has exceeded maximum number of messages per " +
			"connection",
		Stages:  []string{"mail"},
		Meaning: "consumer mailboxes",
		Source:  "kumomta",
		Note:    "only the text is known, not the code",
	},
	{
		Name:    "agent-busy",
		Text:    "451 4.7.700 PFA agent busy, please try again. [{server}]",
		Stages:  []string{"mail"},
		Meaning: "the Protocol Filter Agent is overloaded",
		Source:  "sisimai", Sure: true,
	},
	{
		Name:    "denied-suspicious",
		Text:    "451 4.7.850 Access denied, please try again later",
		Stages:  []string{"rcpt"},
		Meaning: "suspicious address",
		Source:  "ndr",
		Note:    "the codes are 4.7.850 to 899; code and stage are by analogy",
	},
	{
		Name:    "too-many-recipients",
		Text:    "452 4.5.3 Too many recipients",
		Stages:  []string{"rcpt"},
		Meaning: "more than 200 of one domain, or of another tenant: send the rest again",
		Source:  "ndr", Sure: true,
	},
	{
		Name:    "too-many-by-reputation",
		Text:    "452 4.5.3 Too many recipients (AS780090) [{trailer}]",
		Stages:  []string{"rcpt"},
		Meaning: "more than the reputation of the address allows",
		Source:  "kb1049 log", Sure: true,
	},
	{
		Name: "wrong-region",
		Text: "451 4.4.62 Mail sent to the wrong Office 365 region. ATTR35. For more " +
			"information please go to https://go.microsoft.com/fwlink/?linkid=865268 " +
			"[{trailer}]",
		Stages: []string{"rcpt"},
		Meaning: "MX or smart host points to the wrong place; a client that keeps an address " +
			"too long sees it",
		Source: "region geo",
		Note:   "the stage is by analogy",
	},
	{
		Name: "no-subscriptions",
		Text: "451 4.4.4 Mail received as unauthenticated, incoming to a recipient domain " +
			"configured in a hosted tenant which has no mail-enabled subscriptions. " +
			"ATTR5 [{trailer}]",
		Stages:  []string{"rcpt"},
		Meaning: "a tenant without licences",
		Source:  "geo sisimai log",
		Note:    "the middle is from memory",
	},
	{
		Name: "forest-full",
		Text: "421 4.3.2 The maximum number of concurrent connections per resource forest " +
			"has exceeded a limit, closing transmission channel. {server}. PRX8 " +
			"[{trailer}]",
		Stages:  []string{"banner"},
		Meaning: "too many connections to one forest",
		Source:  "field notice",
		Note:    "the stage was not seen",
	},
	{
		Name:    "not-available",
		Text:    "421 4.3.2 Service not available",
		Stages:  []string{"banner"},
		Meaning: "the server is down or draining",
		Source:  "field op", Sure: true,
	},
	{
		Name:    "not-active",
		Text:    "421 4.3.2 Service not active",
		Stages:  []string{"banner"},
		Meaning: "a component is inactive",
		Source:  "op", Sure: true,
	},
	{
		Name:    "not-accepting",
		Text:    "421 4.3.2 System not accepting network messages",
		Stages:  []string{"eod"},
		Meaning: "an agent broke the connection",
		Source:  "log",
		Note:    "seen of other servers",
	},
	{
		Name:    "no-session",
		Text:    "421 4.3.2 Cannot establish session with remote server.",
		Stages:  []string{"banner"},
		Meaning: "nobody to pass the session to",
		Source:  "notice",
		Note:    "the stage was not seen",
	},
	{
		Name:    "dropped",
		Text:    "421 4.4.2 Connection dropped",
		Stages:  []string{"mail"},
		Meaning: "the connection is given up",
		Source:  "op", Sure: true,
	},
	{
		Name: "submission-rate",
		Text: "421 4.4.2 Message submission rate for this client has exceeded the " +
			"configured limit",
		Stages:  []string{"mail"},
		Meaning: "too many messages a minute",
		Source:  "op",
		Note:    "unconfirmed wording",
	},
	{
		Name:    "session-timeout",
		Text:    "421 4.4.1 Connection timed out. Total session duration: 00:10:01.8904373",
		Stages:  []string{"mail"},
		Meaning: "the session is ten minutes old",
		Source:  "log", Sure: true,
	},
	{
		Name:    "idle-timeout",
		Text:    "451 4.7.0 Timeout waiting for client input",
		Stages:  []string{"mail"},
		Meaning: "the client was silent for five minutes",
		Source:  "log", Sure: true,
	},
	{
		Name: "no-replica",
		Text: "451 4.4.0 Message failed to be replicated: No healthy secondary server " +
			"available to accept replica at this time. [{trailer}]",
		Stages:  []string{"eod"},
		Meaning: "no second copy could be made before the 250",
		Source:  "field", Sure: true,
	},
	{
		Name: "no-peers",
		Text: "451 4.4.22 Message failed to be replicated: no healthy peers found " +
			"[{trailer}]",
		Stages:  []string{"eod"},
		Meaning: "the same",
		Source:  "sisimai", Sure: true,
	},
	{
		Name: "no-replica-resources",
		Text: "451 4.4.24 Message failed to be replicated: insufficient system resource " +
			"[{trailer}]",
		Stages:  []string{"eod"},
		Meaning: "the same",
		Source:  "field97", Sure: true,
	},
	{
		Name:    "back-pressure",
		Text:    "452 4.3.1 Insufficient system resources (TSTE) [{trailer}]",
		Stages:  []string{"mail", "eod"},
		Meaning: "the server is short of resources",
		Source:  "field pressure", Sure: true,
	},
	{
		Name:    "queue-quota",
		Text:    "450 4.7.3 Organization queue quota exceeded. [{trailer}]",
		Stages:  []string{"mail", "eod"},
		Meaning: "the tenant's queue is full",
		Source:  "field",
		Note:    "the stage was not seen",
	},
	{
		Name:    "submit-threads",
		Text:    "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
		Stages:  []string{"eod"},
		Meaning: "a fourth submission of a mailbox at once, port 587",
		Source:  "smtpauth", Sure: true,
	},
	{
		Name:    "submit-concurrent",
		Text:    "432 4.3.2 Concurrent connections limit exceeded.",
		Stages:  []string{"eod"},
		Meaning: "the same, newer",
		Source:  "smtpauth", Sure: true,
	},
	{
		Name:    "deliver-threads",
		Text:    "432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded",
		Stages:  []string{"eod"},
		Meaning: "a mailbox takes too many at once",
		Source:  "ndr", Sure: true,
	},
	{
		Name: "ipv6-unsigned",
		Text: "450 4.7.26 Access denied, a message sent over IPv6 [{ip}] must pass either " +
			"SPF or DKIM validation, this message is not signed",
		Stages:  []string{"eod"},
		Meaning: "mail over IPv6",
		Source:  "ndr", Sure: true,
	},
	{
		Name: "out-of-date",
		Text: "450 4.7.230 Connecting Exchange server version is out-of-date; connection " +
			"to Exchange Online throttled for 5 mins/hr.",
		Stages:  []string{"mail"},
		Meaning: "transport-based enforcement",
		Source:  "enforce",
		Note:    "the stage was not seen",
	},
	{
		Name:    "auth-temporary",
		Text:    "454 4.7.0 Temporary authentication failure",
		Stages:  []string{"auth"},
		Meaning: "sign-in fails for a moment (RFC 4954 section 6)",
		Source:  "log",
		Note:    "from incidents; clients also saw 535",
	},
}
