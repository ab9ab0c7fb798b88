package opensmtpd

import (
	"fmt"
	"strings"
)

// messageLimit is the largest message that Exchange Online takes, 150 MB
// (Exchange Online limits, "Message size limits"); stock OpenSMTPD's 35 MB
// would refuse mail that the provider would not.
const messageLimit = "157286400"

// told are the settings that decide how mail is delivered again, with their
// stock values (smtpd.conf(5)).
var told = [][2]string{
	{"queue ttl", "4d"}, {"bounce warn-interval", "4h"}, {"mta max-deferred", "100"},
}

// settings are the retry settings in force.
func (o overlay) settings() map[string]string {
	all := map[string]string{"retry": ruleText}
	for _, s := range told {
		all[s[0]] = o.value(s[0], s[1])
	}
	return all
}

// compose is the configuration's text and what of it is not stock: Debian's
// smtpd.conf relays mail of local senders, as here.
func (in *instance) compose(user overlay) (text string, changes []string) {
	var b strings.Builder
	put := func(line, why string) {
		b.WriteString(line + "\n")
		if why != "" {
			changes = append(changes, fmt.Sprintf("smtpd.conf: %s (%s)", line, why))
		}
	}
	for _, line := range user.lines {
		put(line, "from the user's configuration")
	}
	for _, line := range user.aside {
		changes = append(changes, fmt.Sprintf("smtpd.conf: the user's %s is set aside "+
			"(the instance is a private one)", line))
	}
	if user.value("smtp max-message-size", "") == "" {
		put("smtp max-message-size "+messageLimit, "Exchange Online's own limit")
	}
	host, port, _ := strings.Cut(in.listen, ":")
	copies, written := in.copyRules(), ""
	if len(copies) > 0 {
		written = writtenPath
	}
	fmt.Fprintf(&b, "filter \"content\" proc-exec \"%s\"\n",
		filterCommand(in.World.Filter, written))
	changes = append(changes, "smtpd.conf: filter \"content\" proc-exec "+filterPath+
		" (the filter refuses the test strings; it also tells the server's time)")
	put(fmt.Sprintf("listen on %s port %s hostname %s filter \"content\"", host, port,
		in.hostname()), "a free port of loopback, and nothing else")
	put(fmt.Sprintf("action \"relay\" relay helo %s src 127.0.0.1", in.hostname()),
		"no mail can leave this machine")
	for _, line := range copies {
		put(line, "copies to the spare store")
	}
	put("match from src { \"127.0.0.0/8\" } for any action \"relay\"", "senders are on loopback")
	put("match from local for any action \"relay\"", "")
	return b.String(), changes
}

// hostname is the world's, or one that is safe.
func (in *instance) hostname() string {
	if in.World.Hostname == "" {
		return "relay.hansei.test"
	}
	return in.World.Hostname
}
