package mailstore

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/harness/mailstore/dovecottest"
)

// TestDovecot reads an account of a real server, and leaves all as it was.
func TestDovecot(t *testing.T) {
	d := dovecottest.Start(t)
	d.Deliver(t, "1000000000.old.test", "Subject: old\n\nold\n")
	s, k := open(t, d.URL()), &taken{t: t}
	k.looks(s)
	k.looks(s)
	large := strings.Repeat(strings.Repeat("x", 70)+"\n", 30000)
	var want []string
	for i, text := range []string{"Subject: a\n\nb\n", "Subject: c\n\n\n.\n\xe5\x8f\x8d\n", "d: e\n\n" + large} {
		d.Deliver(t, fmt.Sprintf("200000000%d.new.test", i), text)
		want = append(want, strings.ReplaceAll(text, "\n", "\r\n"))
	}
	k.looks(s, want...)
	k.looks(s)
	d.Deliver(t, "2000000009.new.test", "f: g\n\nh\n")
	k.looks(s, "f: g\r\n\r\nh\r\n")
	// Reading must not mark mail as seen: its owner would miss it.
	seen, err := filepath.Glob(filepath.Join(d.Maildir, "*", "*,*S*"))
	if err != nil || len(seen) > 0 {
		t.Errorf("marked as seen: %v, %v", seen, err)
	}
	if err := os.Remove(only(t, filepath.Join(d.Maildir, "*", "1000000000.old.test*"))); err != nil {
		t.Fatal(err)
	}
	k.looks(s) // what was there before is nobody's concern
}

func only(t *testing.T, pattern string) string {
	t.Helper()
	all, err := filepath.Glob(pattern)
	if err != nil || len(all) != 1 {
		t.Fatalf("%s: %v, %v", pattern, all, err)
	}
	return all[0]
}

func TestDovecotRefusesAWrongPassword(t *testing.T) {
	d := dovecottest.Start(t)
	w, err := Parse("imap://" + dovecottest.User + ":wrong@" + d.Address + "/INBOX")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := w.Open(t.Context()); err == nil {
		t.Errorf("it was opened: %v", s)
	} else if strings.Contains(err.Error(), "wrong") {
		t.Errorf("a password is told: %v", err)
	}
	w, err = Parse("imap://" + dovecottest.User + "@" + d.Address + "/None")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := w.WithPassword(dovecottest.Password).Open(t.Context()); err == nil {
		t.Errorf("a mailbox that is not there was opened: %v", s)
	}
}
