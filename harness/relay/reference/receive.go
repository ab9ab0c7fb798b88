package reference

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/emersion/go-smtp"
	"go.etcd.io/bbolt"
)

const (
	// receiveWait: an SMTP server waits at least 5 minutes for the next
	// command (RFC 5321 section 4.5.3.2.7).
	receiveWait = 5 * time.Minute
	// maxLine bounds a line; far above the 1000 octets of RFC 5321 section
	// 4.5.3.1.6, for real senders exceed those and nothing may be changed.
	maxLine = 1 << 20
	// maxHops is where a message is taken to go round in circles; RFC 5321
	// section 6.3 asks for at least 100.
	maxHops = 100
)

// The replies. Codes are those of RFC 5321 section 4.2.3, enhanced ones of RFC
// 3463; 5.6.11 is Exchange Online's for bare line feeds.
var (
	replyFiltered = reply(550, smtp.EnhancedCode{5, 7, 1}, "message refused by the content filter")
	replyBareLine = reply(550, smtp.EnhancedCode{5, 6, 11}, "bare CR or LF (RFC 5321 section 2.3.8)")
	replyLoop     = reply(554, smtp.EnhancedCode{5, 4, 6}, "too many hops, mail loop")
	replyNoDomain = reply(501, smtp.EnhancedCode{5, 1, 3}, "recipient has no domain")
	replyTooMany  = reply(452, smtp.EnhancedCode{4, 5, 3}, "too many recipients")
	replyTrouble  = reply(451, smtp.EnhancedCode{4, 3, 0}, "cannot queue the message now")
	replyDown     = reply(451, smtp.EnhancedCode{4, 4, 1}, refusedDown)
	replyFull     = reply(452, smtp.EnhancedCode{4, 3, 1}, refusedWhenFull)
)

func reply(code int, status smtp.EnhancedCode, text string) *smtp.SMTPError {
	return &smtp.SMTPError{Code: code, EnhancedCode: status, Message: text}
}

// reception is one client's session. The lock is for BDAT, whose content is
// read while further commands come in.
type reception struct {
	engine *engine
	hello  string
	peer   string
	mu     sync.Mutex
	env    *envelope
}

// newServer is the receiving side.
func (e *engine) newServer() *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &reception{engine: e, hello: c.Hostname(), peer: c.Conn().RemoteAddr().String()}, nil
	}))
	server.Domain = e.world.Hostname
	server.MaxMessageBytes = e.settings.MaxSize
	server.MaxLineLength = maxLine
	server.EnableSMTPUTF8 = true
	server.EnableDSN = true
	server.ErrorLog = serverLog{e.log}
	return server
}

// serverLog takes what package smtp has to complain of into the relay's log.
type serverLog struct{ log *journal }

// Printf logs a line.
func (s serverLog) Printf(format string, v ...any) {
	s.log.write("smtpd", "note", fmt.Sprintf(format, v...))
}

// Println logs a line.
func (s serverLog) Println(v ...any) { s.log.write("smtpd", "note", fmt.Sprint(v...)) }

// Mail begins a transaction.
func (r *reception) Mail(from string, opts *smtp.MailOptions) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.env = &envelope{
		From: from, Return: string(opts.Return), EnvelopeID: opts.EnvelopeID, UTF8: opts.UTF8,
	}
	return nil
}

// Rcpt adds a recipient; one that is named twice is still one recipient.
func (r *reception) Rcpt(to string, opts *smtp.RcptOptions) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	domain := domainOf(to)
	switch {
	case domain == "" || !strings.Contains(to, "@"):
		return replyNoDomain
	case len(r.env.Recipients) >= r.engine.settings.MaxRecipients:
		return replyTooMany
	case r.engine.flaw.is(flawRefuseWhenDown) && r.engine.sched.isDown(domain):
		return replyDown
	case r.engine.flaw.is(flawRefuseWhenFull) && r.engine.crowded():
		return replyFull
	}
	same := func(other recipient) bool { return other.Address == to }
	if slices.ContainsFunc(r.env.Recipients, same) {
		return nil
	}
	added := recipient{Address: to}
	for _, notify := range opts.Notify {
		added.Notify = append(added.Notify, string(notify))
	}
	if opts.OriginalRecipient != "" {
		added.Original = string(opts.OriginalRecipientType) + ";" + opts.OriginalRecipient
	}
	r.env.Recipients = append(r.env.Recipients, added)
	return nil
}

// Data takes the message in: the 250 goes out only after it is durable.
func (r *reception) Data(body io.Reader) error {
	r.mu.Lock()
	e, env := r.engine, r.env
	r.mu.Unlock()
	if env == nil {
		return smtp.ErrDataReset
	}
	if !e.enter() {
		return replyTrouble
	}
	defer e.receiving.Done()
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	e.held.Add(int64(len(raw)))
	defer e.held.Add(-int64(len(raw)))
	header := headerOf(raw)
	switch {
	case bareLine(raw):
		return replyBareLine
	case bytes.Count(bytes.ToLower(header), []byte("\r\nreceived:")) > maxHops:
		return replyLoop
	case !e.blind() && e.filter.finds(raw):
		e.log.write("filtered", "msg", fieldOf(header, "X-Hansei-Id"), "from", env.From)
		e.copyDirt(env, raw)
		return replyFiltered
	}
	e.address(env)
	env.Mark, env.MessageID = fieldOf(header, "X-Hansei-Id"), fieldOf(header, "Message-ID")
	content := append(e.received(env, r.hello, r.peer), raw...)
	if err := e.accept(env, content); err != nil {
		e.log.write("trouble", "id", queueID(env.ID), "note", err.Error())
		if errors.Is(err, syscall.ENOSPC) {
			return replyFull
		}
		return replyTrouble
	}
	return reply(250, smtp.EnhancedCode{2, 0, 0}, "OK: queued as "+queueID(env.ID))
}

// Reset forgets the transaction.
func (r *reception) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.env = nil
}

// Logout ends the session.
func (r *reception) Logout() error { return nil }

// address gives a new message its id and says what the spare is owed.
func (e *engine) address(env *envelope) {
	env.ID = e.queue.newID()
	env.Arrived = e.world.Clock.Now().UnixNano()
	for i := range env.Recipients {
		r := &env.Recipients[i]
		switch {
		case !e.world.Spare.Covers(r.Address):
		case e.flaw.is(flawSpareAfter):
			r.Copy = copyAfter
		default:
			r.Copy = copyFirst
		}
	}
}

// copyDirt is the flaw of that name: what was refused is copied all the same.
func (e *engine) copyDirt(env *envelope, raw []byte) {
	if !e.flaw.is(flawCopyDirt) {
		return
	}
	e.address(env)
	for i := range env.Recipients {
		r := &env.Recipients[i]
		r.Fate = delivered
		if r.Copy == copyFirst {
			r.Copy = copyAfter
		}
	}
	if env.finished() {
		return
	}
	if e.commit(env, raw) == nil {
		e.schedule(env, env.work(e.world.Spare.Domain))
	}
}

// accept makes a message durable and schedules it.
func (e *engine) accept(env *envelope, content []byte) error {
	if e.flaw.is(flawAckEarly) {
		e.logAccepted(env, content)
		e.chores.Go(func() {
			// A graceful stop ends the sleep early, and then still commits.
			_ = e.world.Clock.Sleep(e.ctx, ackEarlyDelay)
			if e.commit(env, content) == nil {
				e.schedule(env, env.work(e.world.Spare.Domain))
			}
		})
		return nil
	}
	switch {
	case e.flaw.is(flawDropWhenFull) && e.crowded():
		e.logAccepted(env, content)
		return nil
	case e.flaw.is(flawAcceptSlowly) && e.crowded():
		_ = e.world.Clock.Sleep(e.ctx, acceptDelay)
	}
	err := e.commit(env, content)
	switch full := errors.Is(err, syscall.ENOSPC); {
	case full && e.flaw.is(flawAckFull):
		e.logAccepted(env, content)
		return nil
	case full && e.flaw.is(flawTruncateFull):
		err = e.store(env, cutOff(content))
	}
	if err != nil {
		return err
	}
	e.logAccepted(env, content)
	e.schedule(env, env.work(e.world.Spare.Domain))
	return nil
}

// commit makes a new message durable where there is room for it. Room for the
// relay's own notices, and for what becomes of the mail that it has, is kept in
// reserve: what was accepted must not be at the mercy of a full disk.
func (e *engine) commit(env *envelope, content []byte) error {
	if err := e.machine.take(int64(len(content))); err != nil {
		return fmt.Errorf("writing a message to the queue: %w", err)
	}
	return e.store(env, content)
}

func (e *engine) store(env *envelope, content []byte) error {
	return e.queue.update(func(tx *bbolt.Tx) error { return e.queue.insert(tx, env, content) })
}

func (e *engine) logAccepted(env *envelope, content []byte) {
	to, _ := env.remaining()
	e.log.write("accepted", "id", queueID(env.ID), "msg", env.name(), "from", "<"+env.From+">",
		"to", strings.Join(to, ","), "size", fmt.Sprint(len(content)))
}

// schedule lets a message wait in lanes, where each tells when it is next due.
func (e *engine) schedule(env *envelope, keys []laneKey) {
	noticed := true
	for i := range env.Recipients {
		noticed = noticed && (env.Recipients[i].Noticed || env.Recipients[i].Fate != waiting)
	}
	for _, key := range keys {
		last := env.Trials[key.String()]
		due := max(last.Next, env.Arrived)
		if e.flaw.is(flawSpareBatches) && key.spare {
			due = time.Unix(0, due).Truncate(batchEvery).Add(batchEvery).UnixNano()
		}
		e.sched.add(key, entry{
			id: env.ID, born: env.Arrived, due: due,
			tries: uint32(last.Tries), noticed: noticed,
		})
	}
}

// received is the trace header (RFC 5321 section 4.4).
func (e *engine) received(env *envelope, hello, peer string) []byte {
	if host, _, ok := strings.Cut(peer, ":"); ok && host != "" {
		peer = host
	}
	with := "ESMTP"
	if env.UTF8 {
		with = "UTF8SMTP" // RFC 6531 section 4.3
	}
	return fmt.Appendf(nil, "Received: from %s ([%s])\r\n\tby %s with %s id %s;\r\n\t%s\r\n",
		hello, peer, e.world.Hostname, with, queueID(env.ID), date(env.arrived()))
}

// date is a time as RFC 5322 section 3.3 writes it.
func date(t time.Time) string { return t.Format("Mon, 2 Jan 2006 15:04:05 -0700") }

// headerOf is the header section without the blank line that ends it.
func headerOf(content []byte) []byte {
	if bytes.HasPrefix(content, []byte("\r\n")) {
		return nil
	}
	if end := bytes.Index(content, []byte("\r\n\r\n")); end >= 0 {
		return content[:end+2]
	}
	return content
}

// fieldOf is the first header field of that name, unfolded; empty: none.
func fieldOf(header []byte, name string) string {
	lines := strings.Split(string(header), "\r\n")
	for i, line := range lines {
		field, value, ok := strings.Cut(line, ":")
		if !ok || !strings.EqualFold(field, name) {
			continue
		}
		for _, more := range lines[i+1:] {
			if more == "" || (more[0] != ' ' && more[0] != '\t') {
				break
			}
			value += more
		}
		return strings.TrimSpace(value)
	}
	return ""
}

// bareLine finds a CR or LF that is not part of a CRLF: passed on, it could
// smuggle a second message past the next server.
func bareLine(content []byte) bool {
	pairs := bytes.Count(content, []byte("\r\n"))
	return bytes.Count(content, []byte("\n")) != pairs || bytes.Count(content, []byte("\r")) != pairs
}
