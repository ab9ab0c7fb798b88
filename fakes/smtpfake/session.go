package smtpfake

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Sizes of a session's buffers: the reader's is what the body is scanned in,
// the writer's holds the replies to one pipelined group.
const (
	readerSize = 16 << 10
	writerSize = 2 << 10
)

var (
	readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readerSize) }}
	writers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, writerSize) }}
)

// session is one connection: what was said so far, and the transaction that is
// open. Only its own goroutine touches it, but for stop.
type session struct {
	srv      *Server
	persona  Persona
	clock    Clock
	raw      net.Conn // what Accept gave
	conn     net.Conn // raw, or TLS over it
	in       *bufio.Reader
	out      *bufio.Writer
	ctx      context.Context
	stop     context.CancelFunc // ends the session from outside
	crowded  bool               // there are more sessions than MaxSessions
	refused  bool               // the banner was a refusal: only QUIT is left
	watching bool               // a fault waits: see input and wait

	state  Session
	utf8   bool // MAIL had SMTPUTF8
	chunks bool // BDAT has begun
	sink   Sink
	msg    *Message
	read   int64  // bytes of the body
	head   []byte // the first of them
	spoilt string // what the end of data will be answered, if it is lost already
	due    *Act   // a fault that waits for its byte of the body
	key    string // of the message, once it is known

	tamper  *tamper // what is to be done to the next reply
	given   bool    // the next reply was given already
	untrue  bool    // the last reply was not what the server meant
	secured bool    // stage secured has passed
	reading pace    // of the body
	writing pace
	wanted  []*wanted // what the recipients of the transaction ask for

	ended bool // the last Result was given
	open  bool // a transaction is
	began time.Time
	told  record
}

// record is what the next Result will say.
type record struct {
	stage   Stage
	taken   bool
	told    bool
	left    bool
	code    int
	reply   string
	fault   string
	also    []string
	kept    Do
	keptFor time.Duration
}

func newSession(srv *Server, conn net.Conn) *session {
	c := &session{srv: srv, persona: srv.persona(), clock: srv.clock(), raw: conn, conn: conn}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.state = Session{
		Ordinal: srv.ordinal.Add(1),
		Local:   conn.LocalAddr().String(),
		Peer:    conn.RemoteAddr().String(),
		Began:   c.clock.Now(),
		clock:   c.clock,
	}
	c.state.ID = c.persona.ID(&c.state)
	return c
}

// run is the whole session. Whatever way it ends, the connection is closed, an
// open message aborted and the last Result given.
func (c *session) run() {
	if !c.along() {
		c.finish()
		c.stop()
		return
	}
	c.in, c.out = readers.Get().(*bufio.Reader), writers.Get().(*bufio.Writer)
	c.in.Reset(input{c})
	c.out.Reset(output{c})
	unhook := context.AfterFunc(c.ctx, func() { _ = c.raw.Close() })
	defer c.release(unhook)
	if !c.greet() {
		return
	}
	for c.command() {
	}
}

// along takes the server's Path, if there is one. The addresses stay those of
// the connection that was accepted.
func (c *session) along() bool {
	if c.srv.Path == nil {
		return true
	}
	c.told.stage = StageConnect
	far, err := c.srv.Path(c.raw)
	if err != nil {
		c.srv.trouble(fmt.Errorf("leading a session along its path: %w", err))
		_ = c.raw.Close()
		return false
	}
	c.raw, c.conn = far, far
	return true
}

func (c *session) release(unhook func() bool) {
	c.finish()
	if unhook() {
		_ = c.out.Flush()
		_ = c.conn.Close()
	}
	c.stop()
	c.in.Reset(nil)
	c.out.Reset(nil)
	readers.Put(c.in)
	writers.Put(c.out)
}

// finish reports what is left to report.
func (c *session) finish() {
	if c.ended {
		return
	}
	c.ended = true
	c.abort()
	if c.srv.Left != nil {
		defer c.srv.Left(c.state)
	}
	if c.open || c.state.Transaction == 0 || c.told.fault != "" {
		c.report()
	}
}

// report gives the Result of the transaction, or of the session.
func (c *session) report() {
	r := Result{
		Session: c.state, Stage: c.told.stage, Taken: c.told.taken, Told: c.told.told,
		Code: c.told.code, Reply: c.told.reply, Fault: c.told.fault, Also: c.told.also,
		Left: c.told.left, Kept: c.told.kept, KeptFor: c.told.keptFor,
		Began: c.began, Ended: c.clock.Now(),
	}
	if !c.open {
		r.Began, r.Session.Transaction = c.state.Began, 0
	}
	c.open, c.told = false, record{stage: c.told.stage}
	if c.srv.Ended != nil {
		c.srv.Ended(r)
	}
}

// beginTransaction opens one at MAIL. A fault that acted earlier in the session
// is told with its first transaction.
func (c *session) beginTransaction(from string, size int64) {
	c.open, c.began = true, c.clock.Now()
	c.state.Transaction++
	c.state.From, c.state.To, c.state.Refused, c.state.Size = from, nil, nil, size
	c.told = record{stage: StageMail, fault: c.told.fault, also: c.told.also}
}

// endTransaction closes it, if one is open, and forgets its envelope.
func (c *session) endTransaction() {
	c.abort()
	if c.open {
		c.report()
	}
	c.state.From, c.state.To, c.state.Refused, c.state.Size = "", nil, nil, 0
	c.chunks, c.read, c.spoilt, c.due, c.head = false, 0, "", nil, c.head[:0]
	c.key, c.reading = "", pace{}
	c.wanted = slices.DeleteFunc(c.wanted, func(w *wanted) bool { return w.stage != StageQuit })
}

// abort gives an unfinished message up.
func (c *session) abort() {
	if c.sink != nil {
		c.sink.Abort()
	}
	c.sink, c.msg = nil, nil
}

// message is what the caller's Open may keep: a copy that the next transaction
// does not change.
func (c *session) message() *Message {
	s := c.state
	s.To, s.Refused = slices.Clone(s.To), slices.Clone(s.Refused)
	return &Message{Session: &s, Began: c.began}
}

// point marks where the session stands, for faults and the Result.
func (c *session) point(stage Stage, rcpt string) Point {
	c.told.stage = stage
	p := Point{Stage: stage, Session: &c.state, Rcpt: rcpt, Read: c.read}
	if stage == StageEOD || stage == StageAccepted {
		p.Key, p.Head = c.key, c.head
	}
	return p
}

// note keeps a refusal for the Result.
func (c *session) note(reply string) string {
	if code := codeOf(reply); code >= 400 {
		c.told.code, c.told.reply = code, reply
	}
	return reply
}

// greet says the banner, unless something goes wrong before.
func (c *session) greet() bool {
	for _, stage := range []Stage{StageConnect, StageBanner} {
		reply, ok := c.ask(stage, "")
		if !ok {
			return false
		}
		if stage == StageConnect && c.crowded && reply == "" {
			reply = c.persona.Say(&c.state, CueTooManyClients)
		}
		if reply == "" {
			continue
		}
		// After a refusal in the banner's place the server waits for QUIT
		// (RFC 5321 section 3.1), unless it was a 421.
		c.refused = true
		return c.say(c.note(reply))
	}
	banner := c.note(c.persona.Banner(&c.state))
	c.refused = !positive(banner)
	return c.say(banner)
}

// codeOf is the three digits that a reply begins with, or 0.
func codeOf(reply string) int {
	if len(reply) < 3 {
		return 0
	}
	code, err := strconv.Atoi(reply[:3])
	if err != nil || code < 100 {
		return 0
	}
	return code
}

// positive says whether a reply is a 2xx.
func positive(reply string) bool { return codeOf(reply)/100 == 2 }
