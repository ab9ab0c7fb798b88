package office365

import (
	"strings"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// Receiving counts what each mailbox has received, and refuses what is over the
// hourly limits. Its refusals are permanent by their code although an hour
// heals them: a relay that believes the code bounces good mail.
type Receiving struct {
	mu    sync.Mutex
	boxes map[string]*hour
}

// hour is a mailbox's count, from the message that began it.
type hour struct {
	began time.Time
	all   int
	from  map[string]int
}

// take counts a message for its recipients; it is refused where none of them
// may take it.
func (r *Receiving) take(m *smtpfake.Message) (refusal string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.boxes == nil {
		r.boxes = map[string]*hour{}
	}
	from, taken := strings.ToLower(m.From), 0
	for _, rcpt := range m.To {
		h := r.of(strings.ToLower(rcpt), m.Now())
		switch {
		case h.all >= ReceivedPerHour:
			refusal = RecipientLimit
		case h.from[from] >= ReceivedFromOne:
			refusal = RecipientLimitOfOne
		default:
			h.all++
			h.from[from]++
			taken++
		}
	}
	if taken > 0 {
		return "" // for the others a DSN would come from inside the service
	}
	return refusal
}

func (r *Receiving) of(rcpt string, now time.Time) *hour {
	h := r.boxes[rcpt]
	if h == nil || now.Sub(h.began) >= time.Hour {
		h = &hour{began: now, from: map[string]int{}}
		r.boxes[rcpt] = h
	}
	return h
}
