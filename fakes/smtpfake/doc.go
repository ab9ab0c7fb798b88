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
//	eod-garble@mx.test         also -cut, -ahead and -swap: see Do
//	banner-554-5.3.2@mx.test   stages before RCPT (connect, banner, ehlo,
//	                           starttls, handshake, secured, auth, mail): the
//	                           next session of the same client address, once
//
// A recipient that asks for nothing, or for what does not exist, is an ordinary
// one. Refusing a connection is no session's business: see Gate.
//
// It must not know scenarios, relays or the meaning of a message: what arrives
// goes to a Sink, what happened goes to Ended, both of the caller. It opens no
// listener, starts no process and logs nothing.
package smtpfake
