package internet_test

import (
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/fakes/internet"
)

// mixed is a notice as OpenSMTPD 6.8 builds it: a report by its parts alone.
const mixed = "Subject: Delivery status notification: delayed\r\n" +
	"From: Mailer Daemon <MAILER-DAEMON@relay.hansei.test>\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed;boundary=\"1234567890123456/relay.hansei.test\"\r\n\r\n" +
	"This is a MIME-encapsulated message.\r\n\r\n--1234567890123456/relay.hansei.test\r\n" +
	"Content-Type: text/plain; charset=us-ascii\r\n\r\nHi!\r\n\r\n" +
	"--1234567890123456/relay.hansei.test\r\nContent-Type: message/delivery-status\r\n\r\n" +
	"Reporting-MTA: dns; relay.hansei.test\r\n\r\n" +
	"Final-Recipient: rfc822; ben@kaede.example\r\nAction: delayed\r\nStatus: 4.0.0\r\n\r\n" +
	"--1234567890123456/relay.hansei.test\r\nContent-Type: text/rfc822-headers\r\n\r\n" +
	"X-Hansei-Id: m-1\r\n\r\n--1234567890123456/relay.hansei.test--\r\n"

func TestANoticeThatIsNoReportByItsType(t *testing.T) {
	d, is, err := internet.ParseDSN(strings.NewReader(mixed))
	if err != nil || !is || len(d.Recipients) != 1 || d.Recipients[0].Action != "delayed" ||
		d.Recipients[0].Final != "ben@kaede.example" || d.Original.Get("X-Hansei-Id") != "m-1" {
		t.Errorf("read %+v, %v, %v", d, is, err)
	}
	other := strings.Replace(mixed, "message/delivery-status", "text/plain", 1)
	if d, is, err := internet.ParseDSN(strings.NewReader(other)); is || err != nil {
		t.Errorf("mail with attachments is taken for a notice: %+v, %v", d, err)
	}
}
