package smtpfake

// Persona is the manners of a kind of mail server: every word it says.
//
// A reply is a whole one, "250 2.1.0 Sender OK", with its lines parted by \n.
// Methods are called from many goroutines and must not keep the Session.
type Persona interface {
	// ID names a session that just began; Ordinal, Local, Peer and Began are
	// set.
	ID(s *Session) string
	// Banner greets the client.
	Banner(s *Session) string
	// HELO answers HELO.
	HELO(s *Session) string
	// EHLO is the lines of the answer to EHLO and LHLO without their code: the
	// greeting, then the keywords. The server leaves STARTTLS out where it has
	// no certificate and once TLS is on.
	EHLO(s *Session) []string
	// Mail answers MAIL; s.From and s.Size are set. Anything but 2xx refuses.
	Mail(s *Session) string
	// Rcpt answers RCPT; s.To holds the recipients taken before. Anything but
	// 2xx refuses.
	Rcpt(s *Session, rcpt string) string
	// Data answers DATA: 354, or a refusal.
	Data(s *Session) string
	// Taken answers the end of data of a message of so many bytes.
	Taken(m *Message, size int64) string
	// Say is everything else.
	Say(s *Session, cue Cue) string
	// Refusal fills the placeholders of a fault's reply: {ip} the client's
	// address, {server} the fake's name, {trailer} what a server signs its
	// refusals with, {rcpt} the recipient at hand.
	Refusal(s *Session, rcpt, reply string) string
}

// Cue names a reply that depends on little but the command.
type Cue string

// The cues.
const (
	CueReset          Cue = "rset"
	CueNoop           Cue = "noop"
	CueQuit           Cue = "quit"
	CueVerify         Cue = "vrfy"
	CueHelp           Cue = "help"
	CueStartTLS       Cue = "starttls"
	CueChunk          Cue = "chunk"          // a BDAT that was not the last
	CueHelloFirst     Cue = "hello first"    // MAIL before EHLO
	CueNeedMail       Cue = "need mail"      // RCPT before MAIL
	CueNeedRcpt       Cue = "need rcpt"      // DATA before RCPT
	CueSenderTwice    Cue = "sender twice"   // MAIL after MAIL
	CueBadSequence    Cue = "bad sequence"   // any other wrong order
	CueUnknown        Cue = "unknown"        // no such command
	CueLineTooLong    Cue = "line too long"  //
	CueBadSyntax      Cue = "bad syntax"     // arguments that cannot be read
	CueBadSender      Cue = "bad sender"     // an address that cannot be read
	CueBadRecipient   Cue = "bad recipient"  //
	CueBadParameter   Cue = "bad parameter"  // of MAIL or RCPT
	CueNotASCII       Cue = "not ascii"      // such an address without SMTPUTF8
	CueNoTLS          Cue = "no tls"         // STARTTLS that is not offered
	CueBadMechanism   Cue = "bad mechanism"  // AUTH with one that is not offered
	CueTooBig         Cue = "too big"        //
	CueTooManyRcpts   Cue = "too many rcpts" //
	CueTooManyClients Cue = "too many"       // sessions
	CueIdle           Cue = "idle"           // the client was silent too long
	CueOver           Cue = "over"           // the session has lasted too long
	CueFailed         Cue = "failed"         // the caller's Open or Write failed
)

// Cues are all cues, so that a persona's test can ask for each.
func Cues() []Cue {
	return []Cue{
		CueReset, CueNoop, CueQuit, CueVerify, CueHelp, CueStartTLS, CueChunk, CueHelloFirst,
		CueNeedMail, CueNeedRcpt, CueSenderTwice, CueBadSequence, CueUnknown, CueLineTooLong,
		CueBadSyntax, CueBadSender, CueBadRecipient, CueBadParameter, CueNotASCII, CueNoTLS,
		CueBadMechanism, CueTooBig, CueTooManyRcpts, CueTooManyClients, CueIdle, CueOver, CueFailed,
	}
}
