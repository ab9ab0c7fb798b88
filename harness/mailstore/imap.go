package mailstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap"
	"github.com/emersion/go-imap/client"
)

const (
	// imapGrain is that of INTERNALDATE (RFC 3501 section 2.3.3).
	imapGrain = time.Second
	// imapTime bounds each command.
	imapTime = 30 * time.Second
	// imapPort is the well-known one (RFC 3501 section 2.1).
	imapPort = "143"
)

// account is one mailbox of an IMAP server.
type account struct {
	at       *url.URL
	client   *client.Client
	validity uint32
	next     uint32 // the first UID that was not told of
	looked   time.Time
}

// parseIMAP reads the URL (RFC 5092, in the little of it that is needed here).
func parseIMAP(name string) (Where, error) {
	const form = "imap://USER:PASSWORD@127.0.0.1:PORT/MAILBOX"
	u, err := url.Parse(name)
	if err != nil { // its words would show the password
		return Where{}, errors.New("the store imap: is not of the form " + form)
	}
	if u.User == nil || u.User.Username() == "" || u.Hostname() == "" {
		return Where{}, fmt.Errorf("the store %s is not of the form %s", u.Redacted(), form)
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if err != nil || !ip.Is4() || !ip.IsLoopback() {
		return Where{}, fmt.Errorf("the IMAP server at %s is not of 127.0.0.0/8: hansei talks to "+
			"this machine's loopback only; bring it here by a tunnel "+
			"(ssh -L 127.0.0.1:1143:127.0.0.1:143 HOST)", u.Host)
	}
	if u.Port() == "" {
		u.Host = net.JoinHostPort(u.Hostname(), imapPort)
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/INBOX"
	}
	return Where{kind: "imap", imap: u}, nil
}

// openIMAP signs in and opens the mailbox for reading only.
func openIMAP(ctx context.Context, at *url.URL) (*account, error) {
	d := &net.Dialer{Timeout: imapTime}
	if end, ok := ctx.Deadline(); ok {
		d.Deadline = end
	}
	c, err := client.DialWithDialer(d, at.Host)
	if err != nil {
		return nil, fmt.Errorf("connecting to the IMAP server at %s: %w", at.Host, err)
	}
	c.Timeout = imapTime
	c.ErrorLog = log.New(io.Discard, "", 0) // what matters comes as an error, too
	password, _ := at.User.Password()
	if err := c.Login(at.User.Username(), password); err != nil {
		return nil, errors.Join(fmt.Errorf("signing in to the IMAP server at %s as %s: %w", at.Host,
			at.User.Username(), err), c.Terminate())
	}
	a := &account{at: at, client: c}
	box, err := a.examine()
	if err != nil {
		return nil, errors.Join(err, c.Terminate())
	}
	a.validity = box.UidValidity
	return a, nil
}

// examine opens the mailbox anew, which is how a client learns what is there now;
// nothing is marked as seen or recent (RFC 3501 section 6.3.2).
func (a *account) examine() (*imap.MailboxStatus, error) {
	name := strings.TrimPrefix(a.at.Path, "/")
	box, err := a.client.Select(name, true)
	if err != nil {
		return nil, fmt.Errorf("opening the mailbox %s: %w", name, err)
	}
	return box, nil
}

// Grain is that of its dates.
func (a *account) Grain() time.Duration { return imapGrain }

// Close signs out.
func (a *account) Close() error {
	if err := a.client.Logout(); err != nil && !errors.Is(err, client.ErrAlreadyLoggedOut) {
		return fmt.Errorf("signing out of the IMAP server: %w", err)
	}
	return nil
}

// Look fetches what has a UID from where the last look ended: UIDs only grow
// (RFC 3501 section 2.3.1.1), as long as the mailbox keeps its validity.
func (a *account) Look(ctx context.Context, take Take) error {
	before, now := a.looked, time.Now()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("looking into the mailbox: %w", err)
	}
	box, err := a.examine()
	if err != nil {
		return err
	}
	if box.UidValidity != a.validity {
		return errors.New("the mailbox was made anew during the run")
	}
	if a.next == 0 {
		a.next, a.looked = max(1, box.UidNext), now
		return nil
	}
	uids, err := a.since(a.next)
	if err != nil {
		return err
	}
	for _, uid := range uids {
		if err := a.fetch(uid, before, take); err != nil {
			return err
		}
		a.next = uid + 1
	}
	a.looked = now
	return nil
}

// since are the UIDs from next on, in order. The range "next:*" always has the
// last message, however low its UID is (RFC 3501 section 6.4.8).
func (a *account) since(next uint32) ([]uint32, error) {
	set := new(imap.SeqSet)
	set.AddRange(next, 0)
	uids, err := a.client.UidSearch(&imap.SearchCriteria{Uid: set})
	if err != nil {
		return nil, fmt.Errorf("looking into the mailbox: %w", err)
	}
	uids = slices.DeleteFunc(uids, func(uid uint32) bool { return uid < next })
	slices.Sort(uids)
	return uids, nil
}

// fetch tells of one message; there may be many, and large ones, so they are
// taken one by one.
func (a *account) fetch(uid uint32, before time.Time, take Take) error {
	set := new(imap.SeqSet)
	set.AddNum(uid)
	whole := &imap.BodySectionName{Peek: true}
	found := make(chan *imap.Message, 4) // more than one UID has
	err := a.client.UidFetch(set, []imap.FetchItem{
		imap.FetchUid, imap.FetchInternalDate, whole.FetchItem(),
	}, found)
	if err != nil {
		return fmt.Errorf("fetching message %d: %w", uid, err)
	}
	for m := range found {
		body := m.GetBody(whole)
		if m.Uid != uid || body == nil {
			continue
		}
		at := Arrival{Name: fmt.Sprintf("UID %d", uid)}
		at.Earliest, at.Latest = span(m.InternalDate, imapGrain, before, time.Now())
		return take(at, newOnTheWire(body))
	}
	return fmt.Errorf("message %d was taken out of the mailbox before it could be read: "+
		"nobody may fetch or delete mail there during a run", uid)
}
