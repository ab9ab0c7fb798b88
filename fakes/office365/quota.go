package office365

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// The limits of client submission (learn.microsoft.com, Improvements in SMTP
// client submission; Exchange Team Blog 607825).
const (
	SubmissionsAtOnce   = 3
	SubmissionsAMinute  = 30
	SubmissionsAllADay  = 10_000 // recipients
	submissionSlot      = time.Minute / SubmissionsAMinute
	submissionAllowance = time.Minute - submissionSlot
)

// Quota holds each mailbox to the limits of client submission. Share one
// between the front ends of a forest; give Faults and Left to each server.
type Quota struct {
	mu    sync.Mutex
	users map[string]*usage
}

// usage is what one mailbox does.
type usage struct {
	sessions []string // by id, in the order in which they were first seen
	due      time.Time
	day      time.Time
	rcpts    int
}

// Faults refuses a fourth session's mail with 432 at the end of data, which few
// relays know, and what is over the day's recipients with 554. Mail beyond 30 a
// minute is not refused but delayed, and carried over.
func (q *Quota) Faults(p smtpfake.Point) *smtpfake.Act {
	user := strings.ToLower(p.Session.User)
	if user == "" || p.Stage != smtpfake.StageMail && p.Stage != smtpfake.StageEOD {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.users == nil {
		q.users = map[string]*usage{}
	}
	u := q.users[user]
	if u == nil {
		u = &usage{}
		q.users[user] = u
	}
	at := slices.Index(u.sessions, p.Session.ID)
	if at < 0 {
		at = len(u.sessions)
		u.sessions = append(u.sessions, p.Session.ID)
	}
	if p.Stage == smtpfake.StageMail {
		return nil
	}
	now := p.Session.Now()
	if now.Sub(u.day) >= 24*time.Hour {
		u.day, u.rcpts = now, 0
	}
	switch {
	case at >= SubmissionsAtOnce:
		return &smtpfake.Act{Do: smtpfake.Reply, Reply: named("submit-concurrent")}
	case u.rcpts+len(p.Session.To) > SubmissionsAllADay:
		return &smtpfake.Act{Do: smtpfake.Reply, Reply: named("submission-quota")}
	}
	u.rcpts += len(p.Session.To)
	return u.delay(now)
}

// delay is that of a leaky bucket: a minute's worth may come at once.
func (u *usage) delay(now time.Time) *smtpfake.Act {
	if u.due.Before(now) {
		u.due = now
	}
	wait := u.due.Sub(now) - submissionAllowance
	u.due = u.due.Add(submissionSlot)
	if wait <= 0 {
		return nil
	}
	return &smtpfake.Act{Do: smtpfake.Slow, Delay: wait}
}

// Left forgets a session that is over.
func (q *Quota) Left(s smtpfake.Session) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if u := q.users[strings.ToLower(s.User)]; u != nil {
		u.sessions = slices.DeleteFunc(u.sessions, func(id string) bool { return id == s.ID })
	}
}
