package harness

import "github.com/hansei-mail/hansei/harness/evidence"

// killInData kills when the next message has been handed over and is not yet
// answered. The sender that handed it over does it itself, so that nothing comes
// between, and says in the evidence which message it was; an evidence without that
// tells of a moment that never came.
func (c *conductor) killInData(name string, kill func() error) {
	c.sender.NextInData(func(msg string) {
		if kill() == nil {
			c.log.Append(evidence.Event{
				Kind: evidence.KindStep, Actor: evidence.Relay, Step: "kill done", Name: name,
				Msg: msg,
			})
		}
	})
}
