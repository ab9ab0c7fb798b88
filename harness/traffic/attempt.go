package traffic

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// patience bounds a whole session in scenario time: the longest single wait of
// RFC 5321 section 4.5.3.2, the one after the final dot.
const patience = 10 * time.Minute

// wallLimit bounds it on the wall, should scenario time stand still.
const wallLimit = 5 * time.Minute

var errImpatient = errors.New("no reply within " + patience.String())

// attempt makes one SMTP session for one message. It returns the evidence and
// the recipients to try again.
func (s *Sender) attempt(
	ctx context.Context, sub *timeline.Submission, to []string, n int, due time.Duration,
) (evidence.Event, []string) {
	e := evidence.Event{
		Kind: evidence.KindSubmission, Actor: evidence.Load,
		Msg: sub.ID, Attempt: n, Route: sub.Route, Goes: string(sub.Goes),
		From: sub.From, To: to, Dirt: string(sub.Dirt),
		Due: due, Began: s.Clock.Now().Sub(s.Start),
	}
	content, err := Compose(sub, s.Start.Add(due), s.Keys)
	if err != nil {
		e.Outcome, e.Reply = evidence.Broken, err.Error()
		return e, nil
	}
	e.Size, e.Digest = int64(len(content)), DigestOf(content)
	t := &transaction{sender: s, event: &e, content: content, sub: sub}
	t.run(ctx)
	return e, t.again
}

// transaction is one attempt on the wire.
type transaction struct {
	sender  *Sender
	event   *evidence.Event
	sub     *timeline.Submission
	content []byte
	wire    *wire
	again   []string
	tired   atomic.Bool // the sender's patience is over
}

func (t *transaction) run(ctx context.Context) {
	dialled, err := t.sender.Dial(ctx)
	if err != nil {
		t.broken(err)
		return
	}
	conn := &wire{Conn: dialled, sender: t.sender, msg: t.sub.ID}
	defer conn.Close()
	t.wire = conn
	watching, done := context.WithCancel(ctx)
	defer done()
	go func() {
		t.tired.Store(t.sender.Clock.Sleep(watching, patience) == nil)
		conn.Close()
	}()
	c := smtp.NewClient(conn)
	c.CommandTimeout, c.SubmissionTimeout = wallLimit, wallLimit
	if err := c.Hello("mx." + domainOf(t.sub.From)); err != nil {
		t.failed(err)
		return
	}
	if err := c.Mail(t.sub.From, t.mailOptions(c)); err != nil {
		t.failed(err)
		return
	}
	if !t.recipients(c) {
		return
	}
	if t.data(c) {
		_ = c.Quit()
	}
}

func (t *transaction) mailOptions(c *smtp.Client) *smtp.MailOptions {
	o := &smtp.MailOptions{}
	if ok, _ := c.Extension("SIZE"); ok {
		o.Size = int64(len(t.content))
	}
	if ok, _ := c.Extension("8BITMIME"); ok && encodingOf(t.sub) == "8bit" {
		o.Body = smtp.Body8BitMIME
	}
	return o
}

// recipients names them all; false means none was taken or the session broke.
func (t *transaction) recipients(c *smtp.Client) bool {
	var taken int
	var last error
	for _, rcpt := range t.event.To {
		err := c.Rcpt(rcpt, nil)
		var reply *smtp.SMTPError
		switch {
		case err == nil:
			taken++
		case errors.As(err, &reply):
			last = err
			t.event.Refused = append(t.event.Refused, rcpt)
			if reply.Temporary() {
				t.again = append(t.again, rcpt)
			}
		default:
			t.failed(err)
			return false
		}
	}
	if taken == 0 {
		t.failed(last)
		t.event.Refused = nil
	}
	return taken > 0
}

// data sends the content; true means that a reply came.
func (t *transaction) data(c *smtp.Client) bool {
	w, err := c.Data()
	if err != nil {
		t.failed(err)
		return false
	}
	if _, err := w.Write(t.content); err != nil {
		t.failed(err)
		return false
	}
	t.wire.ending.Store(true)
	resp, err := w.CloseWithResponse()
	var reply *smtp.SMTPError
	switch {
	case err == nil:
		t.event.Outcome, t.event.Code = evidence.Accepted, 250
		t.event.Reply = resp.StatusText
	case errors.As(err, &reply):
		t.failed(err)
	default:
		// The final dot may have arrived: the relay may have the message.
		t.event.Outcome, t.event.Reply = evidence.Unknown, t.why(err).Error()
		t.again = t.event.To
		return false
	}
	return true
}

// failed records a reply other than 2xx, or the end of the session.
func (t *transaction) failed(err error) {
	var reply *smtp.SMTPError
	if !errors.As(err, &reply) {
		t.broken(err)
		return
	}
	t.event.Code, t.event.Reply = reply.Code, reply.Error()
	if reply.Temporary() {
		t.event.Outcome, t.again = evidence.Deferred, t.event.To
		return
	}
	t.event.Outcome, t.again = evidence.Refused, nil
}

func (t *transaction) broken(err error) {
	t.event.Outcome, t.event.Reply = evidence.Broken, t.why(err).Error()
	t.again = t.event.To
}

// why says in the sender's words how a session ended.
func (t *transaction) why(err error) error {
	switch {
	case t.tired.Load():
		return errImpatient
	case errors.Is(err, io.EOF):
		return errors.New("the relay closed the connection")
	}
	return err
}
