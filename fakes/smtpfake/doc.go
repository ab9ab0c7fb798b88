// Package smtpfake owns the conversation of a fake mail server: a scriptable
// SMTP and LMTP endpoint on any net.Listener, whose every reply is chosen by a
// Persona and whose every stage can be made to go wrong by Faults.
//
// The engine is its own, on net.Conn and bufio, and not a mail server library:
// the texts, the order and the grouping of replies are what a fake is about,
// and a library decides them for its user. It is also asked for more messages
// a second than the relay under test can bring.
//
// It must not know scenarios, relays or the meaning of a message: what arrives
// goes to a Sink, what happened goes to Ended, both of the caller. It opens no
// listener, starts no process and logs nothing.
package smtpfake
