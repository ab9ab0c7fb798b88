package mailstore

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// Store is a mail store that somebody else fills.
type Store interface {
	// Look tells of every message that came since the last Look. The first one
	// only notes what is there already, which is none of a run's.
	Look(ctx context.Context, take Take) error
	// Grain is how exact the store's own times are.
	Grain() time.Duration
	Close() error
}

// Take is told of one message; the content has CRLF line ends, as it had on its
// way (RFC 5321 section 2.3.8). An error ends the look.
type Take func(a Arrival, content io.Reader) error

// Arrival is one message that came.
type Arrival struct {
	// Name is the store's own for it.
	Name string
	// It came after Earliest and not after Latest, on the wall's clock.
	Earliest, Latest time.Time
}

// Where is a store by its name on a command line, taken apart.
type Where struct {
	kind string // maildir, mbox or imap
	path string // of a file or folder
	imap *url.URL
}

// Parse reads "maildir:/path", "mbox:/path" or
// "imap://user:password@127.0.0.1:143/INBOX". It opens nothing.
func Parse(name string) (Where, error) {
	kind, rest, _ := strings.Cut(name, ":")
	switch kind {
	case "maildir", "mbox":
		if !filepath.IsAbs(rest) {
			return Where{}, fmt.Errorf("the store %q needs an absolute path, such as %s:/var/mail/spare",
				name, kind)
		}
		return Where{kind: kind, path: filepath.Clean(rest)}, nil
	case "imap":
		return parseIMAP(name)
	}
	return Where{}, fmt.Errorf("the store %q is none of maildir:/PATH, mbox:/PATH and "+
		"imap://USER:PASSWORD@127.0.0.1:PORT/MAILBOX", name)
}

// String is the store's name without a password.
func (w Where) String() string {
	if w.kind != "imap" {
		return w.kind + ":" + w.path
	}
	shown := *w.imap
	shown.User = url.User(w.imap.User.Username())
	return shown.String()
}

// WithPassword is the store with a password that its name does not tell.
func (w Where) WithPassword(password string) Where {
	if w.kind != "imap" || password == "" {
		return w
	}
	if _, told := w.imap.User.Password(); told {
		return w
	}
	known := *w.imap
	known.User = url.UserPassword(w.imap.User.Username(), password)
	return Where{kind: w.kind, imap: &known}
}

// Open opens the store. It must be there.
func (w Where) Open(ctx context.Context) (Store, error) {
	switch w.kind {
	case "maildir":
		return openMaildir(w.path)
	case "mbox":
		return openMbox(w.path)
	case "imap":
		return openIMAP(ctx, w.imap)
	}
	return nil, fmt.Errorf("opening a store: none was named")
}

// span is when a message came: while the store's own time, exact to grain, and
// the two looks between which it was found agree, both; else the looks alone.
// A store's clock may be off, and a message may have been copied with its date.
func span(own time.Time, grain time.Duration, before, now time.Time) (earliest, latest time.Time) {
	if own.IsZero() || own.After(now) || own.Add(grain).Before(before) {
		return before, now
	}
	earliest, latest = own, own.Add(grain)
	if earliest.Before(before) {
		earliest = before
	}
	if latest.After(now) {
		latest = now
	}
	return earliest, latest
}
