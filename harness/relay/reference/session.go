package reference

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// The time-outs of RFC 5321 section 4.5.3.2: greeting, MAIL and RCPT (.1 to
// .3), DATA (.4), a block of data (.5), the reply to the end of data (.6).
const (
	commandWait = 5 * time.Minute
	dataWait    = 2 * time.Minute
	blockWait   = 3 * time.Minute
	endWait     = 10 * time.Minute
	// quitWait is short: what was delivered is written down already.
	quitWait = 30 * time.Second
)

// kind is what an answer means for a recipient.
type kind uint8

const (
	soft kind = iota // try again
	hard             // never
	took
	vanished // the flaw: never, and nobody is told
)

// result is what a destination answered for one recipient.
type result struct {
	kind   kind
	status string // RFC 3463
	text   string // reply with its code, or the failure in words
}

// The stages of a transaction at which a connection may be lost.
const (
	stageMail = "mail"
	stageRcpt = "rcpt"
	stageData = "data"
	stageBody = "body"
	stageEnd  = "end of data"
)

// lost says that a connection ended before the transaction was answered.
type lost struct {
	stage string
	// sent: the whole message had been sent; it may have been taken.
	sent bool
	err  error
}

// Error is the loss in words.
func (l *lost) Error() string { return fmt.Sprintf("connection lost at %s: %v", l.stage, l.err) }

// Unwrap is the cause.
func (l *lost) Unwrap() error { return l.err }

// nobody is who a flaw has written down as served without being asked.
const nobody = ""

// job is one message for some of its recipients at one destination.
type job struct {
	env     *envelope
	content []byte
	spare   bool
	index   []int    // into env.Recipients
	to      []string // the address to use for each
	stray   string   // the flaw: one recipient more
}

// session is a connection to a host, for several messages in turn.
type session struct {
	target target
	conn   *timedConn
	client *smtp.Client
	sent   int
	spent  bool // of no more use, although nothing was lost
	// patience is how long the answer to a message may take.
	patience time.Duration
}

// dial connects and greets.
func (e *engine) dial(t target) (*session, error) {
	ctx, cancel := context.WithDeadline(e.ctx, e.world.Clock.Deadline(e.settings.Connect))
	defer cancel()
	inner, err := e.world.Network.Dial(ctx, t.address)
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", t.address, err)
	}
	conn, err := e.conns.add(inner, commandWait, false)
	if err != nil {
		return nil, err
	}
	s := &session{target: t, conn: conn, client: smtp.NewClient(conn), patience: e.flaw.patience()}
	if err := s.client.Hello(e.world.Hostname); err != nil {
		_ = s.client.Close()
		return nil, fmt.Errorf("greeting %s: %w", t.address, err)
	}
	return s, nil
}

// send makes one transaction. An error is a *lost; then nothing was answered.
func (s *session) send(j *job) ([]result, error) {
	results := make([]result, len(j.to))
	if utf8, _ := s.client.Extension("SMTPUTF8"); j.env.UTF8 && !utf8 {
		// RFC 6531 section 3.5: 5.6.7 is for a server without the extension.
		return fill(results, result{hard, "5.6.7", "destination does not offer SMTPUTF8"}), nil
	}
	s.conn.allow(commandWait)
	if err := s.client.Mail(j.env.From, j.mailOptions()); err != nil {
		r, err := judge(stageMail, err)
		if err != nil {
			return nil, err
		}
		s.rewind()
		return fill(results, r), nil
	}
	taken := 0
	for k, address := range j.to {
		s.conn.allow(commandWait)
		results[k] = result{kind: took}
		if address == nobody {
			continue
		}
		if err := s.client.Rcpt(address, j.rcptOptions(k)); err != nil {
			if results[k], err = judge(stageRcpt, err); err != nil {
				return nil, err
			}
			continue
		}
		taken++
	}
	if j.stray != "" {
		// Whatever the answer, it is not this message's.
		_ = s.client.Rcpt(j.stray, nil)
	}
	if taken == 0 {
		s.rewind()
		return results, nil
	}
	r, err := s.data(j.content)
	if err != nil {
		return nil, err
	}
	for k := range results {
		if results[k].kind == took {
			results[k] = r
		}
	}
	return results, nil
}

// data sends the content and reads the answer.
func (s *session) data(content []byte) (result, error) {
	s.conn.allow(dataWait)
	w, err := s.client.Data()
	if err != nil {
		r, err := judge(stageData, err)
		if err == nil {
			s.rewind()
		}
		return r, err
	}
	s.conn.allow(blockWait)
	if _, err := w.Write(content); err != nil {
		return result{}, &lost{stage: stageBody, err: err}
	}
	s.conn.allow(s.patience)
	answer, err := w.CloseWithResponse()
	if err != nil {
		r, err := judge(stageEnd, err)
		var gone *lost
		if errors.As(err, &gone) {
			gone.sent = true
		}
		return r, err
	}
	s.sent++
	return result{kind: took, text: "250 " + oneLine(answer.StatusText)}, nil
}

// rewind ends a transaction that got no content.
func (s *session) rewind() {
	s.conn.allow(commandWait)
	s.spent = s.spent || s.client.Reset() != nil
}

// quit says goodbye; the error says only that nobody heard it.
func (s *session) quit() error {
	s.conn.allow(quitWait)
	err := s.client.Quit()
	if err != nil {
		_ = s.client.Close()
	}
	return err
}

// mailOptions are the parameters of MAIL. The spare's copy tells nobody of its
// fate (RFC 3461 section 4.3 and 4.4 are between sender and recipient).
func (j *job) mailOptions() *smtp.MailOptions {
	opts := &smtp.MailOptions{Size: int64(len(j.content)), UTF8: j.env.UTF8}
	if !j.spare {
		opts.Return, opts.EnvelopeID = smtp.DSNReturn(j.env.Return), j.env.EnvelopeID
	}
	return opts
}

func (j *job) rcptOptions(k int) *smtp.RcptOptions {
	if j.spare {
		return &smtp.RcptOptions{Notify: []smtp.DSNNotify{smtp.DSNNotifyNever}}
	}
	r := &j.env.Recipients[j.index[k]]
	opts := &smtp.RcptOptions{}
	for _, notify := range r.Notify {
		opts.Notify = append(opts.Notify, smtp.DSNNotify(notify))
	}
	if kind, address, ok := strings.Cut(r.Original, ";"); ok {
		opts.OriginalRecipientType, opts.OriginalRecipient = smtp.DSNAddressType(kind), address
	}
	return opts
}

// judge reads a reply that is not the one hoped for. 421 says that the server
// closes the channel (RFC 5321 section 3.8), so it is a loss.
func judge(stage string, err error) (result, error) {
	var reply *smtp.SMTPError
	if !errors.As(err, &reply) || reply.Code == 421 {
		return result{}, &lost{stage: stage, err: err}
	}
	r := result{kind: soft, status: "4.0.0"}
	if reply.Code/100 == 5 {
		r.kind, r.status = hard, "5.0.0"
	}
	code := reply.EnhancedCode
	if code[0] == reply.Code/100 {
		r.status = fmt.Sprintf("%d.%d.%d", code[0], code[1], code[2])
	}
	r.text = fmt.Sprintf("%d %s %s", reply.Code, r.status, oneLine(reply.Message))
	return r, nil
}

func fill(results []result, r result) []result {
	for i := range results {
		results[i] = r
	}
	return results
}

// oneLine fits a reply into one line of a log or DSN.
func oneLine(text string) string {
	const most = 400
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}
