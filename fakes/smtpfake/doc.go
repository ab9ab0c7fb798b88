// Package smtpfake owns the conversation of a fake mail server: a scriptable
// SMTP and LMTP endpoint on any net.Listener, whose every reply is chosen by a
// Persona and whose every stage can be made to go wrong by Faults.
//
// The engine is its own, on net.Conn and bufio, and not a mail server library:
// the texts, the order and the grouping of replies are what a fake is about,
// and a library decides them for its user. It is also asked for more messages
// a second than the relay under test can bring.
//
// # Triggers
//
// With Server.Triggers set, any client can ask for a fault by the recipient it
// names: the local part is STAGE-CODE, STAGE-CODE-ENHANCED, STAGE-ACTION or
// STAGE-ACTION-TIME, in any case:
//
//	rcpt-451-4.7.500@mx.test   that RCPT is answered 451 4.7.500
//	data-421@mx.test           DATA is answered 421, and the session closed
//	body-reset@mx.test         a RST when the body begins
//	eod-reset@mx.test          a RST after the final dot, the message not taken
//	accepted-close@mx.test     a FIN after the message was taken, no reply
//	eod-stall-90s@mx.test      90 s of silence before the reply; without a time,
//	                           silence until the client leaves
//	eod-slow-2m@mx.test        the reply comes two minutes late
//	eod-garble@mx.test         also -cut, -ahead, -swap and -split: see Do
//	banner-554-5.3.2@mx.test   stages before RCPT (connect, banner, ehlo,
//	                           starttls, handshake, secured, auth, mail): the
//	                           next session of the same client address, once
//
// A recipient that asks for nothing, or for what does not exist, is an ordinary
// one. Refusing a connection is no session's business: see Gate.
//
// # What a real client makes of it
//
// testdata/CLIENTS.md has it of curl, swaks, Python's smtplib and openssl
// s_client, for each fault at each stage; a test keeps it true.
//
// Seen in the log of Postfix 3.7.11, smtp(8), when it met these faults:
//
//	connect, gate refuses   connect to MX[IP]:25: Connection refused; deferred
//	connect, gate drops     connect to MX[IP]:25: Connection timed out; deferred
//	banner, garble          conversation with MX[IP] timed out while receiving the
//	                        initial server greeting: it waits for a line that it
//	                        can read, for as long as it waits for a silent server
//	banner, reply 421       host MX[IP] refused to talk to me: 421 ...; deferred
//	ehlo, cut               lost connection with MX[IP] while performing the EHLO
//	                        handshake; deferred
//	mail, ahead             the 354 is read as the reply to RCPT: bounced
//	rcpt, swap              host MX[IP] said: 354 ... (in reply to RCPT TO command):
//	                        bounced, a failure for good
//	rcpt, reply 451 5.7.1   host MX[IP] said: 451 5.7.1 ...; deferred: the code
//	                        decides, not the enhanced one
//	accepted, close         lost connection with MX[IP] while sending end of data --
//	                        message may be sent more than once; deferred, and sent
//	                        a second time
//
// It must not know scenarios, relays or the meaning of a message: what arrives
// goes to a Sink, what happened goes to Ended, both of the caller. It opens no
// listener, starts no process and logs nothing.
package smtpfake
