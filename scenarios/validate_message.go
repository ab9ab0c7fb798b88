package scenarios

import (
	"regexp"
	"strconv"
	"strings"
)

// maxMessages bounds the messages that are written out: more are drawn.
const maxMessages = 10_000

var (
	messageIDs = regexp.MustCompile(`^m[1-9][0-9]{0,8}$`)
	// Mailboxes are plain: whatever is peculiar is in the content.
	localParts = regexp.MustCompile(`^[A-Za-z0-9]+([._+-][A-Za-z0-9]+)*$`)
)

// messages checks the mail that is written out.
func (v *validator) messages() {
	if n := len(v.s.Messages); n > maxMessages {
		v.say("messages", "let routes draw them", "there are %d messages, more than %d", n, maxMessages)
		return
	}
	ids := map[string]bool{}
	for i, m := range v.s.Messages {
		path := item("messages", i)
		if !messageIDs.MatchString(m.ID) {
			v.say(join(path, "id"), `write "m" and a number, such as m17`,
				"%q is no message's id", clip(m.ID))
		}
		v.fresh(join(path, "id"), "messages", m.ID, ids)
		if !v.broken("from", "until", join(path, "at")) && m.At.IsSet() &&
			(m.At.Time.Before(v.s.From.Time) || !m.At.Time.Before(v.s.Until.Time)) {
			v.say(join(path, "at"), "let it be from from on and before until",
				"message %s is not within the scenario", clip(m.ID))
		}
		v.envelope(m, path)
		v.content(m, path)
	}
}

// envelope: the addresses belong to the cohorts of the message's route.
func (v *validator) envelope(m Message, path string) {
	if v.broken("routes", "cohorts") {
		return
	}
	var names []string
	var route Route
	for _, r := range v.s.Routes {
		names = append(names, r.Name)
		if r.Name == m.Route {
			route = r
		}
	}
	if !v.oneOf(join(path, "route"), "route", m.Route, names) {
		return
	}
	v.mailbox(join(path, "from"), m.From, route.From)
	if len(m.To) == 0 || len(m.To) > maxRecipients {
		v.say(join(path, "to"), "write 1 to 1000 addresses", "message %s has %d recipients",
			clip(m.ID), len(m.To))
	}
	seen := map[string]bool{}
	for i, to := range m.To {
		v.mailbox(item(join(path, "to"), i), to, route.To)
		v.fresh(item(join(path, "to"), i), "recipients", strings.ToLower(to), seen)
	}
}

// mailbox checks that an address is one of a cohort's.
func (v *validator) mailbox(path, address, cohort string) {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || len(local) > 64 || !localParts.MatchString(local) {
		v.say(path, "write a plain address such as u1@kaede.example",
			"%q is no plain address", clip(address))
		return
	}
	v.oneOf(path, "a domain of cohort "+cohort, domain, v.s.cohort(cohort).Domains)
}

func (v *validator) content(m Message, path string) {
	if m.Size < 0 || m.Size > maxSize {
		v.say(join(path, "size"), "157286400 is what Exchange Online announces",
			"message %s has %d bytes", clip(m.ID), m.Size)
	}
	if m.Dirt != "" {
		v.oneOf(join(path, "dirt"), "dirt", string(m.Dirt), []string{string(GTUBE), string(EICAR)})
	}
	for i, shape := range m.Shape {
		v.oneOf(item(join(path, "shape"), i), "shape", shape, MessageShapes)
	}
	if _, err := strconv.ParseUint(m.Content, 16, 64); m.Content != "" && err != nil {
		v.say(join(path, "content"), "write up to 16 hexadecimal digits, or leave it out",
			"%q is no seed", clip(m.Content))
	}
}
