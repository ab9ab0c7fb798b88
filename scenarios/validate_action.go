package scenarios

import (
	"fmt"
	"slices"
)

// The actions by what they are done to.
var (
	toDoors   = []Action{Refuse, SynDrop}
	toReplies = []Action{Cut, Garble, Ahead, Swap, Split}
	toMail    = []Action{Hold, Quarantine, Lose}
	toLookups = []Action{ServFail, NXDomain, Timeout, Truncate, Answer}
)

// action checks that stage and action make sense together. Each rule is about
// what SMTP lets a server do there (RFC 5321 sections 3.1 to 3.8).
func (v *validator) action(f Fault, path string) {
	bad := func(field, cure, format string, args ...any) {
		v.say(join(path, field), cure, "fault %q: %s", f.Name, fmt.Sprintf(format, args...))
	}
	replies := slices.Contains(toReplies, f.Do)
	if f.Do == Reply || replies && f.Reply != "" {
		v.reply(f, path)
	} else if f.Reply != "" {
		bad("reply", `use "do: reply", or leave the reply out`, "do: %s gives no reply", f.Do)
	}
	if (f.Do == Reply || replies) && f.Stage == StageConnect {
		bad("stage", "use stage banner", "there is nothing to reply to at connect")
	}
	if f.Stage == StageBody && f.Do == Reply {
		bad("do", "use stage data or eod", "a server cannot reply in the middle of a body")
	}
	if f.Stage == StageBody && replies {
		bad("stage", "use stage eod", "a body has no reply of its own to %s", f.Do)
	}
	if slices.Contains([]Action{Ahead, Swap}, f.Do) &&
		slices.Contains([]Stage{StageHandshake, StageQuit}, f.Stage) {
		bad("do", "use cut or garble, or an earlier stage", "no reply comes after stage %s", f.Stage)
	}
	v.figures(f, bad)
	v.placed(f, bad)
	v.sizes(f, bad)
	v.lookup(f, path, bad)
}

// complaint tells of a field of the fault at hand.
type complaint func(field, cure, format string, args ...any)

// figures checks the numbers that belong to one action or stage only.
func (v *validator) figures(f Fault, bad complaint) {
	if f.Do == Slow && f.Delay <= 0 && f.Rate <= 0 {
		bad("do", `add "delay: 30s"`, "slow needs a delay")
	}
	if f.Do == Split && f.Delay <= 0 {
		bad("do", `add "delay: 20s"`, "split needs to know how long the rest waits")
	}
	if f.Delay != 0 && !slices.Contains([]Action{Slow, Stall, Hold, Quarantine, Split}, f.Do) {
		bad("delay", `use "do: slow", or leave the delay out`, "do: %s takes no delay", f.Do)
	}
	if f.Rate < 0 || f.Rate > 0 && f.Do != Slow {
		bad("rate", `use "do: slow" with a positive rate, or leave the rate out`,
			"do: %s takes no rate of %d", f.Do, f.Rate)
	}
	parts := f.Do == Cut || f.Do == Split
	if parts && f.Bytes <= 0 {
		bad("do", `add "bytes: 6"`, "%s needs to know how many bytes are sent", f.Do)
	}
	if !parts && f.Bytes != 0 {
		bad("bytes", `use "do: cut", or leave bytes out`, "do: %s counts no bytes", f.Do)
	}
	if f.Stage == StageBody && f.After <= 0 && (f.Do != Slow || f.Rate <= 0) {
		bad("stage", `add "after: 20000" (bytes of the body)`, "stage body needs after")
	}
	if f.Stage != StageBody && f.After != 0 {
		bad("after", "use stage body", "after counts bytes of the body, not of stage %s", f.Stage)
	}
}

// placed checks the actions that have one stage only.
func (v *validator) placed(f Fault, bad complaint) {
	only := func(actions []Action, stage Stage, why string) {
		if slices.Contains(actions, f.Do) && f.Stage != stage {
			bad("stage", "use stage "+string(stage), "do: %s %s", f.Do, why)
		}
	}
	only(toDoors, StageConnect, "meets whoever connects, before any session")
	only(toMail, StageAccepted, "is about mail that was taken")
	only(toLookups, StageLookup, "is an answer of the DNS")
	only([]Action{Withdraw}, StageRequest, "is about tokens")
	if f.Stage == StageLookup && !slices.Contains(toLookups, f.Do) {
		bad("do", "use one of servfail, nxdomain, timeout, truncate, answer",
			"do: %s is nothing that the DNS can do", f.Do)
	}
	if slices.Contains(toDoors, f.Do) {
		if len(f.Share) > 0 || f.First+f.Every+f.Attempts > 0 || f.Feedback != nil ||
			len(f.Cap) > 0 || f.History != nil || len(f.Where.Sources) > 0 {
			bad("do", `use "front_ends: 0.5" in where, wave or hours; or do: reset`,
				"an address refuses all or nobody, so do: %s takes no share", f.Do)
		}
	}
	if slices.Contains(toMail, f.Do) && f.Where.Place() == AtSpare {
		bad("where", "take it away from the spare store", "do: %s is about mailboxes of tenants", f.Do)
	}
}

// sizes checks the selectors that need to know the message or recipient.
func (v *validator) sizes(f Fault, bad complaint) {
	w := f.Where
	late := slices.Contains([]Stage{StageEOD, StageAccepted}, f.Stage)
	if w.MinBytes > 0 && !late {
		bad("where", "use stage eod or accepted, or leave min_bytes out",
			"the size is not known at stage %s", f.Stage)
	}
	if w.MaxBytes > 0 && !late {
		bad("where", "use stage eod or accepted, or leave max_bytes out",
			"the size is not known at stage %s", f.Stage)
	}
	if w.Attachment && !late {
		bad("where", "use stage eod or accepted, or leave attachment out",
			"the content is not known at stage %s", f.Stage)
	}
	named := slices.Index(Stages, f.Stage) >= slices.Index(Stages, StageRcpt)
	if len(w.Recipients) > 0 && !named {
		bad("where", "use stage rcpt or later, or leave recipients out",
			"no recipient is known at stage %s", f.Stage)
	}
	if f.Attempts > 0 && slices.Index(Stages, f.Stage) < slices.Index(Stages, StageMail) {
		bad("attempts", "use stage mail or later, or first", "no message is known at stage %s", f.Stage)
	}
}

// lookup checks what is for stage lookup alone.
func (v *validator) lookup(f Fault, path string, bad complaint) {
	if f.Stage != StageLookup {
		for field, set := range map[string]bool{
			"lookup": len(f.Lookup) > 0, "answers": len(f.Answers) > 0, "as": f.As != "", "ttl": f.TTL != 0,
			"takes": f.Takes,
		} {
			if set {
				bad(field, "use stage lookup", "%s is about the DNS, not about stage %s", field, f.Stage)
			}
		}
		return
	}
	for i, kind := range f.Lookup {
		v.oneOf(item(join(path, "lookup"), i), "the question", kind, []string{"mx", "a"})
	}
	if f.Where.Place() == AtSpare {
		bad("where", "take it away from the spare store", "the spare store is found without fail")
	}
	if f.Where.FrontEnds > 0 || len(f.Where.Sources) > 0 || len(f.Cap) > 0 || f.History != nil {
		bad("where", "leave front_ends, sources, cap and history out",
			"a question to the DNS knows no address yet")
	}
	if f.Do != Answer {
		if len(f.Answers) > 0 || f.As != "" || f.TTL != 0 || f.Takes {
			bad("do", `use "do: answer", or leave answers, as, takes and ttl out`, "do: %s gives no answer", f.Do)
		}
		return
	}
	if (len(f.Answers) > 0) == (f.As != "") {
		bad("do", `add "as: FOREST", or "answers: [...]" and not both`,
			"answer needs to know what is answered")
	}
	if f.Takes && f.As == "" {
		bad("takes", `add "as: FOREST"`, "takes needs to know who takes the mail")
	}
	if f.As != "" && len(f.Lookup) != 1 || len(f.Answers) > 0 && len(f.Lookup) != 1 {
		bad("do", `add "lookup: [a]", or "lookup: [mx]" for host names`,
			"a wrong answer is to one kind of question")
		return
	}
	v.wrongAnswers(f, path, bad)
}
