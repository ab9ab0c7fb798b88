package postfix

import (
	"fmt"
	"strings"

	"github.com/hansei-mail/hansei/harness/relay"
)

// spareTable is a regexp_table(5) for recipient_bcc_maps: each recipient of
// the spare's domains has a copy at Spare.Address. Postfix queues the copy with
// the message and delivers both side by side.
func spareTable(s relay.Spare) string {
	var b strings.Builder
	for _, d := range s.Domains {
		fmt.Fprintf(&b, "/^(.+)@(%s)$/ ${1}=${2}@%s\n", quote(d), s.Domain)
	}
	return b.String()
}

// filterTable is a header_checks(5) and body_checks(5) table. The flag i makes
// it mind the case, as the test strings do.
func filterTable(strs []string) string {
	var b strings.Builder
	for _, s := range strs {
		fmt.Fprintf(&b, "/%s/i REJECT 5.7.1 message refused by the filter\n", quote(s))
	}
	return b.String()
}

// quote makes a POSIX extended regular expression that matches text alone and
// can stand between slashes.
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
