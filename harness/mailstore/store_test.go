package mailstore

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNamesOfStores(t *testing.T) {
	for name, want := range map[string]string{
		"maildir:/var/mail/spare/":             "maildir:/var/mail/spare",
		"mbox:/var/mail/spare":                 "mbox:/var/mail/spare",
		"imap://a%40b.test:pw@127.0.0.1":       "imap://a%40b.test@127.0.0.1:143/INBOX",
		"imap://a:pw@127.1.2.3:1143/Spare/Old": "imap://a@127.1.2.3:1143/Spare/Old",
	} {
		w, err := Parse(name)
		if err != nil || w.String() != want {
			t.Errorf("%s: %q, %v", name, w, err)
		}
	}
	for _, name := range []string{
		"", "maildir", "maildir:mail", "mbox:", "pop3://a:pw@127.0.0.1", "imap:127.0.0.1",
		"imap://127.0.0.1/INBOX", "imap://a:secret@192.0.2.1/INBOX", "imap://a:secret@localhost/",
		"imap://a:secret@[::1]/", "imap://a:secret@127.0.0.1:port/INBOX",
	} {
		w, err := Parse(name)
		if err == nil {
			t.Errorf("%q was taken as %s", name, w)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("a password is told: %v", err)
		}
	}
	w, err := Parse("imap://a@127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := w.WithPassword("pw").imap.User.Password(); p != "pw" {
		t.Errorf("its password is %q", p)
	}
}

func TestSpan(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(1574128800000 + int64(ms)) }
	for name, c := range map[string]struct {
		own            time.Time
		grain          time.Duration
		earliest, last int
	}{
		"between the looks":      {at(700), 10 * time.Millisecond, 700, 710},
		"coarser than the looks": {at(0), 2 * time.Second, 500, 1000},
		"begun before":           {at(0), time.Second, 500, 1000},
		"its end is after":       {at(900), time.Second, 900, 1000},
		"copied with its date":   {at(-90000), time.Second, 500, 1000},
		"a clock that is ahead":  {at(5000), time.Second, 500, 1000},
		"none":                   {time.Time{}, time.Second, 500, 1000},
	} {
		earliest, latest := span(c.own, c.grain, at(500), at(1000))
		if !earliest.Equal(at(c.earliest)) || !latest.Equal(at(c.last)) {
			t.Errorf("%s: from %s to %s", name, earliest, latest)
		}
	}
}

func TestLineEnds(t *testing.T) {
	for text, want := range map[string]string{
		"":               "",
		"a\nb\n":         "a\r\nb\r\n",
		"a\r\nb\r\n":     "a\r\nb\r\n",
		"\n\n":           "\r\n\r\n",
		"a\rb\n\r\n\r\r": "a\rb\r\n\r\n\r\r",
	} {
		for name, r := range map[string]io.Reader{
			"at once": strings.NewReader(text), "by bytes": iotest.OneByteReader(strings.NewReader(text)),
		} {
			got, err := io.ReadAll(newOnTheWire(r))
			if err != nil || string(got) != want {
				t.Errorf("%q %s: %q, %v", text, name, got, err)
			}
			if err := iotest.TestReader(newOnTheWire(strings.NewReader(text)), []byte(want)); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	}
}

// taken is what looks have told.
type taken struct {
	t     *testing.T
	texts []string
}

func (k *taken) take(a Arrival, r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		k.t.Error(err)
	}
	if a.Latest.Before(a.Earliest) || time.Since(a.Latest) > time.Minute ||
		time.Since(a.Latest) < -time.Second {
		k.t.Errorf("%s came between %s and %s", a.Name, a.Earliest, a.Latest)
	}
	k.texts = append(k.texts, string(text))
	return nil
}

// looks looks once and compares what was new.
func (k *taken) looks(s Store, want ...string) {
	k.t.Helper()
	k.texts = nil
	if err := s.Look(k.t.Context(), k.take); err != nil {
		k.t.Fatal(err)
	}
	if diff := cmp.Diff(want, k.texts); diff != "" {
		k.t.Error(diff)
	}
}

func open(t *testing.T, name string) Store {
	t.Helper()
	w, err := Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestMaildir(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"new", "cur", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "cur", "1.old.host:2,S"), "old\n")
	s, k := open(t, "maildir:"+dir), &taken{t: t}
	k.looks(s)
	write(t, filepath.Join(dir, "tmp", "3.half"), "not yet whole\n")
	write(t, filepath.Join(dir, "new", "2.new.host"), "Subject: a\n\nb\n")
	k.looks(s, "Subject: a\r\n\r\nb\r\n")
	if err := os.Rename(filepath.Join(dir, "new", "2.new.host"),
		filepath.Join(dir, "cur", "2.new.host:2,S")); err != nil {
		t.Fatal(err)
	}
	k.looks(s)
	write(t, filepath.Join(dir, "cur", "4.moved:2,"), "c\r\n")
	k.looks(s, "c\r\n")
}

func TestWhatCouldNotBeTakenIsToldAgain(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"new", "cur"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s, k := open(t, "maildir:"+dir), &taken{t: t}
	k.looks(s)
	write(t, filepath.Join(dir, "new", "1"), "a\n")
	full := errors.New("full")
	refuse := func(Arrival, io.Reader) error { return full }
	if err := s.Look(context.Background(), refuse); !errors.Is(err, full) {
		t.Error(err)
	}
	k.looks(s, "a\r\n")
	k.looks(s)
}

func TestMbox(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spare")
	s, k := open(t, "mbox:"+path), &taken{t: t}
	k.looks(s) // it is not there yet
	from := "From anna@x.test " + time.Now().Format("Mon Jan _2 15:04:05 2006") + "\n"
	write(t, path, from+"Subject: a\n\n>From me\n>>From him\nFromage\n\n")
	k.looks(s) // it may still grow
	k.looks(s, "Subject: a\r\n\r\nFrom me\r\n>>From him\r\nFromage\r\n")
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	appends := func(text string) {
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	appends(from + "b: c\n\nd\n\n" + from + "e: f\n\ng")
	k.looks(s, "b: c\r\n\r\nd\r\n")
	appends("h\n\n")
	k.looks(s)
	k.looks(s, "e: f\r\n\r\ngh\r\n")
	k.looks(s)
	if err := f.Truncate(3); err != nil {
		t.Fatal(err)
	}
	if err := s.Look(t.Context(), k.take); err == nil {
		t.Error("an mbox that became shorter was taken")
	}
}

func TestMboxThatIsThereIsOld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spare")
	write(t, path, "From anna@x.test Tue Nov 19 02:00:00 2019\nSubject: old\n\nold\n\n")
	s, k := open(t, "mbox:"+path), &taken{t: t}
	k.looks(s)
	k.looks(s)
}

func TestStoresThatAreNotThere(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"maildir:" + dir, "maildir:" + dir + "/none", "mbox:" + dir, "imap://a:secret@127.0.0.1:1/",
	} {
		w, err := Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := w.Open(t.Context()); err == nil {
			t.Errorf("%s was opened: %v", name, s)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("a password is told: %v", err)
		}
	}
}
