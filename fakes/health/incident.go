package health

import (
	"slices"
	"time"
)

// Incident is one outage as the provider told it.
type Incident struct {
	ID     string // "EX1331830"
	Title  string
	Impact string // the user impact
	// Service is the name of a service, as in Services; "" is Exchange Online.
	Service string
	Feature string // "Mailflow - delayed delivery from Internet"
	Group   string // the feature group, "E-Mail timely delivery"
	// Advisory: it is classified as an advisory, not as an incident.
	Advisory bool
	Origin   string // "thirdParty", say; "" is microsoft
	// Start is when it began, which is what it says from the moment it is
	// shown; that is Lag later.
	Start time.Time
	Lag   time.Duration
	// Updates are its posts and changes of status. What is due before the
	// incident is shown appears with it, under that date.
	Updates []Update
	// End is when it ended, as the posts will say; zero: it stays open. Unless
	// an update resolves it, it is restored at End.
	End time.Time
	// Review is the post-incident review.
	Review Review
}

// Update is one post, or a change of status without one where Current is "".
// What it leaves empty stays as the updates before it said; Title and Impact as
// the Incident says.
type Update struct {
	At      time.Time
	Status  Status
	Title   string
	Impact  string
	More    string // "More info"
	Current string // "Current status", or "Final status" once it is over
	Scope   string // "Scope of impact", which tends to widen
	Cause   string // "Root cause"
	// Next is the time of the next update; it holds for this post alone.
	Next time.Time
}

// Review is a post-incident review document.
type Review struct {
	At       time.Time // when it is published; zero: never
	Type     string    // of the document; "" is application/octet-stream
	Document []byte
}

// Visible is when the incident is first shown.
func (i *Incident) Visible() time.Time { return i.Start.Add(i.Lag) }

// DefaultService is the service of an Incident that names none.
const DefaultService = "Exchange Online"

func (i *Incident) service() string {
	if i.Service == "" {
		return DefaultService
	}
	return i.Service
}

// course is all updates in the order and at the times in which they are seen,
// those included that End and Review stand for.
func (i *Incident) course() []Update {
	all := slices.Clone(i.Updates)
	ends := slices.ContainsFunc(all, func(u Update) bool { return u.Status.over() })
	if !i.End.IsZero() && !ends {
		all = append(all, Update{At: i.End, Status: Restored})
	}
	if !i.Review.At.IsZero() {
		all = append(all, Update{At: i.Review.At, Status: ReviewPublished})
	}
	slices.SortStableFunc(all, func(a, b Update) int { return a.At.Compare(b.At) })
	for n := range all {
		if all[n].At.Before(i.Visible()) {
			all[n].At = i.Visible()
		}
	}
	return all
}

// issueAt is the incident as it is shown at a moment, nil if it is not.
func (i *Incident) issueAt(now time.Time) *issue {
	if now.Before(i.Visible()) {
		return nil
	}
	shown := &issue{
		Start: moment{i.Start}, Modified: moment{i.Visible()}, Title: i.Title, ID: i.ID,
		Impact: i.Impact, Classification: "incident", Origin: "microsoft", Status: Degradation,
		Service: i.service(), Feature: i.Feature, Group: i.Group, Details: []detail{}, Posts: []post{},
	}
	keep(&shown.Origin, i.Origin)
	if i.Advisory {
		shown.Classification = "advisory"
	}
	told := Update{Title: i.Title, Impact: i.Impact, Status: Degradation}
	for _, u := range i.course() {
		if u.At.After(now) {
			break
		}
		i.tell(shown, &told, u)
	}
	return shown
}

// tell shows one more update; told is what all before it said.
func (i *Incident) tell(shown *issue, told *Update, u Update) {
	keep(&told.Title, u.Title)
	keep(&told.Impact, u.Impact)
	keep(&told.More, u.More)
	keep(&told.Scope, u.Scope)
	keep(&told.Cause, u.Cause)
	keep(&told.Status, u.Status)
	told.Current, told.Next, told.At = u.Current, u.Next, u.At
	shown.Title, shown.Impact, shown.Status = told.Title, told.Impact, told.Status
	shown.Modified = moment{u.At}
	shown.Resolved, shown.End = told.Status.over(), nil
	if shown.Resolved {
		shown.End = &moment{i.End}
		if i.End.IsZero() {
			shown.End = &moment{u.At}
		}
	}
	if u.Current != "" {
		shown.Posts = append(shown.Posts, post{
			Created: moment{u.At}, Type: "regular",
			Description: description{"html", i.text(told, shown.End)},
		})
	}
}

func keep[T ~string](old *T, now T) {
	if now != "" {
		*old = now
	}
}
