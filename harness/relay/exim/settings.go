package exim

import (
	"fmt"
	"strings"

	"github.com/hansei-mail/hansei/harness/relay"
)

// The stock settings that decide about retries.
const (
	// stockRetry is Debian's (conf.d/retry/30_exim4-config), and the example in
	// Exim's specification, chapter 32.
	stockRetry = "* * F,2h,15m; G,16h,1h,1.5; F,4d,6h"
	// stockInterval is Debian's QUEUEINTERVAL (/etc/default/exim4).
	stockInterval = "30m"
)

// messageLimit is the largest message that Exchange Online takes, 150 MB
// (Exchange Online limits, "Message size limits"); stock Exim's 50 MB would
// refuse mail that the provider would not.
const messageLimit = "157286400"

// setting is an option of the main section.
type setting struct {
	key, value, why string
	how             precedence
}

// precedence says what becomes of the user's own value.
type precedence int

const (
	// stock: the value that Debian's own configuration sets; not a change.
	stock precedence = iota
	// theirs: the user's value stands, ours is for want of one.
	theirs
	// ours: the instance or the machine's safety needs our value.
	ours
)

// settings are the driver's main section.
func (in *instance) settings() []setting {
	host, port, _ := strings.Cut(in.listen, ":")
	return []setting{
		{"exim_path", in.pack.Path(program), "where the program is", ours},
		{"spool_directory", in.Spool, "private instance", ours},
		{"log_file_path", in.logs + "/%slog", "a log of its own", ours},
		{"pid_file_path", pidFile, "private instance", ours},
		{"timezone", "UTC", "time stamps of the log in UTC", ours},
		{"primary_hostname", in.hostname(), "the relay's name in this world", ours},
		{"local_interfaces", host, "nothing but loopback", ours},
		{"daemon_smtp_ports", port, "a free port of loopback", ours},
		{"hostlist relay_from_hosts", "127.0.0.0/8", "senders are on loopback", ours},
		{"acl_smtp_rcpt", "acl_check_rcpt", "relays for them only", ours},
		{"acl_smtp_data", "acl_check_data", "filter", ours},
		{"message_body_visible", messageLimit, "filters whole messages", ours},
		{"message_size_limit", messageLimit, "Exchange Online's own limit", theirs},
		{"tls_advertise_hosts", "", "no certificate of its own", theirs},
		// The rest is what Debian's conf.d/main sets.
		{"keep_environment", "", "", stock},
		{"prdr_enable", "true", "", stock},
		{"dns_dnssec_ok", "1", "", stock},
		{"ignore_bounce_errors_after", "2d", "", stock},
		{"timeout_frozen_after", "7d", "", stock},
		{"log_selector", "+smtp_protocol_error +smtp_syntax_error " +
			"+tls_certificate_verified +tls_peerdn", "", stock},
	}
}

// setAside are the user's settings that speak of the place where his Exim
// lives, or of sections that are the driver's.
func setAside(key string) bool {
	switch key {
	case "exim_user", "exim_group", "domainlist local_domains", "domainlist relay_to_domains",
		"qualify_domain", "process_log_path", "gnutls_compat_mode", "notifier_socket",
		"daemon_smtp_port", "extra_local_interfaces", "hosts_proxy":
		return true
	}
	return strings.HasPrefix(key, "acl_") || strings.HasPrefix(key, "local_scan") ||
		strings.HasPrefix(key, "perl_")
}

// compose lays the user's configuration over the driver's. It returns the
// file's text and what of it is not stock.
func (in *instance) compose(user overlay) (text string, changes []string) {
	var b strings.Builder
	put := func(key, value, why string) {
		fmt.Fprintf(&b, "%s = %s\n", key, value)
		if why != "" {
			changes = append(changes, fmt.Sprintf("exim4.conf: %s = %s (%s)", key, value, why))
		}
	}
	const origin = "from the user's configuration"
	for _, m := range user.macros {
		put(m.key, m.value, origin)
	}
	own := in.settings()
	taken := map[string]bool{}
	for _, s := range own {
		value, set := user.main[s.key]
		taken[s.key] = true
		switch {
		case set && s.how == ours && value != s.value:
			put(s.key, s.value, fmt.Sprintf("%s; the user's %q is set aside", s.why, value))
		case set && s.how != ours:
			put(s.key, value, origin)
		default:
			put(s.key, s.value, s.why)
		}
	}
	for _, key := range user.order {
		switch {
		case taken[key]:
		case setAside(key):
			changes = append(changes, fmt.Sprintf("exim4.conf: the user's %s = %s is set aside "+
				"(the instance is a private one)", key, user.main[key]))
		default:
			put(key, user.main[key], origin)
		}
	}
	sections, added := in.sections()
	b.WriteString(sections)
	b.WriteString("\nbegin retry\n")
	for _, line := range user.retryLines() {
		b.WriteString(line + "\n")
	}
	if len(user.retry) > 0 {
		changes = append(changes, "exim4.conf: begin retry: "+strings.Join(user.retry, " | ")+
			" ("+origin+")")
	}
	return b.String(), append(changes, added...)
}

// hostname is the world's, or one that is safe.
func (in *instance) hostname() string {
	if in.World.Hostname == "" {
		return "relay.hansei.test"
	}
	return in.World.Hostname
}

// sections are the access lists, routers and transports, and what they add to
// Debian's: there, mail for the world goes by MX (router dnslookup) through the
// transport remote_smtp, as here.
func (in *instance) sections() (text string, changes []string) {
	filter, spare := filterRules(in.World.Filter), spareRouter(in.World.Spare)
	if filter != "" {
		changes = append(changes, "exim4.conf: acl_check_data refuses the test strings of the filter")
	}
	if spare != "" {
		changes = append(changes, "exim4.conf: the router spare, before dnslookup and unseen "+
			"(copies to the spare store)")
	}
	return fmt.Sprintf(sectionText, filter, spare), append(changes,
		"exim4.conf: the router local refuses the relay's own name (no local mail)",
		"exim4.conf: the router dnslookup without ignore_target_hosts (the world is on loopback)",
		"exim4.conf: the transport remote_smtp with interface = 127.0.0.1 "+
			"(no mail can leave this machine)")
}

const sectionText = `
begin acl

acl_check_rcpt:
  accept hosts = +relay_from_hosts
  deny   message = relay not permitted

acl_check_data:
%s  accept

begin routers

local:
  driver = redirect
  domains = @ : @[]
  allow_fail
  data = :fail: no local mailboxes here
%s
dnslookup:
  driver = dnslookup
  transport = remote_smtp
  caseful_local_part
  same_domain_copy_routing = yes
  no_more

begin transports

remote_smtp:
  driver = smtp
  interface = 127.0.0.1
`

// spareRouter copies mail for the spare's domains. A router that is unseen
// hands the address on to the next ones as well; both are then delivered side
// by side.
func spareRouter(s relay.Spare) string {
	if len(s.Domains) == 0 {
		return ""
	}
	return fmt.Sprintf(`
spare:
  driver = redirect
  domains = %s
  data = ${quote_local_part:$local_part=$domain}@%s
  caseful_local_part
  unseen
`, strings.Join(s.Domains, " : "), s.Domain)
}

// filterRules refuse messages with one of the strings in their header or body.
func filterRules(strs []string) string {
	var b strings.Builder
	for _, s := range strs {
		// \N keeps Exim from expanding what is between (chapter 11, "Literal
		// text in expanded strings").
		fmt.Fprintf(&b, `  deny   message = 550 5.7.1 message refused by the filter
         condition = ${if or {{match{$message_body}{\N%[1]s\N}}\
                              {match{$message_headers_raw}{\N%[1]s\N}}}}
`, quote(s))
	}
	return b.String()
}

// quote makes a regular expression (PCRE) that matches text alone and has no
// character that means anything to Exim.
func quote(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return b.String()
}
