package outsidetest

import (
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

// masterCf is that of an installation without local mail, see master(5).
const masterCf = `%s inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`

// mainCf is what every such relay needs; %[1]s is its folder.
const mainCf = `compatibility_level = 3.6
queue_directory = %[1]s/spool
data_directory = %[1]s/data
maillog_file = %[1]s/mail.log
maillog_file_prefixes = %[1]s
myhostname = relay.hansei.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_bind_address = 127.0.0.1
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
mydestination =
local_transport = error:5.1.1 no local mailboxes here
alias_maps =
alias_database =
local_header_rewrite_clients =
message_size_limit = 157286400
`

// write writes the configuration of a relay that does not run yet.
func (p *Postfix) write(c Config) error {
	host, _, err := net.SplitHostPort(c.DNS)
	if err != nil {
		return fmt.Errorf("reading the name server's address: %w", err)
	}
	main := fmt.Sprintf(mainCf, p.dir) + c.Settings
	files := map[string]string{
		"resolv.conf":      "nameserver " + host + "\n",
		"config/master.cf": fmt.Sprintf(masterCf, p.Address),
	}
	if len(c.Filter) > 0 {
		checks := "regexp:" + p.dir + "/config/filter"
		main += "header_checks = " + checks + "\nbody_checks = " + checks +
			"\nbody_checks_size_limit = 157286400\n"
		var b strings.Builder
		for _, text := range c.Filter {
			fmt.Fprintf(&b, "/%s/i REJECT 5.7.1 refused by the filter\n", quote(text))
		}
		files["config/filter"] = b.String()
	}
	if len(c.Spare.Domains) > 0 {
		main += "recipient_bcc_maps = regexp:" + p.dir + "/config/spare\n"
		var b strings.Builder
		for _, d := range c.Spare.Domains {
			fmt.Fprintf(&b, "/^(.+)@(%s)$/ ${1}=${2}@%s\n", quote(d), c.Spare.Domain)
		}
		files["config/spare"] = b.String()
	}
	uid, gid, err := owner()
	if err != nil {
		return err
	}
	mail, by := filepath.Join(p.dir, "mail", "spare"), [2]int{uid, gid}
	if c.Into != "" {
		s, err := os.Stat(c.Into)
		if err != nil {
			return fmt.Errorf("finding the Maildir for the copies: %w", err)
		}
		mail, by = c.Into, ownerOf(s)
	}
	if c.Maildir || c.Into != "" {
		// virtual(8): all of the spare's domain goes to one Maildir, each copy
		// with its recipient in Delivered-To. No message is too large for it.
		main += fmt.Sprintf("virtual_mailbox_domains = %s\nvirtual_mailbox_base = %s\n"+
			"virtual_mailbox_maps = static:%s/\nvirtual_minimum_uid = 1\n"+
			"virtual_mailbox_limit = 0\nvirtual_uid_maps = static:%d\nvirtual_gid_maps = static:%d\n",
			c.Spare.Domain, filepath.Dir(mail), filepath.Base(mail), by[0], by[1])
	}
	files["config/main.cf"] = main
	return p.lay(files, uid, gid)
}

// lay makes the folders and files; Postfix's own user must be able to pass.
func (p *Postfix) lay(files map[string]string, uid, gid int) error {
	if err := os.Chmod(p.dir, 0o755); err != nil {
		return fmt.Errorf("opening the outside relay's folder: %w", err)
	}
	for _, name := range []string{
		"config", "spool", "data", "mail", "mail/spare", "mail/spare/cur", "mail/spare/new",
		"mail/spare/tmp",
	} {
		if err := os.Mkdir(filepath.Join(p.dir, name), 0o755); err != nil {
			return fmt.Errorf("making the outside relay's folders: %w", err)
		}
		if name != "data" && !strings.HasPrefix(name, "mail") {
			continue
		}
		if err := os.Chown(filepath.Join(p.dir, name), uid, gid); err != nil {
			return fmt.Errorf("giving postfix its folders: %w", err)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("configuring the outside relay: %w", err)
		}
	}
	return nil
}

// owner is the user as whom Postfix runs.
func owner() (uid, gid int, err error) {
	u, err := user.Lookup("postfix")
	if err != nil {
		return 0, 0, fmt.Errorf("finding the user of Postfix: %w", err)
	}
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		return 0, 0, fmt.Errorf("reading the user of Postfix: %w", err)
	}
	if gid, err = strconv.Atoi(u.Gid); err != nil {
		return 0, 0, fmt.Errorf("reading the group of Postfix: %w", err)
	}
	return uid, gid, nil
}

// quote makes a POSIX regular expression that matches text alone.
func quote(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if strings.IndexByte(`\.+*?()|[]{}^$/`, c) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}
