package smtpfake

import (
	"context"
	"time"
)

// Clock is the time a fake lives in; time.Now will do (see RealTime).
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
	// Deadline is the wall-clock instant, d ahead, for net.Conn deadlines.
	Deadline(d time.Duration) time.Time
}

// Stage is a point of a session at which a fault may act.
type Stage string

// The stages, in the order of a session; the names are those of the scenario
// language. StageSTARTTLS is before the 220 that lets TLS begin, StageHandshake
// after it and before TLS, StageSecured the first command inside TLS; StageAuth
// is when the credentials are complete. StageEOD is after the final dot and
// before the message is taken; StageAccepted is after it was taken, instead of
// or before its reply.
const (
	StageConnect   Stage = "connect"
	StageBanner    Stage = "banner"
	StageEHLO      Stage = "ehlo"
	StageSTARTTLS  Stage = "starttls"
	StageHandshake Stage = "handshake"
	StageSecured   Stage = "secured"
	StageAuth      Stage = "auth"
	StageMail      Stage = "mail"
	StageRcpt      Stage = "rcpt"
	StageData      Stage = "data"
	StageBody      Stage = "body"
	StageEOD       Stage = "eod"
	StageAccepted  Stage = "accepted"
	StageQuit      Stage = "quit"
)

// Stages are all stages, in the order of a session.
func Stages() []Stage {
	return []Stage{
		StageConnect, StageBanner, StageEHLO, StageSTARTTLS, StageHandshake, StageSecured,
		StageAuth, StageMail, StageRcpt, StageData, StageBody, StageEOD, StageAccepted, StageQuit,
	}
}

// Point is where a session stands when a fault is asked for.
type Point struct {
	Stage   Stage
	Session *Session // what is known so far; not to be kept after the call
	// Rcpt is the recipient just named (stage rcpt).
	Rcpt string
	// Read is the number of body bytes read (stages body, eod, accepted).
	Read int64
	// Key is what the server's Key made of the message, Head its first bytes
	// (stages eod and accepted); not to be kept after the call.
	Key  string
	Head []byte
}

// Do is what a fault does.
type Do string

// The actions. Reset sends a true RST, Close a FIN; Reply answers with
// Act.Reply; Slow waits Act.Delay and goes on, from there at Act.Rate; Stall
// says nothing for Act.Delay or until Act.Until is closed (then goes on, on the
// same connection) or the client leaves.
//
// Cut, Garble, Ahead and Swap spoil the reply that is given at the stage, which
// is Act.Reply or else the persona's own (at eod: of a message that was taken).
// Cut sends its first Act.Bytes bytes and closes; Garble sets the top bit of
// each of its bytes; Ahead sends the reply to a later command behind it, before
// that command, which then gets none; Swap sends that later reply in its place.
// A MAIL, RCPT or DATA whose reply is spoilt beyond a yes is not carried out.
//
// Split spoils nothing: it sends the reply's first Act.Bytes bytes, waits
// Act.Delay and sends the rest, so that the reply comes in two segments.
//
// Hold, Quarantine and Lose change nothing that a client can see: they say in
// Result.Kept what becomes of a message after its 250.
const (
	Reset      Do = "reset"
	Close      Do = "close"
	Reply      Do = "reply"
	Slow       Do = "slow"
	Stall      Do = "stall"
	Cut        Do = "cut"
	Garble     Do = "garble"
	Ahead      Do = "ahead"
	Swap       Do = "swap"
	Split      Do = "split"
	Hold       Do = "hold"
	Quarantine Do = "quarantine"
	Lose       Do = "lose"
)

// Act is one fault's decision about one point.
type Act struct {
	Do    Do
	Fault string // its name, for the record
	Reply string // for Reply: "451 4.3.2 text", lines parted by \n
	Delay time.Duration
	Until <-chan struct{} // ends Stall and Rate; nil: never
	After int64           // for stage body: act once this many bytes were read
	Bytes int64           // for Cut and Split
	// Rate is for Slow, in bytes a second: of reading at stage body, else of
	// writing from here on.
	Rate int64
}

// Faults decides, at each point of each session, whether something goes wrong.
// It returns nil for "nothing". It is called from many goroutines.
type Faults func(Point) *Act

// Session is one client's connection, as far as it went.
type Session struct {
	ID    string // as shown in banner and trailers
	Local string // front-end address, ip:port
	Peer  string // client address, ip:port
	// Ordinal counts the sessions of this server from 1, Transaction those of
	// the session from 1; it is 0 in the Result of a whole session.
	Ordinal     uint64
	Transaction int
	Began       time.Time // on the fake's clock
	Hello       string
	TLS         bool
	User        string // who signed in (AUTH), "" if nobody did
	From        string
	To          []string
	// Refused are recipients that were told a 5xx, as many as there may be in To.
	Refused []string
	Size    int64 // the SIZE parameter of MAIL, 0 if none

	clock Clock // the server's; see Now
}

// Now is the time on the fake's clock, for personas that print it. A Session
// that no server made tells its Began.
func (s *Session) Now() time.Time {
	if s.clock == nil {
		return s.Began
	}
	return s.clock.Now()
}

// Message is a message that is being received.
type Message struct {
	*Session
	// Began is when MAIL was given.
	Began time.Time
	// Head is the message's first bytes, HeadSize at most. It is there for
	// Persona.Taken, and nil before and after.
	Head []byte
}

// HeadSize is how much of a message Head holds.
const HeadSize = 4 << 10

// Sink takes the bytes of one message, after transparency (RFC 5321 section
// 4.5.2) was undone. Write never sees the final dot.
type Sink interface {
	Write(p []byte) (int, error)
	// Done is called once at the end of data, before the reply, and returns the
	// reply to give ("" for the persona's own 250). LMTP replies are given per
	// recipient.
	Done() (reply string)
	// Abort is called instead of Done when the message did not arrive whole or
	// was not taken.
	Abort()
}

// Result is how a session or transaction ended, for the record.
type Result struct {
	Session Session
	// Stage is how far it came; a session that was refused and then ended by
	// QUIT stands where it was refused.
	Stage Stage
	// Taken: the message was taken (Sink.Done was called and its reply was 2xx).
	Taken bool
	// Told: the client was sent the true reply to its end of data. It is false
	// where a fault withheld that reply or put another in its place.
	Told bool
	// Left: the client hung up while the answer to its message was being held
	// back; when, is Ended.
	Left bool
	// Kept is Hold, Quarantine or Lose where a fault said so of a message that
	// was taken, and KeptFor its Delay; "" else.
	Kept    Do
	KeptFor time.Duration
	// Code and Reply are the reply to the end of data or, where it did not come
	// to that, the last refusal (4xx or 5xx) that was sent; 0 and "" if none.
	Code  int
	Reply string
	// Fault names the last fault that acted, Also those before it.
	Fault string
	Also  []string
	Began time.Time
	Ended time.Time
}
