package health

import (
	"strings"
	"time"
)

// spoken is how posts print times: "Friday, August 21, 2020, at 6:10 PM UTC" (a
// public copy of the service's own data).
const spoken = "Monday, January 2, 2006, at 3:04 PM UTC"

// text is a post: paragraphs with the headings, and in the order, of the
// service's own (S10; the last lines from the same public copy).
func (i *Incident) text(told *Update, end *moment) string {
	var all []string
	add := func(heading, s string) {
		if s != "" {
			all = append(all, heading+": "+s)
		}
	}
	state := "Current status"
	if end != nil {
		state = "Final status"
	}
	add("Title", told.Title)
	add("User impact", told.Impact)
	add("More info", told.More)
	add(state, told.Current)
	add("Scope of impact", told.Scope)
	add("Start time", say(i.Start))
	if end != nil {
		add("End time", say(end.Time))
	}
	add("Root cause", told.Cause)
	add("Next update by", say(told.Next))
	if end != nil && told.Next.IsZero() {
		all = append(all, "This is the final update for the event.")
	}
	return strings.Join(all, "\n\n")
}

func say(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(spoken)
}
