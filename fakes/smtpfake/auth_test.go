package smtpfake_test

import (
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// TestAuth holds every way to sign in, and to fail at it, against its reply
// (RFC 4954, RFC 4616, and Microsoft's page on XOAUTH2).
func TestAuth(t *testing.T) {
	for _, c := range []struct {
		lines, want string
	}{
		{"AUTH PLAIN AHVzZXIAc2VjcmV0", "235 2.7.0 Welcome"},
		{"AUTH PLAIN\nAHVzZXIAc2VjcmV0", "334 |235 2.7.0 Welcome"},
		{"AUTH LOGIN\ndXNlcg==\nc2VjcmV0", "334 VXNlcm5hbWU6|334 UGFzc3dvcmQ6|235 2.7.0 Welcome"},
		{"AUTH LOGIN dXNlcg==\nc2VjcmV0", "334 UGFzc3dvcmQ6|235 2.7.0 Welcome"},
		{"auth xoauth2 dXNlcj11c2VyAWF1dGg9QmVhcmVyIHNlY3JldAEB", "235 2.7.0 Welcome"},
		{"AUTH XOAUTH2 dXNlcj11c2VyAWF1dGg9QmVhcmVyIHNlY3JldAE=",
			"535 5.7.8 Not {Mechanism:XOAUTH2 User: Secret: Malformed:true}"},
		{"AUTH XOAUTH2 =", "535 5.7.8 Not {Mechanism:XOAUTH2 User: Secret: Malformed:true}"},
		{"AUTH PLAIN AHVzZXIAc2VjcmU=", "535 5.7.8 Not {Mechanism:PLAIN User:user Secret:secre Malformed:false}"},
		{"AUTH PLAIN !", "535 5.7.8 Not {Mechanism:PLAIN User: Secret: Malformed:true}"},
		{"AUTH LOGIN\n*\nNOOP", "334 VXNlcm5hbWU6|501 5.5.4 Syntax error in arguments|250 2.0.0 Ok"},
		{"AUTH CRAM-MD5", "504 5.5.4 Unrecognized authentication type"},
		{"AUTH PLAIN AHVzZXIAc2VjcmV0\nAUTH LOGIN", "235 2.7.0 Welcome|503 5.5.1 Bad sequence of commands"},
		{"MAIL FROM:<>\nAUTH LOGIN", "250 2.1.0 Ok|503 5.5.1 Bad sequence of commands"},
	} {
		got := strings.Join(answers(t, &smtpfake.Server{}, strings.Split(c.lines, "\n")...), "|")
		if strings.ReplaceAll(got, "\r", "") != c.want {
			t.Errorf("%q: %q, want %q", c.lines, got, c.want)
		}
	}
}

// TestAuthIsUnknown where the persona knows nothing of it.
func TestAuthIsUnknown(t *testing.T) {
	got := exchange(t, serve(t, &smtpfake.Server{}), "EHLO c.test\r\nAUTH LOGIN\r\nQUIT\r\n")
	if !strings.Contains(got, "\r\n500 5.5.2 ") {
		t.Errorf("read %q", got)
	}
}
