package postfix

import (
	"path/filepath"
	"strings"

	"github.com/hansei-mail/hansei/harness/relay"
)

// messageLimit is the largest message that Exchange Online takes, 150 MB
// (Exchange Online limits, "Message size limits"); stock Postfix's 10 MB would
// refuse mail that the provider would not.
const messageLimit = "157286400"

// stockEnvironment is the default of import_environment in Postfix 3.7, but
// for the time zone.
const stockEnvironment = "MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG XAUTHORITY DISPLAY LANG=C " +
	"POSTLOG_SERVICE POSTLOG_HOSTNAME"

// settings are all lines that the driver adds to stock Postfix.
func settings(w relay.World, at place, version string) []setting {
	imports := stockEnvironment + " TZ=UTC"
	why := "time stamps of the log in UTC"
	if w.ClockFile != nil {
		// With the values, so that a daemon cannot come up without them.
		imports += " " + strings.Join(w.ClockFile.Env(), " ")
		why += ", and the shared clock"
	}
	add := []setting{
		{"compatibility_level", level(version), "as in a fresh installation", theirs},
		{"queue_directory", at.spool(), "private instance", ours},
		{"data_directory", at.data(), "private instance", ours},
		{"maillog_file", literal(at.log), "a log of its own", ours},
		{"maillog_file_prefixes", "/", "allows that log", ours},
		{"import_environment", imports, why, ours},
		{"myhostname", hostname(w), "the relay's name in this world", ours},
		{"inet_interfaces", "127.0.0.1", "nothing but loopback", ours},
		{"inet_protocols", "ipv4", "the fakes speak IPv4", ours},
		// The kernel refuses connections from a loopback address to any other.
		{"smtp_bind_address", "127.0.0.1", "no mail can leave this machine", ours},
		{"lmtp_bind_address", "127.0.0.1", "no mail can leave this machine", ours},
		{"mynetworks", "127.0.0.0/8", "senders are on loopback", both},
		// Stock takes clients on its own addresses for local programs and
		// completes their headers.
		{"local_header_rewrite_clients", "", "senders are hosts of their own, though here", theirs},
		{"smtpd_relay_restrictions", "permit_mynetworks, reject", "relays for them only", theirs},
		{"mydestination", "", "no local mail", theirs},
		{"local_transport", "error:5.1.1 no local mailboxes here", "no local delivery", ours},
		{"virtual_transport", "error:5.1.1 no local mailboxes here", "no local delivery", ours},
		{"alias_maps", "", "no local mail", theirs},
		{"alias_database", "", "no local mail", theirs},
		{"biff", "no", "no local mail", ours},
		{"message_size_limit", messageLimit, "Exchange Online's own limit", theirs},
	}
	if len(w.Spare.Domains) > 0 {
		add = append(add, setting{"recipient_bcc_maps", "regexp:" + at.spareTable(),
			"copies to the spare store", both})
	}
	if len(w.Filter) > 0 {
		add = append(add,
			setting{"header_checks", "regexp:" + at.filterTable(), "filter", both},
			setting{"body_checks", "regexp:" + at.filterTable(), "filter", both},
			setting{"body_checks_size_limit", messageLimit, "filters whole messages", theirs})
	}
	return add
}

// level is the compatibility level that a fresh installation sets. Before 3.6
// it was a plain number.
func level(version string) string {
	if major, rest, ok := strings.Cut(version, "."); ok && major == "3" && len(rest) > 1 &&
		rest[0] < '6' && rest[1] == '.' {
		return "2"
	}
	return "3.6"
}

// hostname is the world's, or one that is safe.
func hostname(w relay.World) string {
	if w.Hostname == "" {
		return "relay.hansei.test"
	}
	return w.Hostname
}

// place is where an instance lives.
type place struct {
	// base is a folder that Postfix's own user may pass through. It is not in
	// the caller's folder, because that may lie below one that is private.
	base string
	// log and dir are in the caller's folder.
	log, dir string
}

func (p place) config() string      { return filepath.Join(p.base, "config") }
func (p place) spool() string       { return filepath.Join(p.base, "spool") }
func (p place) data() string        { return filepath.Join(p.base, "data") }
func (p place) etc() string         { return filepath.Join(p.base, "etc") }
func (p place) spareTable() string  { return filepath.Join(p.config(), "spare_copies") }
func (p place) filterTable() string { return filepath.Join(p.config(), "filter_checks") }
